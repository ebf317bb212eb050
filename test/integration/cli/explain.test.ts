import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain as explainInput } from '../../../src/cli/explain/explanation.ts';
import { readInput } from '../../../src/cli/explain/read/input.ts';
import { renderExplanations } from '../../../src/cli/explain/render.ts';
import { API_ERROR_TYPES } from '../../../src/diagnosis/index.ts';
import { reply } from '../../../src/demo/fake-api/index.ts';
import type { Sdk } from '../../support/sdk-builds.ts';
import { runScript } from '../../support/run.ts';
import { NEWEST_SDK, sdkFolder, SDKS, type SdkVersion } from '../../support/sdks.ts';
import { SAMPLES } from '../../support/samples.ts';
import { closedPort } from '../../support/servers.ts';
import { cli, KEY, startWorld, type World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

interface Told {
  readonly source: string;
  readonly count: number;
  readonly name?: string;
  readonly status?: number;
  readonly class: string;
  readonly error_type?: string;
  readonly hint?: string;
  readonly cause?: string;
  readonly code?: string;
  readonly retryable: boolean | null;
  readonly runbook: string;
  readonly support: string;
  readonly request_ids: readonly string[];
  readonly trace_ids: readonly string[];
  readonly attempts: readonly string[];
}

async function explain(input: string): Promise<readonly Told[]> {
  const { code, stdout, stderr } = await cli(['explain', '-', '--json'], { input });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { readonly explanations: readonly Told[] }).explanations;
}

const API_BODY = (type: string, message: string) =>
  JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_011CexampleExample' });

const LIMITED = API_BODY(
  'rate_limit_error',
  "This request would exceed your organization's rate limit of 20,000 input tokens per minute.",
);

/** What a call to `baseURL` fails with. */
const failing = async (version: SdkVersion, baseURL: string): Promise<unknown> => {
  const require = createRequire(join(sdkFolder(version), 'package.json'));
  const { default: Anthropic } = require('@anthropic-ai/sdk') as Sdk;
  const client = new Anthropic({ apiKey: KEY, baseURL, maxRetries: 0 });
  return client.messages
    .create({ model: 'claude-haiku-5-5', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] })
    .catch((error: unknown) => error);
};

describe('what the SDK prints', () => {
  test.each(SDKS.map(({ version }) => version))('an answer, from SDK %s', async (version) => {
    world.api.enqueue(reply.rateLimited({ bucket: 'input-tokens', limit: 20_000, retryAfterSeconds: 7 }));
    const error = (await failing(version, world.api.url)) as Error;
    for (const text of [inspect(error), error.message, error.stack ?? '', JSON.stringify(error)]) {
      const [told, ...more] = await explain(text);
      expect(more).toEqual([]);
      expect(told).toMatchObject({
        class: 'rate_limit',
        status: 429,
        cause: 'input_tokens',
        retryable: true,
        request_ids: [expect.stringMatching(/^req_/)],
        runbook: 'collector/runbooks/rate-limit.md',
      });
    }
  });

  test.each(SDKS.map(({ version }) => version))('a connection that failed, from SDK %s', async (version) => {
    const error = await failing(version, `http://127.0.0.1:${await closedPort()}`);
    expect(await explain(inspect(error))).toMatchObject([
      { source: 'SDK error', class: 'connection', hint: 'refused', code: 'ECONNREFUSED', retryable: true },
    ]);
  });

  test('an error in a stream', async () => {
    const text = `APIError: ${API_BODY('overloaded_error', 'Overloaded')}\n    at Stream.next (/x.js:1:2)`;
    expect(await explain(text)).toMatchObject([{ class: 'overloaded', hint: 'mid_stream', retryable: true }]);
  });
});

describe('bodies and responses', () => {
  test('a JSON body', async () => {
    expect(await explain(LIMITED)).toMatchObject([
      {
        source: 'JSON body',
        class: 'rate_limit',
        cause: 'input_tokens',
        request_ids: ['req_011CexampleExample'],
      },
    ]);
  });

  test('a response as curl -i prints it', async () => {
    const text = `HTTP/2 401 \r\nrequest-id: req_011CfromTheHeader\r\n\r\n${API_BODY('authentication_error', 'invalid x-api-key')}`;
    expect(await explain(text)).toMatchObject([
      {
        source: 'HTTP response',
        class: 'authentication',
        hint: 'invalid_key',
        retryable: false,
        request_ids: ['req_011CfromTheHeader', 'req_011CexampleExample'],
      },
    ]);
  });

  test.each(['HTTP/1.1 200 Connection established\r\n\r\n', 'HTTP/1.1 100 Continue\n\n'])(
    'a response as curl -i prints it, behind %j',
    (before) => {
      const told = explainInput(readInput(`${before}HTTP/1.1 502 Bad Gateway\r\nserver: x\r\n\r\n<html>`));
      expect(told).toMatchObject([{ source: 'HTTP response', status: 502, diagnosis: { kind: 'gateway' } }]);
    },
  );

  test('a page of something in front of the API', async () => {
    const text = '502 <!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>';
    expect(await explain(text)).toMatchObject([{ class: 'gateway', status: 502 }]);
  });
});

/** What is told of the one failure in `input`. */
const only = (input: string) => {
  const [one, ...more] = explainInput(readInput(input));
  expect(more).toEqual([]);
  return { source: one?.source, status: one?.status, ...one?.diagnosis };
};

test('the status of an error is its property, whatever status its message speaks of', () => {
  const printed = 'Error: a job of status: 200\n    at x (a.js:1:1) {\n  status: 503,\n  headers: {}\n}';
  expect(only(printed)).toMatchObject({ source: 'SDK error', status: 503 });
});

test.each(['APIConnectionTimeoutError: late', 'DOMException [TimeoutError]: late'])(
  '%s is known by its name',
  (printed) => expect(only(printed)).toMatchObject({ source: 'SDK error', kind: 'timeout', hint: 'timeout' }),
);

test('a record’s own stack says more than its message', () => {
  const stack = `RateLimitError: 429 ${LIMITED}\n    at x (a.js:1:1)`;
  const record = JSON.stringify({ level: 'error', message: 'the call failed', stack });
  expect(only(record)).toMatchObject({ status: 429, kind: 'rate_limit', cause: 'input_tokens' });
});

test('a header that a serializer wrote as a number counts', () => {
  const headers = {
    'anthropic-ratelimit-requests-remaining': 0,
    'anthropic-ratelimit-tokens-remaining': ['0'],
  };
  const error = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } };
  expect(only(JSON.stringify({ status: 429, headers, error }))).toMatchObject({ cause: 'requests' });
});

describe('an error type that stands alone', () => {
  test('as the command tells it', async () => {
    expect(await explain('529 overloaded_error\n')).toMatchObject([
      {
        source: 'error type',
        status: 529,
        class: 'overloaded',
        error_type: 'overloaded_error',
        retryable: true,
      },
    ]);
  });

  test.each([
    ['invalid_request_error', 'invalid_request', 400],
    ['authentication_error', 'authentication', 401],
    ['billing_error', 'billing', 402],
    ['permission_error', 'permission', 403],
    ['forbidden', 'permission', 403],
    ['not_found_error', 'not_found', 404],
    ['conflict_error', 'conflict', 409],
    ['request_too_large', 'request_too_large', 413],
    ['rate_limit_error', 'rate_limit', 429],
    ['api_error', 'api_error', 500],
    ['timeout_error', 'timeout', 504],
    ['overloaded_error', 'overloaded', 529],
  ])('%s, with its status or without', (type, kind, status) => {
    for (const input of [type, `${status} ${type}`, `error.type=${type}`]) {
      const one = only(input);
      expect(one).toMatchObject({ source: 'error type', kind, status, errorType: type });
      expect(one.hint).not.toBe('unknown');
    }
  });

  test('every type of the API is known', () => {
    for (const type of API_ERROR_TYPES) expect(only(type).kind).not.toBe('unknown');
  });

  test.each([
    ['dns_error', 'connection', 'dns'],
    ['connection_refused', 'connection', 'refused'],
    ['connection_reset', 'connection', 'reset'],
    ['tls_error', 'connection', 'tls'],
    ['proxy_error', 'connection', 'proxy'],
    ['connect_timeout', 'connection', 'connect_timeout'],
    ['headers_timeout', 'timeout', 'headers_timeout'],
    ['body_timeout', 'timeout', 'body_timeout'],
    ['premature_close', 'connection', 'premature_close'],
    ['connection_error', 'connection', undefined],
    ['client_timeout_error', 'timeout', 'timeout'],
  ])('%s', (type, kind, hint) => {
    const one = only(type);
    expect(one).toMatchObject({ source: 'error type', kind, errorType: type });
    expect(one.hint).toBe(hint);
  });

  test.each([
    ['429 rate_limit_error [input_tokens]', { kind: 'rate_limit', cause: 'input_tokens', retryable: true }],
    ['429 rate_limit_error (requests)', { kind: 'rate_limit', cause: 'requests' }],
    ['429 rate_limit_error [spend]', { kind: 'rate_limit', cause: 'spend', retryable: false }],
    ['400 invalid_request_error [max_tokens_above_limit]', { hint: 'max_tokens_above_limit' }],
    ['connection_error [refused]', { kind: 'connection', hint: 'refused', retryable: true }],
    ['200 overloaded_error', { kind: 'overloaded', hint: 'mid_stream', status: 200 }],
    ['503 ServiceUnavailableException', { kind: 'overloaded', status: 503 }],
    ['RESOURCE_EXHAUSTED', { kind: 'rate_limit', hint: 'vertex_quota' }],
  ])('%s', (input, expected) => {
    expect(only(input)).toMatchObject({ source: 'error type', ...expected });
  });

  test('a limit that is not known is no hint', () => {
    for (const type of ['429 rate_limit_error [unknown]', '429 rate_limit_error']) {
      const line = `anthropic.messages.create failed: ${type} after 1 attempt`;
      for (const input of [type, line]) {
        expect(only(input)).toMatchObject({ kind: 'rate_limit', cause: 'unknown' });
        expect(only(input)).not.toHaveProperty('hint');
      }
    }
  });

  test.each(['client_error', '200 client_error'])('%s is a failure of the SDK, not of an answer', (type) => {
    const line = `anthropic.messages.create failed: ${type} after 1 attempt`;
    for (const input of [type, line]) {
      const [one] = explainInput(readInput(input));
      expect(one?.diagnosis).toEqual({ kind: 'unknown', errorType: 'client_error' });
      expect(one?.advice.meaning).toMatch(/^Neither the API nor the connection failed/);
    }
  });

  test('several lines of them', () => {
    const counts = explainInput(readInput('529 overloaded_error\ndns_error\n529 overloaded_error'));
    expect(counts.map(({ count, diagnosis }) => [count, diagnosis.kind])).toEqual([
      [2, 'overloaded'],
      [1, 'connection'],
    ]);
  });

  test('a word that is no type stays a text', () => {
    expect(only('frobnicated')).toMatchObject({ source: 'text', kind: 'unknown', hint: 'unknown' });
  });
});

describe('log lines', () => {
  test('of this package', async () => {
    const text = `2026-11-22T10:00:00Z ERROR anthropic.messages.create (claude-haiku-5-5) failed: 429 rate_limit_error [input_tokens] after 3 attempts and 1.2 s of waits, request req_011CfromTheLine: too much`;
    expect(await explain(text)).toMatchObject([
      {
        source: 'log line',
        name: 'anthropic.messages.create',
        status: 429,
        cause: 'input_tokens',
        request_ids: ['req_011CfromTheLine'],
      },
    ]);
  });

  test('of pino, with the error serialized', async () => {
    const err = {
      type: 'APIConnectionError',
      message: 'Connection error.',
      stack: 'Error: Connection error.\n    at x (/y.js:1:2)',
      cause: { type: 'Error', message: 'getaddrinfo ENOTFOUND api.invalid', code: 'ENOTFOUND' },
    };
    const lines = [
      { level: 30, time: 1_790_000_000_000, msg: 'started' },
      { level: 50, time: 1_790_000_000_001, msg: 'call failed', err, trace_id: 'ab'.repeat(16) },
    ];
    const told = await explain(lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(told).toMatchObject([
      {
        source: 'log line',
        class: 'connection',
        hint: 'dns',
        code: 'ENOTFOUND',
        trace_ids: ['ab'.repeat(16)],
      },
    ]);
  });

  const failed = { type: 'RateLimitError', message: `429 ${LIMITED}` };
  const stack = `RateLimitError: ${failed.message}\n    at x (/y.js:1:2)\n    at z (/y.js:3:4)`;
  const at = { '@timestamp': '2026-11-22T10:00:00Z', message: 'call failed' };
  test.each([
    { of: 'pino, without a stack', lines: [{ level: 50, msg: 'call failed', err: failed }] },
    {
      of: 'the Elastic Common Schema',
      lines: [{ ...at, 'log.level': 'error', error: { ...failed, stack_trace: stack } }],
    },
    {
      of: 'the Elastic Common Schema, flat',
      lines: [{ ...at, 'error.type': failed.type, 'error.message': failed.message }],
    },
    {
      of: 'OpenTelemetry’s names',
      lines: [{ ...at, 'exception.type': failed.type, 'exception.message': failed.message }],
    },
    {
      of: 'AWS Lambda',
      lines: [
        {
          timestamp: '2026-11-22T10:00:00Z',
          level: 'ERROR',
          message: { errorType: failed.type, errorMessage: failed.message, stackTrace: stack.split('\n') },
        },
      ],
    },
    {
      of: 'AWS Lambda, flat',
      lines: [
        {
          timestamp: '2026-11-22T10:00:00Z',
          level: 'ERROR',
          errorType: failed.type,
          errorMessage: failed.message,
          stackTrace: stack.split('\n'),
        },
      ],
    },
    {
      of: 'Docker',
      lines: `started\n${stack}`
        .split('\n')
        .map((line) => ({ log: `${line}\n`, stream: 'stderr', time: '2026-11-22T10:00:00Z' })),
    },
    { of: 'Docker, one', lines: [{ log: `${failed.type}: ${failed.message}\n`, stream: 'stderr' }] },
  ])('of $of', async ({ lines }) => {
    const told = await explain(lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(told).toMatchObject([
      { count: 1, status: 429, error_type: 'rate_limit_error', cause: 'input_tokens' },
    ]);
  });

  test('of any logger, with the error’s text', async () => {
    expect(await explain(`[10:00:00] ERROR (worker): call failed: 429 ${LIMITED}`)).toMatchObject([
      { class: 'rate_limit', status: 429, cause: 'input_tokens' },
    ]);
  });
});

const tags = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, type: typeof value, value }));

const span = (spanID: string, operationName: string, values: Record<string, unknown>, parent?: string) => ({
  traceID: 'cd'.repeat(16),
  spanID,
  operationName,
  references: parent === undefined ? [] : [{ refType: 'CHILD_OF', traceID: 'cd'.repeat(16), spanID: parent }],
  startTime: 1_790_000_000_000_000,
  duration: 1_000,
  tags: tags(values),
  logs: [],
});

describe('exports', () => {
  const SCRIPT = `
    import Anthropic from '@anthropic-ai/sdk';
    const client = new Anthropic({ maxRetries: 1 });
    for (let n = 0; n < 3; n++) {
      await client.messages.create({ model: 'claude-haiku-5-5', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }).catch(() => {});
    }`;

  async function exportOf(
    exporter: 'traces' | 'logs',
    variables: Record<string, string> = {},
  ): Promise<string> {
    const before = world.receiver.requests.length;
    await runScript({
      script: SCRIPT,
      sdk: NEWEST_SDK,
      build: 'esm',
      preload: 'import',
      env: { ...world.env, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', ...variables },
    });
    const sent = world.receiver.requests.slice(before).filter(({ path }) => path === `/v1/${exporter}`);
    return sent.map(({ rawBody }) => rawBody.toString('utf8')).join('\n');
  }

  test('OTLP traces of the preload: each failed call once, with its attempts', async () => {
    world.api.setDefault(() => reply.error(529));
    const text = await exportOf('traces');
    world.api.setDefault(() => undefined);
    const [told, ...more] = await explain(text);
    expect(more).toEqual([]);
    expect(told).toMatchObject({
      source: 'OTLP span',
      name: 'anthropic.messages.create',
      count: 3,
      class: 'overloaded',
      status: 529,
      error_type: 'overloaded_error',
      retryable: true,
      attempts: ['overloaded_error', 'overloaded_error'],
    });
    expect(told?.request_ids).toHaveLength(6);
    expect(told?.trace_ids).toHaveLength(3);
  });

  test('OTLP traces of connections that failed: the attempts say why', async () => {
    const text = await exportOf('traces', { ANTHROPIC_BASE_URL: `http://127.0.0.1:${await closedPort()}` });
    expect(await explain(text)).toMatchObject([
      { class: 'connection', hint: 'refused', attempts: ['connection_refused', 'connection_refused'] },
    ]);
  });

  test('OTLP logs of the preload', async () => {
    world.api.setDefault(() => reply.error(401, { message: 'invalid x-api-key' }));
    const text = await exportOf('logs');
    world.api.setDefault(() => undefined);
    expect(await explain(text)).toMatchObject([
      { source: 'OTLP log record', class: 'authentication', hint: 'invalid_key', status: 401 },
    ]);
  });

  test.each([
    '{"resourceSpans":[],"resourceLogs":null}',
    '{"resourceSpans":null,"resourceMetrics":[]}\n{"resourceSpans":[]}',
  ])('an OTLP export of which a part is null: %s', async (input) => {
    const { code, stderr } = await cli(['explain', '-'], { input });
    expect(code).toBe(1);
    expect(stderr).toBe('opentelemetry-instrumentation-anthropic: no error was found in the input\n');
  });

  test('an OTLP log record without a text says nothing', () => {
    const attributes = [{ key: 'error.type', value: { stringValue: 'overloaded_error' } }];
    const input = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] };
    expect(explainInput(readInput(JSON.stringify(input)))).toMatchObject([
      { source: 'OTLP log record', message: '' },
    ]);
  });

  test('OTLP traces without a failure', async () => {
    const text = await exportOf('traces');
    const { code, stderr } = await cli(['explain', '-'], { input: text });
    expect(code).toBe(1);
    expect(stderr).toBe('opentelemetry-instrumentation-anthropic: no error was found in the input\n');
  });

  test('a Jaeger trace', async () => {
    const failed = { error: true, 'otel.status_code': 'ERROR', 'http.response.status_code': 429 };
    const data = [
      {
        traceID: 'cd'.repeat(16),
        spans: [
          span('01', 'GET /checkout', { error: true, 'http.response.status_code': 500 }),
          span(
            '02',
            'anthropic.messages.create',
            {
              ...failed,
              'error.type': 'rate_limit_error',
              'anthropic.rate_limit.cause': 'spend',
              'anthropic.error.hint': 'enforced_spend_limit_reached',
              'anthropic.error.retryable': false,
              'anthropic.request.id': 'req_011CofTheCall',
            },
            '01',
          ),
          span('03', 'POST /v1/messages', { ...failed, 'error.type': 'rate_limit_error' }, '02'),
        ],
      },
    ];
    expect(await explain(JSON.stringify({ data }))).toMatchObject([
      {
        source: 'Jaeger span',
        name: 'anthropic.messages.create',
        cause: 'spend',
        hint: 'enforced_spend_limit_reached',
        retryable: false,
        request_ids: ['req_011CofTheCall'],
        attempts: ['rate_limit_error'],
      },
    ]);
  });

  test.each(['529 overloaded_error', 'overloaded_error', 'connection_error'])(
    'what our log record of %s says is the message in its line',
    (failure) => {
      const line = `anthropic.messages.create failed: ${failure} after 1 attempt`;
      const messageOf = (text: string): unknown => {
        const attributes = [{ key: 'error.type', value: { stringValue: failure.replace(/^\d+ /, '') } }];
        const logRecords = [{ attributes, body: { stringValue: text } }];
        const input = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
        return explainInput(readInput(JSON.stringify(input)))[0]?.message;
      };
      expect(messageOf(`${line}: It said so`)).toBe('It said so');
      expect(messageOf(line)).toBe('');
    },
  );

  test('a span without a status: its type says what it was', () => {
    const failed = { error: true, 'error.type': 'overloaded_error' };
    const input = { spans: [span('01', 'anthropic.messages.create', failed)] };
    const line = 'anthropic.messages.create failed: overloaded_error after 1 attempt';
    for (const text of [JSON.stringify(input), line]) {
      expect(only(text)).toMatchObject({ kind: 'overloaded', retryable: true });
      expect(only(text)).not.toHaveProperty('hint');
    }
  });

  test('a span of another platform: its request ID is the platform’s', async () => {
    const id = '3f1c9c34-7d0e-4c52-9d6f-0a1b2c3d4e5f';
    const failed = {
      error: true,
      'http.response.status_code': 429,
      'error.type': 'ThrottlingException',
      'anthropic.request.id': id,
    };
    const data = [{ traceID: 'cd'.repeat(16), spans: [span('01', 'anthropic.messages.create', failed)] }];
    expect(await explain(JSON.stringify({ data }))).toMatchObject([{ request_ids: [id] }]);
  });
});

const explainSpans = (...spans: readonly object[]) =>
  explainInput(readInput(JSON.stringify({ data: [{ spans }] })));

describe('spans that say little', () => {
  test('a mark of an error, a status, and when', () => {
    const called = span('01', 'anthropic.messages.create', { error: true, 'http.response.status_code': 529 });
    const first = span('02', 'POST /v1/messages', { 'error.type': 'overloaded_error' }, '01');
    const second = span('03', 'POST /v1/messages', { 'error.type': 'api_error' }, '01');
    const told = explainSpans(
      { ...second, startTime: 3_000_000 },
      { ...first, startTime: 2_000_000 },
      { ...called, startTime: 1_000_000 },
    );
    expect(renderExplanations(told, false)).toMatch(/^ {2}attempts +overloaded_error, api_error$/m);
    expect(told).toMatchObject([
      {
        status: 529,
        diagnosis: { kind: 'overloaded', retryable: true },
        attempts: ['overloaded_error', 'api_error'],
        times: ['1970-01-01T00:00:01.000Z'],
      },
    ]);
  });

  test('the type of a failed connection', () => {
    expect(
      explainSpans(span('01', 'anthropic.messages.create', { 'error.type': 'tls_error' })),
    ).toMatchObject([{ diagnosis: { kind: 'connection', hint: 'tls' } }]);
  });

  test('a failure of others, where none is a call’s', () => {
    const other = span('01', 'GET /checkout', { error: true, 'http.response.status_code': 503 });
    expect(explainSpans(other)).toMatchObject([{ name: 'GET /checkout', status: 503 }]);
  });

  test('failures that are alike are told once, with their number', () => {
    const failed = span('01', 'anthropic.messages.create', { 'error.type': 'tls_error' });
    const headlines = [explainSpans(failed), explainSpans(failed, { ...failed, spanID: '02' })].map(
      (told) => renderExplanations(told, false).split('\n')[0],
    );
    expect(headlines).toEqual([
      'Jaeger span anthropic.messages.create',
      'Jaeger span anthropic.messages.create, 2 times',
    ]);
  });

  test('an error code that says the cause', () => {
    const attributes = {
      'http.response.status_code': 429,
      'error.type': 'rate_limit_error',
      'anthropic.error.code': 'ramp_limit_exceeded',
    };
    expect(explainSpans(span('01', 'anthropic.messages.create', attributes))).toMatchObject([
      { diagnosis: { cause: 'acceleration', code: 'ramp_limit_exceeded' } },
    ]);
  });
});

describe('the recorded errors have the class, cause and hint of the samples', () => {
  const forms = SAMPLES.flatMap((sample) => {
    const { id, status, body, expect: expected } = sample;
    if (body === null || status === null || status < 400) return [];
    const text = `${status} ${body}`;
    return [
      { id, form: 'text', input: text, expected },
      { id, form: 'stack', input: `Error: ${text}\n    at APIError.generate (/x/error.js:1:2)`, expected },
      { id, form: 'log line', input: `2026-11-22T10:00:00Z ERROR call failed: ${text}`, expected },
    ];
  });

  test('there are samples', () => {
    expect(forms.length).toBeGreaterThan(150);
  });

  test.each(forms)('$id as $form', ({ input, expected }) => {
    const [told] = explainInput(readInput(input));
    expect(told?.diagnosis).toMatchObject({
      kind: expected.kind,
      ...(expected.cause !== null && { cause: expected.cause }),
      ...(expected.hint !== null && { hint: expected.hint }),
    });
  });
});

describe('the command', () => {
  test('reads a file, and writes for people', async () => {
    const { code, stdout } = await cli(['explain', '-'], { input: `429 ${LIMITED}` });
    expect(code).toBe(0);
    for (const label of [
      'class',
      'means',
      'retry',
      'check',
      'fix',
      'runbook',
      'support',
      'requests',
      'said',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${label} +\\S`, 'm'));
    }
    // A path is not broken.
    const lines = stdout.split('\n').filter((line) => !line.includes('runbook '));
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(stdout).toContain('req_011CexampleExample');
  });

  test('names a runbook by a path from the working directory, or a whole one', async () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const inside = await cli(['explain', '-'], { input: LIMITED, cwd: root });
    expect(inside.stdout).toMatch(/^ {2}runbook +collector\/runbooks\/rate-limit\.md$/m);
    const outside = await cli(['explain', '-'], { input: LIMITED, cwd: world.cwd });
    expect(outside.stdout).toContain(join(root, 'collector/runbooks/rate-limit.md'));
  });

  test('says that it does not know what it does not know', async () => {
    expect(await explain('the quick brown fox')).toMatchObject([
      { class: 'unknown', hint: 'unknown', retryable: null },
    ]);
    const { stdout } = await cli(['explain', '-'], { input: 'the quick brown fox' });
    expect(stdout).toMatch(/^ {2}means +Unknown: /m);
  });

  test.each([
    { args: [], code: 2, says: 'explain takes one file, or -' },
    { args: ['a', 'b'], code: 2, says: 'explain takes one file, or -' },
    { args: ['--nope'], code: 2, says: "Unknown option '--nope'" },
    { args: ['/no/such/file'], code: 1, says: 'the input cannot be read: ENOENT' },
    { args: ['-'], code: 1, says: 'no error was found' },
  ])('$args: $says', async ({ args, code, says }) => {
    const outcome = await cli(['explain', ...args]);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(says);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  });

  test.each([
    {
      form: 'an OTLP span',
      input: (hostile: string) => ({
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: 'a'.repeat(32),
                    spanId: 'b'.repeat(16),
                    name: `anthropic.${hostile}`,
                    status: { code: 2, message: hostile },
                    attributes: [
                      'error.type',
                      'anthropic.error.code',
                      'anthropic.error.field',
                      'gen_ai.request.model',
                    ].map((key) => ({ key, value: { stringValue: `x${hostile}` } })),
                  },
                ],
              },
            ],
          },
        ],
      }),
    },
    {
      form: 'a log line',
      input: (hostile: string) => ({ level: 50, msg: `x${hostile}`, trace_id: `x${hostile}` }),
    },
  ])('no text of $form acts on the terminal', async ({ input }) => {
    const text = JSON.stringify(input('\u001B[31m\u0007\u009B1m\u202E\u2066'));
    for (const args of [[], ['--json']]) {
      const { code, stdout } = await cli(['explain', '-', ...args], { input: text });
      expect(code).toBe(0);
      expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u);
    }
  });

  test.each(['{"error":', '{"cause":', '[', '{"level":50,"err":'])(
    'what is nested out of all reason breaks nothing: %s',
    async (start) => {
      const end = start.startsWith('[') ? ']' : '}';
      const input = `${start.repeat(20_000)}${start === '[' ? '' : '1'}${end.repeat(20_000)}`;
      expect(await explain(input)).toMatchObject([{ class: 'unknown' }]);
    },
  );

  // Where the time is quadratic, this takes minutes.
  test.each(['\n', ' \n', '\t\n', 'HTTP/1.1 200 OK\n'])('is done with repetitions of %j', (line) => {
    const lines = line.repeat(200_000);
    expect(explainInput(readInput(`Error: first${lines}\n at x`))).toHaveLength(1);
  });

  test('reads what a page or a chat has given hard blanks', () => {
    const printed =
      "Error: 429 too many\n    at a (b.js:1:1) {\n  status: 429,\n  headers: {\n    'retry-after': '12',\n  }\n}";
    const explained = explainInput(readInput(printed.replaceAll('  ', '\u00A0\u00A0')));
    expect(explained).toEqual(explainInput(readInput(printed)));
    expect(explained).toMatchObject([{ message: 'too many' }]);
  });

  test('reads UTF-16, as Windows PowerShell writes it', async () => {
    const file = join(world.cwd, 'utf-16.txt');
    await writeFile(file, Buffer.from(`\uFEFF429 ${LIMITED}`, 'utf16le'));
    const { stdout } = await cli(['explain', file, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ explanations: [{ status: 429, class: 'rate_limit' }] });
  });
});
