import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What stands in `src/`, from above to below. Each imports what is its own, and what stands below it. */
const LAYERS = [
  ['register', 'register-by-import', 'hook', 'index', 'cli'],
  ['preload'],
  ['instrumentation', 'loader'],
  ['sdk', 'telemetry', 'demo'],
  ['config'],
  ['redaction', 'diagnosis'],
  ['facts', 'guard', 'say'],
  ['schema', 'fresh-gauges'],
  ['api'],
  [
    'bundled',
    'decoded',
    'hidden-property',
    'longest-timer',
    'memo',
    'otel-shapes',
    'server',
    'terminal',
    'version',
    'working-folder',
  ],
];

const entries = readdirSync(join(root, 'src'));
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** `config` for `config.ts` and for what is in `config/`. */
const partOf = (file: string): string => file.replace(/(?:\.ts$|\/).*/s, '');
const depthOf = (part: string): number => LAYERS.findIndex((layer) => layer.includes(part));

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  return [...text.matchAll(/(?:from|import) '(\.[^']+)'/g)].map(([, path = '']) =>
    posix.join(posix.dirname(file), path),
  );
}

describe('the layout of the code', () => {
  it('every part of it has its layer', () => {
    expect([...new Set(entries.map(partOf))].sort()).toEqual(LAYERS.flat().sort());
  });

  it('imports go downward', () => {
    const upward = files.flatMap((file) =>
      importsOf(file)
        .filter((other) => partOf(other) !== partOf(file) && depthOf(partOf(other)) <= depthOf(partOf(file)))
        .map((other) => `${file} imports ${other}`),
    );
    expect(upward).toEqual([]);
  });

  it('a folder with an index is entered by it alone', () => {
    const past = files.flatMap((file) =>
      importsOf(file)
        .filter((other) => partOf(other) !== partOf(file) && other.includes('/'))
        .filter((other) => !other.endsWith('/index.ts') && files.includes(`${partOf(other)}/index.ts`))
        .map((other) => `${file} imports ${other}`),
    );
    expect(past).toEqual([]);
  });

  it.each(entries)('CONTRIBUTING says what src/%s is', (entry) => {
    const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
    expect(text).toMatch(new RegExp(`\`src/${entry.replaceAll('.', '\\.')}[\`/]`));
  });
});
