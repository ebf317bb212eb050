import { ValueType, type Attributes } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLOSED_ERROR_TYPES } from '../../../src/diagnosis/error-types.ts';
import { AnthropicInstrumentation } from '../../../src/instrumentation.ts';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { METRICS, type MetricName } from '../../../src/schema.ts';
import { AT_ONCE, openable, readAll, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { NEWEST, SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';
import { select } from '../../support/telemetry.ts';

const stage = setStage({ config: { enabled: false } });

let models = 0;
let instrumentation = new AnthropicInstrumentation({ enabled: false });
afterAll(() => instrumentation.disable());

/** A request for a model that no other test has, so that its series are this test's alone. */
const fresh = () => ({ ...REQUEST, model: `claude-test-${(models += 1)}` });
const of = async (name: string, model: string, attributes: Attributes = {}) =>
  select(await stage.telemetry.points(), name, { 'gen_ai.request.model': model, ...attributes });
const requestLimit = (remaining: string, reset: Date) => ({
  'anthropic-ratelimit-requests-limit': '50',
  'anthropic-ratelimit-requests-remaining': remaining,
  'anthropic-ratelimit-requests-reset': reset.toISOString(),
});

/** The sum of all durations of attempts. */
const attemptSeconds = async () =>
  select(await stage.telemetry.points(), 'http.client.request.duration').reduce(
    (sum, { histogram }) => sum + (histogram?.sum ?? 0),
    0,
  );

const cacheTokens = async (model: string) =>
  (await of('anthropic.client.cache.tokens', model)).map(({ attributes, value }) => [
    attributes['anthropic.cache.operation'],
    value,
  ]);

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  beforeAll(async () => {
    sdk = await stage.load(build, false);
    // Of their own for each build, since series are limited in number.
    instrumentation.disable();
    instrumentation = new AnthropicInstrumentation({ enabled: false });
    instrumentation.setMeterProvider(stage.telemetry.freshMeters());
    instrumentation.manuallyInstrument(sdk.default);
    client = stage.client(sdk);
  });

  test('a good call: its duration, its tokens, its counts', async () => {
    const request = fresh();
    stage.api.enqueue(
      reply.message({
        model: 'claude-answered',
        usage: {
          input_tokens: 5,
          output_tokens: 40,
          cache_read_input_tokens: 1000,
          cache_creation_input_tokens: 200,
        },
      }),
    );
    await client.messages.create(request);
    const identity = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': request.model,
    };
    const place = { 'server.address': '127.0.0.1', 'server.port': stage.api.port };
    const [duration, ...noMore] = await of('gen_ai.client.operation.duration', request.model);
    expect(noMore).toEqual([]);
    expect(duration?.attributes).toEqual({
      ...identity,
      ...place,
      'gen_ai.response.model': 'claude-answered',
    });
    expect(duration?.histogram?.count).toBe(1);
    expect(duration?.histogram?.sum).toBeLessThan(5);
    const tokens = await of('gen_ai.client.token.usage', request.model);
    expect(
      tokens.map(({ attributes, histogram }) => [attributes['gen_ai.token.type'], histogram?.sum]),
    ).toEqual([
      ['input', 1205],
      ['output', 40],
    ]);
    const cached = await of('anthropic.client.cache.tokens', request.model);
    expect(cached.map(({ attributes, value }) => [attributes, value])).toEqual([
      [{ ...identity, 'anthropic.cache.operation': 'read' }, 1000],
      [{ ...identity, 'anthropic.cache.operation': 'write' }, 200],
    ]);
    for (const name of ['anthropic.client.calls', 'anthropic.client.attempts']) {
      const counted = (await of(name, request.model)).filter(({ value }) => value > 0);
      expect(counted.map(({ attributes, value }) => [attributes, value])).toEqual([
        [{ ...identity, 'http.response.status_code': 200 }, 1],
      ]);
    }
  });

  test('durations are those of the attempt, within that of the call, within what the caller waited', async () => {
    const request = fresh();
    const before = await attemptSeconds();
    const start = performance.now();
    await client.messages.create(request);
    const waited = (performance.now() - start) / 1000;
    const attempt = (await attemptSeconds()) - before;
    const [call] = await of('gen_ai.client.operation.duration', request.model);
    expect(attempt).toBeGreaterThan(0);
    expect(call?.histogram?.sum).toBeGreaterThan(attempt);
    expect(waited).toBeGreaterThan(call?.histogram?.sum ?? Infinity);
  });

  test('the series that people alert on exist at zero from the first call', async () => {
    const request = fresh();
    await client.messages.create(request);
    for (const name of ['anthropic.client.calls', 'anthropic.client.attempts']) {
      const zero = (await of(name, request.model)).filter(({ value }) => value === 0);
      const has = (attributes: Attributes) => select(zero, name, attributes).length > 0;
      for (const [status, type] of [
        [400, 'invalid_request_error'],
        [401, 'authentication_error'],
        [403, 'permission_error'],
        [429, 'rate_limit_error'],
        [500, 'api_error'],
        [529, 'overloaded_error'],
        [undefined, 'connection_error'],
      ] as const) {
        expect([
          type,
          has({ ...(status && { 'http.response.status_code': status }), 'error.type': type }),
        ]).toEqual([type, true]);
      }
      for (const cause of [
        'unknown',
        'spend',
        'requests',
        'input_tokens',
        'output_tokens',
        'tokens',
        'acceleration',
      ]) {
        expect([
          cause,
          has({ 'http.response.status_code': 429, 'anthropic.rate_limit.cause': cause }),
        ]).toEqual([cause, true]);
      }
      expect(has({ 'http.response.status_code': 400, 'anthropic.rate_limit.cause': 'spend' })).toBe(true);
      for (const type of [
        'connection_error',
        'client_timeout_error',
        'overloaded_error',
        'rate_limit_error',
      ]) {
        expect([type, has({ 'error.type': type, 'anthropic.retry.exhausted': true })]).toEqual([
          type,
          name === 'anthropic.client.calls',
        ]);
      }
      // Calls alone end with an error after a status of 200.
      expect(has({ 'http.response.status_code': 200, 'error.type': 'api_error' })).toBe(
        name === 'anthropic.client.calls',
      );
    }
  });

  test('a first failure adds to a series that was born at zero, and starts no other', async () => {
    for (const failing of [
      [reply.error(529, { headers: AT_ONCE })],
      [reply.error(500, { headers: AT_ONCE })],
      [reply.error(400)],
      [reply.error(401)],
      [reply.error(403)],
    ]) {
      const request = fresh();
      await client.messages.create(request);
      const keys = async (name: string) =>
        (await of(name, request.model)).map(({ attributes }) => JSON.stringify(attributes)).sort();
      const [calls, attempts] = [
        await keys('anthropic.client.calls'),
        await keys('anthropic.client.attempts'),
      ];
      stage.api.enqueue(...failing);
      await rejection(client.messages.create(request, { maxRetries: 0 }));
      expect(await keys('anthropic.client.calls')).toEqual(calls);
      expect(await keys('anthropic.client.attempts')).toEqual(attempts);
    }
  });

  test('a first failure of the connection adds to a series of calls that was born at zero', async () => {
    const request = fresh();
    stage.api.enqueue(reply.drop());
    await rejection(client.messages.create(request, { maxRetries: 0 }));
    const [call] = (await of('anthropic.client.calls', request.model)).filter(({ value }) => value > 0);
    const { 'anthropic.retry.exhausted': exhausted, ...others } = call?.attributes ?? {};
    expect([exhausted, others['error.type']]).toEqual([true, 'connection_error']);
    const other = fresh();
    await client.messages.create(other);
    const born = await of('anthropic.client.calls', other.model, { 'error.type': 'connection_error' });
    expect(born.map(({ value, attributes }) => [value, attributes['anthropic.retry.exhausted']])).toEqual(
      expect.arrayContaining([
        [0, undefined],
        [0, true],
      ]),
    );
  });

  test('retries: attempts by what each was, the call by its end, the waits', async () => {
    const request = fresh();
    stage.api.enqueue(reply.error(529, { headers: AT_ONCE }), reply.error(500, { headers: AT_ONCE }));
    await client.messages.create(request);
    const counted = async (name: string) =>
      (await of(name, request.model))
        .filter(({ value }) => value > 0)
        .map(({ attributes, value }) => [
          attributes['http.response.status_code'],
          attributes['error.type'],
          value,
        ]);
    expect(await counted('anthropic.client.attempts')).toEqual(
      expect.arrayContaining([
        [529, 'overloaded_error', 1],
        [500, 'api_error', 1],
        [200, undefined, 1],
      ]),
    );
    expect(await counted('anthropic.client.calls')).toEqual([[200, undefined, 1]]);
    const waits = await of('anthropic.client.retry.wait', request.model);
    expect(waits.map(({ attributes, value }) => [attributes['error.type'], value])).toEqual(
      expect.arrayContaining([
        ['overloaded_error', 1],
        ['api_error', 1],
      ]),
    );
    const [duration] = await of('gen_ai.client.operation.duration', request.model);
    expect(duration?.attributes).not.toHaveProperty('error.type');
  });

  test('retries in vain: exhausted, and a duration with its error type', async () => {
    const request = fresh();
    stage.api.enqueue(reply.error(529, { headers: AT_ONCE }), reply.error(529, { headers: AT_ONCE }));
    await rejection(client.messages.create(request, { maxRetries: 1 }));
    const [call, ...others] = (await of('anthropic.client.calls', request.model)).filter(
      ({ value }) => value > 0,
    );
    expect(others).toEqual([]);
    expect(call?.attributes).toMatchObject({
      'http.response.status_code': 529,
      'error.type': 'overloaded_error',
      'anthropic.retry.exhausted': true,
    });
    const [duration] = await of('gen_ai.client.operation.duration', request.model);
    expect(duration?.attributes['error.type']).toBe('overloaded_error');
  });

  const NAMED = { details: { error_code: 'enforced_spend_limit_reached' } };
  const WORKSPACE = { message: 'You have reached your specified workspace API usage limits.' };
  const CREDIT = { message: 'Your credit balance is too low to access the Anthropic API.' };
  test.each([
    [429, 'rate_limit_error', NAMED],
    [400, 'invalid_request_error', WORKSPACE],
    [400, 'invalid_request_error', CREDIT],
    [402, 'billing_error', {}],
  ])('money that ran out is told from other refusals, on both counters and spans: %d %s', async (...row) => {
    const [status, type, refusal] = row;
    const request = fresh();
    stage.api.enqueue(reply.error(status, { ...refusal, headers: { 'x-should-retry': 'false' } }));
    await rejection(client.messages.create(request));
    const expected = {
      'http.response.status_code': status,
      'error.type': type,
      'anthropic.rate_limit.cause': 'spend',
    };
    for (const name of ['anthropic.client.calls', 'anthropic.client.attempts']) {
      const counted = (await of(name, request.model)).filter(({ value }) => value > 0);
      expect(counted.map(({ attributes }) => attributes)).toEqual([
        expect.objectContaining(expected) as Attributes,
      ]);
    }
    const { span, attempts } = await stage.telemetry.call();
    for (const { attributes } of [span, ...attempts]) expect(attributes).toMatchObject(expected);
  });

  test('a request that is wrong by itself has no cause', async () => {
    const request = fresh();
    stage.api.enqueue(reply.error(400, { message: 'max_tokens: Field required' }));
    await rejection(client.messages.create(request));
    const counted = (await of('anthropic.client.calls', request.model)).filter(({ value }) => value > 0);
    expect(counted.map(({ attributes }) => attributes['anthropic.rate_limit.cause'])).toEqual([undefined]);
  });

  test('error.type is of the closed set, whatever the API says', async () => {
    const request = fresh();
    stage.api.enqueue(reply.error(400, { type: 'brand_new_error' }));
    await rejection(client.messages.create(request));
    const errors = (await stage.telemetry.points()).flatMap(
      ({ attributes }) => attributes['error.type'] ?? [],
    );
    for (const error of errors) {
      expect(
        error === '_OTHER' || CLOSED_ERROR_TYPES.has(String(error)) || /^[45]\d\d$/.test(String(error)),
      ).toBe(true);
    }
    const counted = await of('anthropic.client.calls', request.model, { 'error.type': '_OTHER' });
    expect(counted.map(({ value }) => value)).toEqual([1]);
  });

  test('calls in flight: one while it runs, none when it has ended, however it ended', async () => {
    const request = fresh();
    const inFlight = async () =>
      (await of('anthropic.client.calls.in_flight', request.model)).map(({ value }) => value);
    const gate = openable();
    const seen = stage.api.requests.length;
    stage.api.enqueue(reply.held(gate.opened, reply.message()));
    const call = client.messages.create(request);
    await stage.api.received(seen + 1);
    expect(await inFlight()).toEqual([1]);
    gate.open();
    await call;
    expect(await inFlight()).toEqual([0]);
    stage.api.enqueue(
      reply.error(400),
      reply.message(),
      reply.stream({}, { ending: { kind: 'stall', after: 4 } }),
    );
    await rejection(client.messages.create(request));
    await client.messages.create(request).asResponse();
    for await (const event of await client.messages.create({ ...request, stream: true })) {
      if (event.type === 'content_block_delta') break;
    }
    await rejection(client.messages.create(request, { signal: AbortSignal.abort() }));
    await stage.telemetry.calls(5);
    expect(await inFlight()).toEqual([0]);
  });

  test('an attempt that the caller cancels counts as none, and its call as no failure', async () => {
    const request = fresh();
    const seen = stage.api.requests.length;
    stage.api.enqueue(reply.hang());
    const controller = new AbortController();
    const call = rejection(client.messages.create(request, { signal: controller.signal }));
    await stage.api.received(seen + 1);
    controller.abort();
    await call;
    await stage.telemetry.call();
    const counted = async (name: string) => (await of(name, request.model)).filter(({ value }) => value > 0);
    expect(await counted('anthropic.client.attempts')).toEqual([]);
    expect((await counted('anthropic.client.calls')).map(({ attributes }) => attributes)).toEqual([
      expect.not.objectContaining({ 'error.type': expect.anything() as unknown }),
    ]);
  });

  test('a stream: the time to its first chunk, and between chunks', async () => {
    const request = fresh();
    stage.api.enqueue(reply.stream({ text: ['a', 'b', 'c', 'd'], model: 'claude-answered' }, { paceMs: 4 }));
    await readAll(await client.messages.create({ ...request, stream: true }));
    const [first] = await of('gen_ai.client.operation.time_to_first_chunk', request.model);
    const [between] = await of('gen_ai.client.operation.time_per_output_chunk', request.model);
    const { span } = await stage.telemetry.call();
    expect(first?.histogram?.count).toBe(1);
    expect(first?.histogram?.sum).toBeCloseTo(
      Number(span.attributes['gen_ai.response.time_to_first_chunk']),
      1,
    );
    expect(between?.histogram?.count).toBeGreaterThanOrEqual(1);
    expect(between?.histogram?.count).toBeLessThanOrEqual(3);
    const [duration] = await of('gen_ai.client.operation.duration', request.model);
    for (const point of [first, between]) expect(point?.attributes).toEqual(duration?.attributes);
    expect(first?.attributes['gen_ai.response.model']).toBe('claude-answered');
  });

  test.each([false, true])('what is no identifier by its length is no label (stream: %s)', async (stream) => {
    const request = fresh();
    const spec = { model: `claude-${'x'.repeat(5000)}`, id: `msg_${'x'.repeat(5000)}` };
    stage.api.enqueue(reply.message(spec));
    const answer = await client.messages.create({ ...request, stream });
    if (Symbol.asyncIterator in answer) await readAll(answer);
    const [duration] = await of('gen_ai.client.operation.duration', request.model);
    expect(duration?.histogram?.count).toBe(1);
    expect(duration?.attributes).not.toHaveProperty('gen_ai.response.model');
  });

  test('an error type is short, however long the server makes it', async () => {
    stage.api.enqueue(reply.error(400, { type: 'x'.repeat(5000), message: 'no' }));
    await rejection(client.messages.create(fresh()));
    const { span, attempts } = await stage.telemetry.call();
    const short = 'x'.repeat(64);
    expect([span, ...attempts].map(({ attributes }) => attributes['error.type'])).toEqual([short, short]);
  });

  test('pieces of a stream that arrive together count as few, but not as none', async () => {
    const request = fresh();
    stage.api.enqueue(reply.stream({ text: Array.from({ length: 300 }, () => 'a') }));
    await readAll(await client.messages.create({ ...request, stream: true }));
    const [between] = await of('gen_ai.client.operation.time_per_output_chunk', request.model);
    expect(between?.histogram?.count).toBeGreaterThanOrEqual(1);
    expect(between?.histogram?.count).toBeLessThan(200);
  });

  test('tokens of the cache add up over calls and streams, broken ones too, and begin at zero', async () => {
    const request = fresh();
    const usage = { input_tokens: 5, cache_read_input_tokens: 300, cache_creation_input_tokens: 0 };
    await client.messages.create(request);
    expect(await cacheTokens(request.model)).toEqual([
      ['read', 0],
      ['write', 0],
    ]);
    stage.api.enqueue(
      reply.message({ usage }),
      reply.stream({ usage: { ...usage, cache_creation_input_tokens: 70 } }),
      reply.stream({ usage }, { ending: { kind: 'truncated', after: 4 } }),
      reply.error(400),
    );
    await client.messages.create(request);
    await readAll(await client.messages.create({ ...request, stream: true }));
    await readAll(await client.messages.create({ ...request, stream: true }));
    await rejection(client.messages.create(request));
    expect(await cacheTokens(request.model)).toEqual([
      ['read', 900],
      ['write', 70],
    ]);
  });

  test('a method that has no cache has no series of it', async () => {
    const request = fresh();
    await client.messages.countTokens({ model: request.model, messages: request.messages });
    expect(await cacheTokens(request.model)).toEqual([]);
  });

  test('a truncated stream records no output tokens', async () => {
    const request = fresh();
    stage.api.enqueue(reply.stream({}, { ending: { kind: 'truncated', after: 4 } }));
    await readAll(await client.messages.create({ ...request, stream: true }));
    const tokens = await of('gen_ai.client.token.usage', request.model);
    expect(tokens.map(({ attributes }) => attributes['gen_ai.token.type'])).toEqual(['input']);
  });

  test('attempts: http.client.request.duration, one for each, by template and status', async () => {
    const before = new Map(
      select(await stage.telemetry.points(), 'http.client.request.duration').map(({ attributes, value }) => [
        JSON.stringify(attributes),
        value,
      ]),
    );
    stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
    await client.messages.create(fresh());
    const added = select(await stage.telemetry.points(), 'http.client.request.duration')
      .map(
        ({ attributes, value }) =>
          [attributes, value - (before.get(JSON.stringify(attributes)) ?? 0)] as const,
      )
      .filter(([, count]) => count > 0);
    const common = {
      'http.request.method': 'POST',
      'server.address': '127.0.0.1',
      'server.port': stage.api.port,
      'url.template': '/v1/messages',
    };
    expect(added).toHaveLength(2);
    expect(added).toEqual(
      expect.arrayContaining([
        [{ ...common, 'http.response.status_code': 529, 'error.type': 'overloaded_error' }, 1],
        [{ ...common, 'http.response.status_code': 200 }, 1],
      ]),
    );
  });

  test('rate-limit gauges: as last heard, by bucket, and gone when the window has reset', async () => {
    const request = fresh();
    const gauge = async (field: string) =>
      (
        await of(`anthropic.client.ratelimit.${field}`, request.model, {
          'anthropic.ratelimit.bucket': 'requests',
        })
      ).map(({ attributes, value }) => [Object.keys(attributes).sort(), value]);
    const names = ['anthropic.ratelimit.bucket', 'gen_ai.provider.name', 'gen_ai.request.model'];
    stage.api.enqueue(reply.message({}, requestLimit('49', new Date(Date.now() + 60_000))));
    await client.messages.create(request);
    stage.api.enqueue(reply.message({}, requestLimit('48', new Date(Date.now() + 60_000))));
    await client.messages.create(request);
    expect(await gauge('limit')).toEqual([[names, 50]]);
    expect(await gauge('remaining')).toEqual([[names, 48]]);
    stage.api.enqueue(reply.message({}, requestLimit('47', new Date(Date.now() - 1000))));
    await client.messages.create(request);
    expect(await gauge('limit')).toEqual([]);
    expect(await gauge('remaining')).toEqual([]);
  });

  test('a call that is no message is measured too, under its own name', async () => {
    await client.models.list();
    const points = select(await stage.telemetry.points(), 'gen_ai.client.operation.duration', {
      'gen_ai.operation.name': 'models.list',
    });
    expect(points).toHaveLength(1);
    expect(points[0]?.attributes).not.toHaveProperty('gen_ai.request.model');
  });
});

test('every metric has the name, the unit, the buckets and the attributes of the schema', async () => {
  const known = new Map<string, (typeof METRICS)[MetricName]>(
    Object.entries(METRICS) as [MetricName, (typeof METRICS)[MetricName]][],
  );
  const recorded = await stage.telemetry.metrics();
  const names = recorded.map(({ descriptor }) => descriptor.name);
  for (const name of names) expect(known.has(name)).toBe(true);
  for (const { descriptor, dataPoints } of recorded) {
    const spec = known.get(descriptor.name);
    expect([descriptor.name, descriptor.unit]).toEqual([descriptor.name, spec?.unit]);
    if (descriptor.name === 'gen_ai.client.token.usage') expect(descriptor.valueType).toBe(ValueType.INT);
    for (const { attributes, value } of dataPoints) {
      const allowed: readonly string[] = spec?.attributes ?? [];
      for (const attribute of Object.keys(attributes)) {
        expect([descriptor.name, allowed]).toEqual([descriptor.name, expect.arrayContaining([attribute])]);
      }
      if (spec && 'buckets' in spec) {
        expect([
          descriptor.name,
          (value as { buckets: { boundaries: number[] } }).buckets.boundaries,
        ]).toEqual([descriptor.name, [...spec.buckets]]);
      }
    }
  }
  const always = Object.keys(METRICS).filter((name) => !/stalled|long_waits/.test(name));
  expect(names).toEqual(expect.arrayContaining(always));
});

/** As many rate limits as are read of one response. */
const manyLimits = (reset: Date) =>
  Object.fromEntries(
    Array.from({ length: 24 }, (_, index) => [
      [`anthropic-ratelimit-bucket${index}-remaining`, '1'],
      [`anthropic-ratelimit-bucket${index}-reset`, reset.toISOString()],
    ]).flat(),
  );

test('with more rate limits than are kept, those that have reset make room', async () => {
  instrumentation.disable();
  const sdk = await stage.load(NEWEST, false);
  instrumentation = new AnthropicInstrumentation({ enabled: false });
  instrumentation.setMeterProvider(stage.telemetry.freshMeters());
  instrumentation.manuallyInstrument(sdk.default);
  const client = stage.client(sdk);
  const hear = async (reset: Date) => {
    const request = fresh();
    stage.api.enqueue(reply.message({}, manyLimits(reset)));
    await client.messages.create(request);
    return request.model;
  };
  const soon = new Date(Date.now() + 600_000);
  await hear(new Date(Date.now() - 1000));
  const early = await hear(soon);
  // 2,000 are kept: the last model has the first 8 of its 24 without any room made.
  for (let count = 2; count < 83; count += 1) await hear(soon);
  const last = await hear(soon);
  expect(await of('anthropic.client.ratelimit.remaining', early)).toHaveLength(24);
  expect(await of('anthropic.client.ratelimit.remaining', last)).toHaveLength(24);
});
