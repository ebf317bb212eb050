import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runExplainCommand } from '../../../src/cli/explain/command.ts';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { runScript } from '../../support/run.ts';
import type { Sdk } from '../../support/sdk-builds.ts';
import { NEWEST_SDK, sdkFolder } from '../../support/sdks.ts';
import { closedPort } from '../../support/servers.ts';
import { KEY, startWorld, type World } from './support.ts';

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
  expect(count).toBeGreaterThan(OTHERS.length);
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
      env: {
        ...world.env,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_NODE_RESOURCE_DETECTORS: 'none',
      },
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

/** What the newest SDK throws for a call to `baseURL`. */
async function thrownBy(baseURL: string): Promise<Error> {
  const require = createRequire(join(sdkFolder(NEWEST_SDK), 'package.json'));
  const { default: Anthropic } = require('@anthropic-ai/sdk') as Sdk;
  const client = new Anthropic({ apiKey: KEY, baseURL, maxRetries: 0 });
  return client.messages
    .create({ model: 'claude-haiku-5-5', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] })
    .then(
      () => new Error('it did not fail'),
      (error: unknown) => error as Error,
    );
}

/** An answer of the API, and connections that failed. */
async function thrown(): Promise<readonly Error[]> {
  world.api.enqueue(reply.rateLimited({ bucket: 'input-tokens', limit: 20_000, retryAfterSeconds: 7 }));
  return [
    await thrownBy(world.api.url),
    await thrownBy(`http://127.0.0.1:${await closedPort()}`),
    new Error('Connection error.', { cause: new AggregateError([new Error('connect ECONNREFUSED ::1:1')]) }),
  ];
}

/** What `JSON.stringify` keeps of an error, with its headers. */
function propertiesOf(error: Error): Record<string, unknown> {
  const { headers } = error as Error & { readonly headers?: Headers };
  return { ...(JSON.parse(JSON.stringify(error)) as object), headers: Object.fromEntries(headers ?? []) };
}

/** As loggers serialize an error: with its class, its stack and its causes. */
function serialized(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const type = error.constructor.name;
  return {
    ...propertiesOf(error),
    type,
    name,
    message,
    stack,
    ...(cause instanceof Error && { cause: serialized(cause) }),
    ...(error instanceof AggregateError && { errors: (error.errors as Error[]).map(serialized) }),
  };
}

const AT = { '@timestamp': '2026-11-22T10:00:00Z', trace_id: 'ab'.repeat(16) };
const KEY_REFUSED = {
  level: 50,
  time: 1,
  msg: '401 {"type":"error","error":{"type":"authentication_error"}}',
};

describe('what else is JSON, of which any part is something else', () => {
  test.each([
    { form: 'JSON.stringify of an error', of: propertiesOf },
    { form: 'a serialized error', of: serialized },
    { form: 'pino', of: (error: Error) => ({ level: 50, time: 1, msg: 'failed', err: serialized(error) }) },
    { form: 'winston', of: (error: Error) => ({ level: 'error', ...serialized(error), ...AT }) },
    {
      form: 'the Elastic Common Schema, flat',
      of: ({ name, message, stack }: Error) => ({
        ...AT,
        'error.type': name,
        'error.message': message,
        'error.stack_trace': stack,
      }),
    },
    {
      form: 'AWS Lambda',
      of: ({ name, message, stack = '' }: Error) => ({
        timestamp: '2026-11-22T10:00:00Z',
        level: 'ERROR',
        message: { errorType: name, errorMessage: message, stackTrace: stack.split('\n') },
      }),
    },
    {
      form: 'attributes of our log record',
      of: ({ message }: Error) => ({
        level: 'ERROR',
        body: message,
        'error.type': 'rate_limit_error',
        'http.response.status_code': 429,
        'anthropic.rate_limit.cause': 'input_tokens',
        'anthropic.error.retryable': true,
        'anthropic.request.id': 'req_011CofTheCall',
      }),
    },
  ])('$form', async ({ of }) => {
    for (const error of await thrown()) {
      const value = of(error);
      expect(await unread(value, (changed) => JSON.stringify(changed))).toEqual([]);
      const others = [KEY_REFUSED, KEY_REFUSED].map((other) => JSON.stringify(other)).join('\n');
      const among = (changed: unknown): string => `${JSON.stringify(changed)}\n${others}`;
      expect(await unread(value, among, 'authentication_error')).toEqual([]);
    }
  });
});

const BODIES = {
  'of the API': {
    type: 'error',
    error: { type: 'rate_limit_error', message: 'too much', details: { error_code: 'spend_limit' } },
    request_id: 'req_011CexampleExample',
  },
  'of Amazon Bedrock': { __type: 'ThrottlingException', message: 'Too many tokens' },
  'of Google Vertex AI': [
    { error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED', details: [{}] } },
  ],
  'of a gateway': {
    error: {
      code: 429,
      message: 'litellm.RateLimitError: {"type":"error","error":{"type":"rate_limit_error"}}',
      metadata: { raw: '{"error":{"message":"too much"}}', provider_name: 'Anthropic' },
    },
  },
};

describe.each(Object.entries(BODIES))('a body %s, of which any part is something else', (_, body) => {
  test.each([
    { form: 'alone', of: (json: string) => json, told: '' },
    {
      form: 'as curl -i prints it',
      of: (json: string) => `HTTP/2 429 \r\nrequest-id: req_011CfromTheHeader\r\n\r\n${json}`,
      told: 'req_011CfromTheHeader',
    },
    {
      form: 'as the SDK prints it',
      of: (json: string) => `RateLimitError: 429 ${json}\n    at x (/y.js:1:2) {\n  status: 429\n}`,
      told: '429',
    },
    { form: 'in a log record', of: (json: string) => `{"level":50,"err":${json}}`, told: '' },
  ])('$form', async ({ of, told }) => {
    expect(await unread(body, (changed) => of(JSON.stringify(changed)), told)).toEqual([]);
  });
});

test('a Jaeger export, of which any part is something else', async () => {
  const traceID = 'cd'.repeat(16);
  const spanOf = (spanID: string, type: string) => ({
    traceID,
    spanID,
    operationName: 'anthropic.messages.create',
    references: [{ refType: 'CHILD_OF', traceID, spanID: '01' }],
    startTime: 1_790_000_000_000_000,
    tags: [
      { key: 'error', type: 'bool', value: true },
      { key: 'error.type', type: 'string', value: type },
    ],
    logs: [{ timestamp: 1, fields: [{ key: 'event', type: 'string', value: 'exception' }] }],
  });
  const other = spanOf('03', 'authentication_error');
  const first = spanOf('02', 'overloaded_error');
  const beside = (changed: unknown): string =>
    JSON.stringify({ data: [{ traceID, spans: [changed, other] }] });
  expect(await unread(first, beside, 'authentication_error')).toEqual([]);
  const before = (changed: unknown): string =>
    JSON.stringify({ data: [changed, { traceID, spans: [other] }] });
  expect(await unread({ traceID, spans: [first] }, before, 'authentication_error')).toEqual([]);
  expect(await unread({ data: [{ spans: [other] }] }, (changed) => JSON.stringify(changed))).toEqual([]);
});
