import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runExplainCommand } from '../../../src/cli/explain/command.ts';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { runScript } from '../../support/run.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';
import { startWorld, type World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** What may stand in JSON in place of anything else. Of the last no text and no number can be made. */
const OTHERS: readonly unknown[] = [null, 3, 1e300, 'x', [], {}, { toString: null, valueOf: null }];

interface Variant {
  /** What stands where. */
  readonly change: string;
  readonly value: unknown;
}

/** The value with each of its nodes in turn replaced by each of the others. */
function* variantsOf(value: unknown, at = '$'): Generator<Variant> {
  for (const other of OTHERS) yield { change: `${at} = ${JSON.stringify(other)}`, value: other };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    for (const { change, value: changed } of variantsOf(inner, `${at}.${key}`)) {
      yield {
        change,
        value: Array.isArray(value)
          ? value.with(Number(key), changed)
          : { ...(value as Record<string, unknown>), [key]: changed },
      };
    }
  }
}

/** What the command does with a text: its exit code, and all that it writes. */
async function outcomeOf(text: string): Promise<string> {
  const file = join(world.cwd, 'input.txt');
  await writeFile(file, text);
  let written = '';
  const stdout = { write: (part: string) => (written += part) };
  const onError = vi.spyOn(console, 'error').mockImplementation((line: string) => (written += line));
  try {
    const code = await runExplainCommand([file], { stdout, color: false });
    return `exit ${code}: ${written}`;
  } catch (error) {
    return `threw ${String(error)}`;
  } finally {
    onError.mockRestore();
  }
}

const ENDS = /^exit 0: .|^exit 1: .*: no error was found in the input$/s;

/** The changes of `value` with which the text of it is not read, or what is `told` in any case is not told. */
async function unread(value: unknown, textOf: (value: unknown) => string, told = ''): Promise<unknown> {
  const problems: string[] = [];
  let count = 0;
  for (const { change, value: changed } of variantsOf(value)) {
    const outcome = await outcomeOf(textOf(changed));
    const isRead = ENDS.test(outcome) && outcome.includes(told);
    if (!isRead || outcome.includes('[object')) problems.push(`${change}: ${outcome}`);
    count += 1;
  }
  expect(count).toBeGreaterThan(50);
  return problems;
}

describe('an OTLP export, of which any part is something else', () => {
  const SCRIPT = `
    import Anthropic from '@anthropic-ai/sdk';
    const messages = [{ role: 'user', content: 'x' }];
    await new Anthropic({ maxRetries: 1 }).messages.create({ model: 'claude-haiku-5-5', max_tokens: 1, messages }).catch(() => {});`;

  /** The parts of the preload's export of a call that is answered with an error. */
  async function exportOf(status: number, signal: 'traces' | 'logs', key: string): Promise<unknown[]> {
    const before = world.receiver.requests.length;
    world.api.setDefault(() => reply.error(status));
    await runScript({
      script: SCRIPT,
      sdk: NEWEST_SDK,
      build: 'esm',
      preload: 'import',
      env: { ...world.env, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    });
    world.api.setDefault(() => undefined);
    return world.receiver.requests
      .slice(before)
      .filter(({ path }) => path === `/v1/${signal}`)
      .flatMap(
        ({ rawBody }) => (JSON.parse(rawBody.toString('utf8')) as Record<string, unknown[]>)[key] ?? [],
      );
  }

  test.each([
    ['traces', 'resourceSpans'],
    ['logs', 'resourceLogs'],
  ] as const)('%s', async (signal, key) => {
    const [part, ...more] = await exportOf(529, signal, key);
    const others = [...more, ...(await exportOf(401, signal, key))];
    const beside = (value: unknown): string => JSON.stringify({ [key]: [value, ...others] });
    expect(await unread(part, beside, 'authentication_error')).toEqual([]);
  });

  test.each(['resourceSpans', 'resourceLogs', 'resourceMetrics'])('%s', async (key) => {
    for (const other of OTHERS) {
      const line = JSON.stringify({ [key]: other });
      for (const text of [line, `${line}\n${line}`]) {
        expect([text, await outcomeOf(text)]).toEqual([text, expect.stringMatching(/no error was found/)]);
      }
    }
  });
});
