import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTES, type AttributeSpec } from '../../../src/schema.ts';
import { ROUTES } from '../../../src/sdk/routes.ts';

const sdk = dirname(createRequire(import.meta.url).resolve('@anthropic-ai/sdk'));
const NAME = /(['"])((?:gen_ai|anthropic|http|url|server|error)\.[a-z][a-z0-9_.]*)\1/g;

/** Attributes of the spans of the SDK's tool runner, which are neither calls nor attempts. */
const OF_TOOL_SPANS = [
  'anthropic.tool_result.content',
  'anthropic.toolset.name',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.id',
  'gen_ai.tool.description',
  'gen_ai.tool.name',
  'gen_ai.tool.type',
];
/** What the SDK records in its content mode alone, and we by an option of ours. */
const CONTENT = [
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.request.stop_sequences',
  'gen_ai.system_instructions',
];
const CALL_NAMES: ReadonlySet<string> = new Set(ROUTES.map(([, , name]) => name));
/** Names of the SDK's spans that are neither calls nor attempts. */
const OTHER_SPANS = /^anthropic\.(?:messages\.tool_runner|(?:custom_|mcp_)?tool_use|environment\.work)$/;

/** The names of attributes in the source of the newest SDK's tracing. */
function namesOfSdk(): string[] {
  const folders = ['internal', 'lib/internal', 'lib/internal/tracing', 'resources'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(sdk, folder), { recursive: folder === 'resources', encoding: 'utf8' })
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => join(sdk, folder, file)),
  );
  const names = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(NAME)].map(([, , name = '']) => name),
  );
  return [...new Set(names)].filter((name) => !CALL_NAMES.has(name) && !OTHER_SPANS.test(name)).sort();
}

describe('the schema and the newest SDK’s native spans', () => {
  const names = namesOfSdk();
  const ofCalls = Object.entries(ATTRIBUTES as Readonly<Record<string, AttributeSpec>>).filter(([, { on }]) =>
    on.includes('call'),
  );

  it('every attribute that a native call span can have is in the schema', () => {
    const ours = new Map(ofCalls);
    const missing = names.filter((name) => !OF_TOOL_SPANS.includes(name) && !ours.has(name));
    expect(missing).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(OF_TOOL_SPANS));
  });

  it('the schema says of each whether it is the SDK’s', () => {
    const native = ofCalls.filter(([, spec]) => spec.native).map(([name]) => name);
    const expected = names.filter((name) => !OF_TOOL_SPANS.includes(name) && !CONTENT.includes(name));
    expect(native.sort()).toEqual(expected);
  });
});
