import { SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reply, startFakeApi, type FakeApi } from '../../../src/demo/fake-api/index.ts';
import { runChild } from '../../support/child.ts';
import type { Build } from '../../support/sdk-builds.ts';
import { NEWEST_SDK, type SdkVersion } from '../../support/sdks.ts';

const CHILDREN: readonly { readonly version: SdkVersion; readonly build: Build }[] = [
  { version: '0.39.0', build: 'cjs' },
  { version: '0.91.1', build: 'esm' },
  { version: NEWEST_SDK, build: 'esm' },
  { version: NEWEST_SDK, build: 'cjs' },
];

interface Span {
  readonly scope: string;
  readonly name: string;
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly parent?: string;
}

/** Calls that nobody awaits: what the process hears of them. */
const NEVER_AWAITED = `
const heard = [];
process.on('unhandledRejection', (error) => heard.push([error.constructor.name, error.status ?? null]));
const settle = async () => { for (let count = 0; count < 30; count += 1) { await turn(); await fetch(process.env.API + '/v1/models', { headers: { 'x-api-key': 'k' } }).then((r) => r.text()); } };
const cases = {
  'a good call': () => void client.messages.create(REQUEST),
  'a call that is refused': () => void client.messages.create({ ...REQUEST, max_tokens: undefined }),
  'a refused call, asked for its response': () => void client.messages.create({ ...REQUEST, max_tokens: undefined }).asResponse(),
  'a refused call, asked for both': () => void client.messages.create({ ...REQUEST, max_tokens: undefined }).withResponse(),
  'a refused call with a then': () => void client.messages.create({ ...REQUEST, max_tokens: undefined }).then(() => {}),
  'a refused call that is caught': () => void client.messages.create({ ...REQUEST, max_tokens: undefined }).catch(() => {}),
  'a refused list': () => void client.models.list({ limit: -1 }),
  'a refused raw request': () => void client.get('/v1/none'),
  'an aborted call': () => void client.messages.create(REQUEST, { signal: AbortSignal.abort() }),
  'a refused stream helper': () => void client.messages.stream({ ...REQUEST, max_tokens: undefined }),
  'a promise of options that rejects': () => void client.request(Promise.reject(new TypeError('mine'))),
};
for (const [name, run] of Object.entries(cases)) {
  heard.length = 0;
  run();
  await settle();
  console.log(JSON.stringify([name, heard]));
}
`;

const COLLECTED = `
const until = async (count) => {
  for (let round = 0; round < 200 && exporter.getFinishedSpans().filter((span) => span.name.startsWith('anthropic.')).length < count; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const drop = [
  async () => { await client.messages.create({ ...REQUEST, stream: true }); },
  async () => { const iterator = (await client.messages.create({ ...REQUEST, stream: true }))[Symbol.asyncIterator](); await iterator.next(); },
  async () => { void client.messages.create(REQUEST); },
];
for (const [index, run] of drop.entries()) {
  await run();
  await until(index + 1);
}
console.log(JSON.stringify(spans()));
`;

/** A helper whose listener throws before its stream is read. */
const DROPPED_BY_HELPER = `
const stream = client.messages.stream(REQUEST);
stream.on('connect', () => { throw new TypeError('mine'); });
await stream.done().catch(() => {});
for (let round = 0; round < 200 && !spans().some(({ name }) => name === 'anthropic.messages.create'); round += 1) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
console.log(JSON.stringify(spans()));
`;

const DROPPED_RESULTS = `
const { id } = await client.messages.batches.create({ requests: [{ custom_id: 'one', params: REQUEST }] });
await client.messages.batches.retrieve(id);
await (async () => { await client.messages.batches.results(id); })();
for (let round = 0; round < 200 && !spans().some(({ name }) => name === 'anthropic.messages.batches.results'); round += 1) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
console.log(JSON.stringify(spans()));
`;

const LOADED = `
await client.messages.create(REQUEST);
await client.messages.stream(REQUEST).finalMessage();
await turn();
console.log(JSON.stringify(spans()));
`;

const OFF_AND_ON = `
const attempts = async () => {
  exporter.reset();
  await client.messages.create(REQUEST);
  await turn();
  return spans().filter(({ name }) => name === 'POST /v1/messages').length;
};
const counts = [await attempts()];
for (const how of ['disable', 'enable']) {
  instrumentation[how]();
  counts.push(await attempts());
}
console.log(JSON.stringify(counts));
`;

const UNDICI = ['@opentelemetry/instrumentation-undici', 'UndiciInstrumentation'] as const;
const HTTP = ['@opentelemetry/instrumentation-http', 'HttpInstrumentation'] as const;

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());

describe.each(CHILDREN)('SDK $version $build, loaded by Node', (child) => {
  test('instrumented through the loader, it can be switched off and on', async () => {
    const { lines, stderr } = await runChild({ ...child, url: api.url, script: OFF_AND_ON });
    expect({ lines, stderr }).toEqual({ lines: [[1, 0, 1]], stderr: '' });
  });

  test('instrumented through the loader: one span for each call, one for each attempt', async () => {
    const { lines, stderr, code } = await runChild({ ...child, url: api.url, script: LOADED });
    expect([code, stderr]).toEqual([0, '']);
    const spans = lines[0] as readonly Span[];
    expect(spans.map(({ name }) => name).sort()).toEqual([
      'POST /v1/messages',
      'POST /v1/messages',
      'anthropic.messages.create',
      'anthropic.messages.create',
    ]);
  });

  test('calls that nobody awaits: the process hears what it hears without us', async () => {
    const [withUs, without] = await Promise.all([
      runChild({ ...child, url: api.url, script: NEVER_AWAITED }),
      runChild({ ...child, url: api.url, script: NEVER_AWAITED, instrument: false }),
    ]);
    expect(withUs.lines).toEqual(without.lines);
    expect(withUs.code).toBe(without.code);
    expect(without.lines).toHaveLength(11);
    expect(without.lines).toContainEqual(['a call that is refused', [['BadRequestError', 400]]]);
  });

  test('an unhandled rejection ends the process as it does without us', async () => {
    const script =
      'void client.messages.create({ ...REQUEST, max_tokens: undefined }); setTimeout(() => {}, 20_000);';
    const [withUs, without] = await Promise.all([
      runChild({ ...child, url: api.url, script }),
      runChild({ ...child, url: api.url, script, instrument: false }),
    ]);
    expect(withUs.code).toBe(1);
    expect(without.code).toBe(1);
    expect(withUs.stderr).toContain('BadRequestError');
  });

  test('answers that are dropped unread end when they are collected', async () => {
    const { lines, code } = await runChild({
      ...child,
      url: api.url,
      script: COLLECTED,
      flags: ['--expose-gc'],
    });
    expect(code).toBe(0);
    const calls = (lines[0] as readonly Span[]).filter(({ name }) => name === 'anthropic.messages.create');
    expect(calls.map(({ attributes }) => attributes['anthropic.call.ended_by'])).toEqual([
      'collected',
      'collected',
      'collected',
    ]);
    for (const { status, attributes } of calls) {
      expect(status).toBe(0);
      expect(attributes).not.toHaveProperty('error.type');
      expect(attributes).not.toHaveProperty('anthropic.call.canceled');
    }
  });

  test('the results of a batch that are dropped unread end when they are collected', async () => {
    const { lines, code } = await runChild({
      ...child,
      url: api.url,
      script: DROPPED_RESULTS,
      flags: ['--expose-gc'],
    });
    expect(code).toBe(0);
    const [call] = (lines[0] as readonly Span[]).filter(({ name }) => name.endsWith('.batches.results'));
    expect(call?.status).toBe(SpanStatusCode.UNSET);
    expect(call?.attributes['anthropic.call.ended_by']).toBe('collected');
  });

  test('messages.stream whose listener for "connect" throws is an error', async () => {
    const { lines, code } = await runChild({
      ...child,
      url: api.url,
      script: DROPPED_BY_HELPER,
      flags: ['--expose-gc'],
    });
    expect(code).toBe(0);
    const [call] = (lines[0] as readonly Span[]).filter(({ name }) => name === 'anthropic.messages.create');
    expect(call?.status).toBe(SpanStatusCode.ERROR);
    expect(call?.attributes['error.type']).toBe('client_error');
    expect(call?.attributes).not.toHaveProperty('anthropic.call.ended_by');
    expect(call?.attributes).not.toHaveProperty('anthropic.call.canceled');
  });

  describe('beside the HTTP instrumentations', () => {
    const script = `
for (let count = 0; count < 2; count += 1) await client.messages.create(REQUEST, { maxRetries: 1 });
await fetch(process.env.API + '/elsewhere').then((response) => response.text());
await turn();
console.log(JSON.stringify(spans()));
console.log(JSON.stringify((await points()).filter(({ name }) => name === 'http.client.request.duration')));
`;

    test('one span and one duration for each attempt; other requests keep theirs', async () => {
      const seen = api.requests.length;
      api.enqueue(reply.error(529, { headers: { 'retry-after-ms': '1' } }));
      const { lines, code, stderr } = await runChild({
        ...child,
        url: api.url,
        others: [UNDICI, HTTP],
        script,
        env: { ANTHROPIC_OPEN_TELEMETRY_PROPAGATION: 'false', NODE_PATH: process.env['NODE_PATH'] ?? '' },
      });
      expect([code, stderr]).toEqual([0, '']);
      const [spans, points] = lines as [
        readonly Span[],
        readonly { attributes: Record<string, unknown>; count: number }[],
      ];
      const mine = spans.filter(({ attributes }) => String(attributes['url.full']).includes('/v1/messages'));
      expect(mine.map(({ name }) => name).sort()).toEqual([
        'POST /v1/messages',
        'POST /v1/messages',
        'POST /v1/messages',
        'anthropic.messages.create',
        'anthropic.messages.create',
      ]);
      expect(
        spans.filter(({ attributes }) => String(attributes['url.full']).includes('/elsewhere')),
      ).toHaveLength(1);
      const durations = points.filter(({ attributes }) => attributes['http.request.method'] === 'POST');
      expect(durations.reduce((sum, { count }) => sum + count, 0)).toBe(3);
      for (const { headers } of api.requests.slice(seen, seen + 3)) {
        expect(headers).not.toHaveProperty('traceparent');
      }
    });
  });
});
