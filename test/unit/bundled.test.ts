import { describe, expect, it } from 'vitest';
import { isBundled } from '../../src/bundled.ts';

const FILE = 'loader/register.js';
const url = `file:///app/node_modules/opentelemetry-instrumentation-anthropic/dist/${FILE}`;

describe('a module is told to be in a bundle', () => {
  it.each([
    ['Node itself, or tsx', url, false],
    ['a loader that loads it anew', `${url}?v=1`, false],
    ['esbuild and Rollup, to an ES module', 'file:///app/dist/server.mjs', true],
    ['esbuild, to CommonJS', undefined, true],
  ])('by what %s makes of import.meta.url', (_who, seen, expected) => {
    expect(isBundled(seen, FILE)).toBe(expected);
  });
});
