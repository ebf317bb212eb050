import { SpanStatusCode } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';

const stage = setStage();

/** A connection that the server resets shows as one of these: which, is a race in the runtime. */
const RESET = /^connection_(reset|error)$|^premature_close$/;

/** Headers with which no bucket stands at zero. */
const PLENTY = {
  'anthropic-ratelimit-requests-remaining': '9',
  'anthropic-ratelimit-tokens-remaining': '9000',
  'anthropic-ratelimit-input-tokens-remaining': '9000',
  'anthropic-ratelimit-output-tokens-remaining': '9000',
} as const;

const ms = ([seconds, nanos]: readonly [number, number]): number => seconds * 1e3 + nanos / 1e6;
const limitsOf = (attributes: object): object =>
  Object.fromEntries(
    Object.entries(attributes).filter(
      ([name]) => name.startsWith('anthropic.ratelimit.') && !/\.(input|output)_tokens\./.test(name),
    ),
  );

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  beforeAll(async () => {
    sdk = await stage.load(build);
    client = stage.client(sdk);
  });

  test('a 429 that a retry recovered: two attempts, each with its own facts, and a call that is fine', async () => {
    stage.api.enqueue(
      reply.error(429, {
        headers: {
          'retry-after-ms': '12',
          'request-id': 'req_first',
          ...PLENTY,
          'anthropic-ratelimit-requests-remaining': '0',
        },
      }),
      reply.message({}, { 'request-id': 'req_second' }),
    );
    await client.messages.create(REQUEST);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(2);
    const [first, second] = attempts;
    for (const { attributes } of attempts) {
      expect(attributes).toMatchObject({
        'http.request.method': 'POST',
        'server.address': '127.0.0.1',
        'server.port': stage.api.port,
        'url.full': `${stage.api.url}/v1/messages`,
        'url.template': '/v1/messages',
      });
    }
    expect(first?.attributes).toMatchObject({
      'http.response.status_code': 429,
      'error.type': 'rate_limit_error',
      'anthropic.request.id': 'req_first',
      'anthropic.retry.after': 0.012,
      'anthropic.rate_limit.cause': 'requests',
      'anthropic.ratelimit.requests.remaining': 0,
    });
    expect(first?.attributes).not.toHaveProperty('http.request.resend_count');
    expect(first?.attributes).not.toHaveProperty('anthropic.retry.wait');
    expect(first?.status.code).toBe(SpanStatusCode.ERROR);
    expect(second?.attributes).toMatchObject({
      'http.response.status_code': 200,
      'anthropic.request.id': 'req_second',
      'http.request.resend_count': 1,
      'anthropic.retry.reason': 'rate_limit_error',
    });
    expect(second?.attributes['anthropic.retry.wait']).toBeGreaterThan(0.005);
    expect(second?.attributes).not.toHaveProperty('error.type');
    expect(second?.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toMatchObject({
      'anthropic.request.id': 'req_second',
      'http.response.status_code': 200,
      'http.request.resend_count': 1,
      'anthropic.retry.wait': second?.attributes['anthropic.retry.wait'],
    });
    for (const absent of ['error.type', 'anthropic.retry.exhausted', 'anthropic.rate_limit.cause']) {
      expect(span.attributes).not.toHaveProperty(absent);
    }
    expect(span.status.code).toBe(SpanStatusCode.OK);
  });

  test('a 529 that no retry recovered: every attempt failed, and the call is exhausted', async () => {
    stage.api.enqueue(
      ...[1, 2, 3].map((n) => reply.error(529, { headers: { ...AT_ONCE, 'request-id': `req_${n}` } })),
    );
    const error = await rejection(client.messages.create(REQUEST));
    expect(error).toBeInstanceOf(sdk.APIError);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts.map(({ attributes }) => attributes['anthropic.request.id'])).toEqual([
      'req_1',
      'req_2',
      'req_3',
    ]);
    expect(attempts.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([
      undefined,
      1,
      2,
    ]);
    expect(attempts.map(({ attributes }) => attributes['anthropic.retry.reason'])).toEqual([
      undefined,
      'overloaded_error',
      'overloaded_error',
    ]);
    for (const { attributes, status } of attempts) {
      expect(attributes).toMatchObject({
        'http.response.status_code': 529,
        'error.type': 'overloaded_error',
      });
      expect(status.code).toBe(SpanStatusCode.ERROR);
    }
    expect(span.attributes).toMatchObject({
      'http.response.status_code': 529,
      'error.type': 'overloaded_error',
      'anthropic.request.id': 'req_3',
      'http.request.resend_count': 2,
      'anthropic.retry.exhausted': true,
    });
    const waits = attempts.map(({ attributes }) => Number(attributes['anthropic.retry.wait'] ?? 0));
    expect(span.attributes['anthropic.retry.wait']).toBeCloseTo(
      waits.reduce((a, b) => a + b),
      9,
    );
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'Overloaded' });
  });

  test('a connection that was reset, and recovered', async () => {
    stage.api.enqueue(reply.drop({ reset: true }), reply.message());
    await client.messages.create(REQUEST);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(2);
    expect(attempts[0]?.attributes['error.type']).toMatch(RESET);
    expect(attempts[0]?.status.code).toBe(SpanStatusCode.ERROR);
    expect(attempts[0]?.attributes).not.toHaveProperty('http.response.status_code');
    expect(attempts[1]?.attributes).toMatchObject({
      'anthropic.retry.reason': attempts[0]?.attributes['error.type'],
      'http.request.resend_count': 1,
    });
    expect(attempts[1]?.attributes['anthropic.retry.wait']).toBeGreaterThan(0);
    expect(span.status.code).toBe(SpanStatusCode.OK);
    expect(span.attributes).not.toHaveProperty('error.type');
  });

  test('connections that were reset each time', async () => {
    stage.api.enqueue(reply.drop({ reset: true }), reply.drop({ reset: true }));
    const error = await rejection(client.messages.create(REQUEST, { maxRetries: 1 }));
    expect(error).toBeInstanceOf(sdk.APIConnectionError);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(2);
    for (const { attributes } of attempts) expect(attributes['error.type']).toMatch(RESET);
    expect(span.attributes).toMatchObject({
      'error.type': 'connection_error',
      'anthropic.retry.exhausted': true,
      'http.request.resend_count': 1,
    });
    expect(span.attributes).not.toHaveProperty('http.response.status_code');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('no retries allowed: one attempt, exhausted', async () => {
    stage.api.enqueue(reply.error(500));
    await rejection(client.messages.create(REQUEST, { maxRetries: 0 }));
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(1);
    expect(span.attributes).toMatchObject({ 'error.type': 'api_error', 'anthropic.retry.exhausted': true });
    expect(span.attributes).not.toHaveProperty('http.request.resend_count');
    expect(span.attributes).not.toHaveProperty('anthropic.retry.wait');
  });

  test('x-should-retry: false on a 429 ends the call at once, not exhausted', async () => {
    stage.api.enqueue(reply.error(429, { headers: { 'x-should-retry': 'false' } }));
    await rejection(client.messages.create(REQUEST));
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(1);
    expect(span.attributes['error.type']).toBe('rate_limit_error');
    expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
  });

  test('x-should-retry: true on a 400 makes the SDK repeat it', async () => {
    const refusal = reply.error(400, { headers: { ...AT_ONCE, 'x-should-retry': 'true' } });
    stage.api.enqueue(refusal, refusal);
    await rejection(client.messages.create(REQUEST, { maxRetries: 1 }));
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(2);
    expect(attempts[1]?.attributes['anthropic.retry.reason']).toBe('invalid_request_error');
    expect(span.attributes['anthropic.retry.exhausted']).toBe(true);
  });

  test('different failures: each attempt names the one before it', async () => {
    stage.api.enqueue(
      reply.error(529, { headers: AT_ONCE }),
      reply.drop({ reset: true }),
      reply.error(500, { headers: AT_ONCE }),
      reply.message(),
    );
    await client.messages.create(REQUEST, { maxRetries: 3 });
    const { attempts } = await stage.telemetry.call();
    expect(attempts.map(({ attributes }) => attributes['anthropic.retry.reason'])).toEqual([
      undefined,
      'overloaded_error',
      expect.stringMatching(RESET),
      'api_error',
    ]);
  });

  test('the wait that a response asks for: seconds, a date, nonsense', async () => {
    const date = new Date(Date.now() + 7_200_000).toUTCString();
    const stop = { 'x-should-retry': 'false' };
    const asked: (number | undefined)[] = [];
    const past = new Date(Date.now() - 7_200_000).toUTCString();
    for (const header of ['17', '0.5', date, 'soon', '-3', past]) {
      stage.api.enqueue(reply.error(429, { headers: { ...stop, 'retry-after': header } }));
      await rejection(client.messages.create(REQUEST));
      const { attempts } = await stage.telemetry.call();
      asked.push(attempts[0]?.attributes['anthropic.retry.after'] as number | undefined);
      stage.telemetry.reset();
    }
    expect(asked.slice(0, 2)).toEqual([17, 0.5]);
    expect(asked[2]).toBeGreaterThan(7_190);
    expect(asked[2]).toBeLessThanOrEqual(7_200);
    expect(asked[3]).toBeUndefined();
    // The SDK does not wait a negative time: no wait is asked for.
    expect(asked.slice(4)).toEqual([0, 0]);
  });

  test('the wait that a response asks for: no milliseconds, but seconds', async () => {
    const headers = { 'x-should-retry': 'false', 'retry-after-ms': '0', 'retry-after': '5' };
    stage.api.enqueue(reply.error(429, { headers }));
    await rejection(client.messages.create(REQUEST));
    const { attempts } = await stage.telemetry.call();
    expect(attempts[0]?.attributes['anthropic.retry.after']).toBe(5);
  });

  test('a retried stream', async () => {
    stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
    const message = await client.messages.stream(REQUEST).finalMessage();
    expect(message.usage.output_tokens).toBe(12);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(2);
    expect(span.attributes).toMatchObject({
      'http.request.resend_count': 1,
      'gen_ai.usage.output_tokens': 12,
    });
    expect(span.status.code).toBe(SpanStatusCode.OK);
  });

  test('a retried page of a list', async () => {
    stage.api.enqueue(reply.error(500, { headers: AT_ONCE }));
    await client.models.list();
    const { attempts } = await stage.telemetry.call();
    expect(attempts.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([500, 200]);
  });

  test('attempts cover the request alone: the sleep is between them, and all lie within the call', async () => {
    stage.api.enqueue(reply.error(529, { headers: { 'retry-after-ms': '40' } }));
    await client.messages.create(REQUEST);
    const { span, attempts } = await stage.telemetry.call();
    const [first, second] = attempts;
    if (!first || !second) throw new Error('two attempts');
    const gap = ms(second.startTime) - ms(first.endTime);
    expect(gap).toBeGreaterThanOrEqual(35);
    expect(1e3 * Number(second.attributes['anthropic.retry.wait'])).toBeLessThanOrEqual(gap + 1);
    expect(ms(first.startTime)).toBeGreaterThanOrEqual(ms(span.startTime) - 1);
    expect(ms(second.endTime)).toBeLessThanOrEqual(ms(span.endTime) + 1);
  });

  test('what is no identifier by its length is on no span of ours', async () => {
    const own = stage.client(sdk, build.has.nativeSpans ? { openTelemetry: false } : {});
    const long = 'x'.repeat(257);
    const IDENTITY = ['anthropic.request.id', 'anthropic.organization.id', 'anthropic.workspace.id'];
    for (const [id, platforms, expected] of [
      [long, '', undefined],
      [long, 'of-aws', 'of-aws'],
      [long.slice(1), 'of-aws', long.slice(1)],
    ] as const) {
      stage.api.enqueue(
        reply.json({ id: long, type: 'message_batch' }, 200, {
          'request-id': id,
          'x-amzn-requestid': platforms,
          'anthropic-organization-id': long,
          'anthropic-workspace-id': long,
        }),
      );
      await own.post('/v1/messages/batches', { body: { requests: [] } });
      const { span, attempts } = await stage.telemetry.call();
      expect(span.name).toBe('anthropic.messages.batches.create');
      expect(span.attributes).not.toHaveProperty('anthropic.message.batch.id');
      expect(IDENTITY.map((name) => span.attributes[name])).toEqual([expected, undefined, undefined]);
      expect(attempts.map(({ attributes }) => attributes['anthropic.request.id'])).toEqual([expected]);
      stage.telemetry.reset();
    }
  });

  describe('rate-limit headers', () => {
    test('every bucket, also one that is new; absent headers give nothing', async () => {
      stage.api.enqueue(
        reply.message(
          {},
          {
            'anthropic-ratelimit-requests-limit': '50',
            'anthropic-ratelimit-requests-remaining': '49',
            'anthropic-ratelimit-requests-reset': '2026-11-22T20:00:00Z',
            'anthropic-ratelimit-tokens-limit': null,
            'anthropic-ratelimit-tokens-remaining': '7000',
            'anthropic-ratelimit-tokens-reset': null,
            'anthropic-priority-input-tokens-limit': '10000',
            'anthropic-fast-output-tokens-remaining': '0',
            'anthropic-ratelimit-brand-new-5h-thing-remaining': '3',
          },
        ),
      );
      await client.messages.create(REQUEST);
      const { span, attempts } = await stage.telemetry.call();
      expect(limitsOf(attempts[0]?.attributes ?? {})).toEqual({
        'anthropic.ratelimit.requests.limit': 50,
        'anthropic.ratelimit.requests.remaining': 49,
        'anthropic.ratelimit.requests.reset': '2026-11-22T20:00:00Z',
        'anthropic.ratelimit.tokens.remaining': 7000,
        'anthropic.ratelimit.priority_input_tokens.limit': 10000,
        'anthropic.ratelimit.fast_output_tokens.remaining': 0,
        'anthropic.ratelimit.brand_new_5h_thing.remaining': 3,
      });
      expect(limitsOf(span.attributes)).toEqual({});
    });

    test('a time that does not exist, or in another century, is dropped', async () => {
      const times = [
        ['2026-13-45T00:00:00Z', undefined],
        ['2026-02-30T00:00:00Z', undefined],
        ['2026-02-29T00:00:00Z', undefined],
        ['2026-04-31T00:00:00Z', undefined],
        ['2026-11-22T24:00:00Z', undefined],
        ['9999-12-31T23:59:59Z', undefined],
        ['0001-01-01T00:00:00Z', undefined],
        ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
        ['2026-12-31T23:59:59.123456Z', '2026-12-31T23:59:59.123456Z'],
        ['2026-12-31T23:59:59+05:30', '2026-12-31T23:59:59+05:30'],
      ] as const;
      for (const [reset, expected] of times) {
        stage.api.enqueue(reply.message({}, { 'anthropic-ratelimit-requests-reset': reset }));
        await client.messages.create(REQUEST);
        const { attempts } = await stage.telemetry.call();
        expect([reset, attempts[0]?.attributes['anthropic.ratelimit.requests.reset']]).toEqual([
          reset,
          expected,
        ]);
        stage.telemetry.reset();
      }
    });

    test('malformed values are dropped, never a wrong number', async () => {
      const bad = ['-1', '1e3', '0x10', 'NaN', '', ' ', '12abc', '9223372036854775807', '1.5', '50, 60'];
      for (const value of bad) {
        stage.api.enqueue(
          reply.message(
            {},
            {
              'anthropic-ratelimit-requests-limit': value,
              'anthropic-ratelimit-requests-remaining': value,
              'anthropic-ratelimit-requests-reset': value,
            },
          ),
        );
        await client.messages.create(REQUEST);
        const { attempts } = await stage.telemetry.call();
        for (const field of ['limit', 'remaining', 'reset']) {
          expect([value, attempts[0]?.attributes[`anthropic.ratelimit.requests.${field}`]]).toEqual([
            value,
            undefined,
          ]);
        }
        stage.telemetry.reset();
      }
    });
  });

  describe('the cause of a 429', () => {
    const MESSAGES: readonly (readonly [text: string, cause: string, details?: Record<string, unknown>])[] = [
      ['would exceed your organization’s rate limit of 50 requests per minute', 'requests'],
      ['would exceed the rate limit of 30,000 input tokens per minute', 'input_tokens'],
      ['would exceed the rate limit of 8,000 output tokens per minute', 'output_tokens'],
      ['Number of request tokens has exceeded your daily rate limit', 'tokens'],
      [
        'would exceed your organization’s maximum usage increase rate for input tokens per minute',
        'acceleration',
      ],
      ['You have reached your API usage limits.', 'spend'],
      ['Rate limited.', 'unknown'],
      ['Error', 'spend', { error_code: 'enforced_spend_limit_reached' }],
      ['Error', 'acceleration', { error_code: 'ramp_limit_exceeded' }],
    ];

    test('from the body, on the last attempt and the call', async () => {
      for (const [message, cause, details = null] of MESSAGES) {
        stage.api.enqueue(
          reply.error(429, { message, details, headers: { ...PLENTY, 'x-should-retry': 'false' } }),
        );
        await rejection(client.messages.create(REQUEST));
        const { span, attempts } = await stage.telemetry.call();
        expect([message, span.attributes['anthropic.rate_limit.cause']]).toEqual([message, cause]);
        expect([message, attempts[0]?.attributes['anthropic.rate_limit.cause']]).toEqual([message, cause]);
        stage.telemetry.reset();
      }
    });

    test('from the headers that stand at zero, where the body was never read', async () => {
      for (const [headers, cause] of [
        [{ 'anthropic-ratelimit-input-tokens-remaining': '0' }, 'input_tokens'],
        [{ 'anthropic-ratelimit-output-tokens-remaining': '0' }, 'output_tokens'],
        [{ 'anthropic-ratelimit-tokens-remaining': '0' }, 'tokens'],
        [{ 'anthropic-fast-input-tokens-remaining': '0' }, 'input_tokens'],
        // Beyond that capacity the API serves at the standard tier: it refuses nothing because of it.
        [{ 'anthropic-priority-input-tokens-remaining': '0' }, 'unknown'],
        [{}, 'unknown'],
      ] as const) {
        stage.api.enqueue(
          reply.error(429, { headers: { ...AT_ONCE, ...PLENTY, ...headers } }),
          reply.message(),
        );
        await client.messages.create(REQUEST);
        const { attempts } = await stage.telemetry.call();
        expect(attempts[0]?.attributes['anthropic.rate_limit.cause']).toBe(cause);
        stage.telemetry.reset();
      }
    });

    test('from the headers, where the text of the last attempt does not tell', async () => {
      stage.api.enqueue(
        reply.error(429, {
          headers: {
            ...PLENTY,
            'x-should-retry': 'false',
            'anthropic-ratelimit-output-tokens-remaining': '0',
          },
        }),
      );
      await rejection(client.messages.create(REQUEST));
      const { span, attempts } = await stage.telemetry.call();
      expect(span.attributes['anthropic.rate_limit.cause']).toBe('output_tokens');
      expect(attempts[0]?.attributes['anthropic.rate_limit.cause']).toBe('output_tokens');
    });
  });
});
