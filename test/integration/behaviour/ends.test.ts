import { diag, DiagLogLevel, SpanStatusCode, type DiagLogger } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, MODEL, openable, rejection, REQUEST, setStage, STREAMED } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';
import { select } from '../../support/telemetry.ts';

const stage = setStage();
const nothing = (): void => {};
const SILENT: DiagLogger = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  verbose: nothing,
};

async function sumOf(metric: string): Promise<number> {
  const points = select(await stage.telemetry.points(), metric);
  return points.reduce((sum, { value }) => sum + value, 0);
}

/** How many calls have started and not ended. */
const inFlight = (): Promise<number> => sumOf('anthropic.client.calls.in_flight');

/** How many calls were measured from end to end. */
const measured = (): Promise<number> => sumOf('gen_ai.client.operation.duration');

describe.each(SDK_BUILDS)('SDK $version $build: a call ends', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  beforeAll(async () => {
    sdk = await stage.load(build);
    client = stage.client(sdk);
  });

  test('that is aborted between two reads of its stream, and never read again', async () => {
    stage.api.enqueue(reply.stream({}, { ending: { kind: 'stall', after: 4 } }));
    const stream = await client.messages.create(STREAMED);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    stream.controller.abort();
    const { span } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'anthropic.call.canceled': true,
      'http.response.status_code': 200,
      'anthropic.request.id': expect.stringMatching(/^req_/) as string,
    });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(await inFlight()).toBe(0);
  });

  test('whose stream is read after it was aborted: nothing is held, and nothing counts as stalled', async () => {
    const stream = await client.messages.create(STREAMED);
    stream.controller.abort();
    await stage.telemetry.call();
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next().catch(() => {});
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBe(before);
  });

  test('whose stream is read through its second iterator', async () => {
    const stream = await client.messages.create(STREAMED);
    stream[Symbol.asyncIterator]();
    for await (const event of stream) void event;
    const { span } = await stage.telemetry.call();
    expect(span.status.code).toBe(SpanStatusCode.OK);
    expect(span.attributes['gen_ai.response.finish_reasons']).toEqual(['end_turn']);
    expect(span.attributes['anthropic.call.ended_by']).toBeUndefined();
  });

  test('at the flush, with the attempt that hangs; how long it would take is not known', async () => {
    stage.api.enqueue(reply.hang());
    const before = await measured();
    const seen = stage.api.requests.length;
    const abort = new AbortController();
    const call = rejection(client.messages.create(REQUEST, { signal: abort.signal }));
    await stage.api.received(seen + 1);
    stage.instrumentation.endOpenCalls();
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes['anthropic.call.ended_by']).toBe('flush');
    expect(attempts).toHaveLength(1);
    abort.abort();
    await call;
    expect(await measured()).toBe(before);
  });

  test('at the flush, in the sleep before a retry: with what it has heard so far', async () => {
    stage.api.enqueue(reply.error(529, { headers: { 'request-id': 'req_1' } }));
    const abort = new AbortController();
    const { opened, open } = openable();
    const sleeping = stage.client(sdk, {}, () => {
      open();
      return 100_000;
    });
    const call = rejection(sleeping.messages.create(REQUEST, { signal: abort.signal }));
    await opened;
    await new Promise((resolve) => setImmediate(resolve));
    stage.instrumentation.endOpenCalls();
    const { span } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'anthropic.call.ended_by': 'flush',
      'anthropic.request.id': 'req_1',
      'http.response.status_code': 529,
      'anthropic.retry.wait': expect.any(Number) as number,
    });
    abort.abort();
    void call;
  });

  test('at the flush, once, though its answer comes after that', async () => {
    const { opened, open } = openable();
    stage.api.enqueue(reply.held(opened, reply.message()));
    const seen = stage.api.requests.length;
    const call = client.messages.create(REQUEST).then(({ type }) => type);
    await stage.api.received(seen + 1);
    stage.instrumentation.endOpenCalls();
    const complaints: string[] = [];
    diag.setLogger({ ...SILENT, error: (text) => void complaints.push(text) }, DiagLogLevel.ERROR);
    open();
    expect(await call).toBe('message');
    diag.disable();
    expect(complaints).toEqual([]);
    expect(await inFlight()).toBe(0);
    await stage.telemetry.call();
  });

  test('at the flush, though it is repeated after that: the repetition is no call of its own', async () => {
    stage.api.enqueue(reply.error(529), reply.error(500, { headers: AT_ONCE }), reply.message());
    const { opened, open } = openable();
    const sleeping = stage.client(sdk, { maxRetries: 2 }, () => {
      open();
      return 50;
    });
    const call = sleeping.messages.create(REQUEST).then(({ type }) => type);
    await opened;
    await new Promise((resolve) => setImmediate(resolve));
    stage.instrumentation.endOpenCalls();
    expect(await call).toBe('message');
    const { attempts } = await stage.telemetry.call();
    expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual([
      'overloaded_error',
      'api_error',
      undefined,
    ]);
    expect(await inFlight()).toBe(0);
  });

  test('whose path holds an escape that is none', async () => {
    stage.api.enqueue(reply.error(404));
    await rejection(client.get('/v1/models/a%zz'));
    const { span, attempts } = await stage.telemetry.call();
    expect(span.name).toBe('anthropic.models.retrieve');
    expect(span.attributes['anthropic.model.id']).toBe('a%zz');
    expect(attempts.map(({ name }) => name)).toEqual(['GET /v1/models/{model_id}']);
  });

  if (build.has.middleware) {
    test.each([
      ['both of which fail', [reply.error(429), reply.error(400)], [400, 429]],
      ['of which one fails', [reply.error(529), reply.message()], [200, 529]],
    ])('each of two requests that a middleware makes at once, %s', async (_which, replies, expected) => {
      stage.api.enqueue(...replies);
      const hedging = stage.client(sdk, {
        maxRetries: 0,
        middleware: [
          async (request: never, next: (request: never) => Promise<Response>) => {
            const answers = await Promise.all([next(request), next(request)]);
            return answers.toSorted((a, b) => a.status - b.status)[0] as Response;
          },
        ],
      } as never);
      await hedging.messages.create({ ...REQUEST, model: MODEL }).catch(() => {});
      const { attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(2);
      const statuses = attempts.map(({ attributes }) => Number(attributes['http.response.status_code']));
      expect(statuses.toSorted((one, other) => one - other)).toEqual(expected);
    });
  }
});
