import { SpanStatusCode } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply, startFakeApi } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, FAKE_KEY, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { NEWEST, SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';

const stage = setStage();

/** Statuses that the SDK does not repeat, with the API's type and the SDK's class (where every version has it). */
const REFUSALS = [
  [400, 'invalid_request_error', 'BadRequestError'],
  [401, 'authentication_error', 'AuthenticationError'],
  [402, 'billing_error', 'APIError'],
  [403, 'permission_error', 'PermissionDeniedError'],
  [404, 'not_found_error', 'NotFoundError'],
  [413, 'request_too_large', 'APIError'],
] as const;

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  beforeAll(async () => {
    sdk = await stage.load(build);
    client = stage.client(sdk);
  });

  test.each(REFUSALS)('%i %s', async (status, type, errorClass) => {
    stage.api.enqueue(
      reply.error(status, { message: 'messages.0.role: Field required', headers: { 'request-id': 'req_x' } }),
    );
    const error = await rejection(client.messages.create(REQUEST));
    expect(error).toBeInstanceOf(sdk[errorClass]);
    expect(error['status']).toBe(status);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(1);
    for (const { attributes, status: spanStatus } of [span, ...attempts]) {
      expect(attributes).toMatchObject({
        'http.response.status_code': status,
        'error.type': type,
        'anthropic.request.id': 'req_x',
      });
      expect(spanStatus).toEqual({ code: SpanStatusCode.ERROR, message: 'messages.0.role: Field required' });
    }
    expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
  });

  test('500, whose type comes from the body of the last attempt', async () => {
    stage.api.enqueue(
      reply.error(500, { headers: AT_ONCE }),
      reply.error(500, { type: 'overloaded_error', message: 'Overloaded', headers: AT_ONCE }),
    );
    await rejection(client.messages.create(REQUEST, { maxRetries: 1 }));
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual([
      'api_error',
      'overloaded_error',
    ]);
    expect(span.attributes['error.type']).toBe('overloaded_error');
  });

  test('a 300, which is a failure to the SDK, and one that it repeats where it is told to', async () => {
    const headers = { ...AT_ONCE, 'x-should-retry': 'true', 'request-id': 'req_x' };
    stage.api.enqueue(reply.json({}, 300, headers), reply.json({}, 300, headers));
    const error = await rejection(client.messages.create(REQUEST, { maxRetries: 1 }));
    expect(error['status']).toBe(300);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(2);
    for (const { attributes, status } of [span, ...attempts]) {
      expect(attributes).toMatchObject({
        'http.response.status_code': 300,
        'error.type': '300',
        'anthropic.request.id': 'req_x',
      });
      expect(status.code).toBe(SpanStatusCode.ERROR);
    }
    expect(attempts[1]?.attributes['anthropic.retry.reason']).toBe('300');
    expect(span.attributes['anthropic.retry.exhausted']).toBe(true);
  });

  test.each([408, 409, 429, 500, 502, 529, 600, 999])(
    'a %i, which the SDK repeats: no retry is left',
    async (status) => {
      stage.api.enqueue(reply.error(status, { headers: AT_ONCE }), reply.error(status));
      await rejection(client.messages.create(REQUEST, { maxRetries: 1 }));
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(2);
      expect(span.attributes['anthropic.retry.exhausted']).toBe(true);
    },
  );

  test('a key in the message of a 401 is in no span', async () => {
    stage.api.enqueue(reply.error(401, { message: `invalid x-api-key: ${FAKE_KEY}` }));
    const error = await rejection(client.messages.create(REQUEST));
    expect(error.message).toContain(FAKE_KEY);
    await stage.telemetry.call();
    const exported = JSON.stringify([
      stage.telemetry.spans.map(({ name, attributes, status, events, resource }) => [
        name,
        attributes,
        status,
        events,
        resource.attributes,
      ]),
      await stage.telemetry.points(),
    ]);
    expect(exported).not.toContain(FAKE_KEY);
    expect(exported).not.toContain('A'.repeat(30));
    expect(exported).toContain('invalid x-api-key');
  });

  test('a key in place of a model, asked for and answered, is in no span and in no metric', async () => {
    stage.api.enqueue(reply.message({ model: FAKE_KEY }));
    await client.messages.create({ ...REQUEST, model: FAKE_KEY });
    await stage.telemetry.call();
    // What the SDK writes on its own span passes the gate of an exporter or of a span processor, which this file has not.
    const ours = build.has.nativeSpans ? [] : stage.telemetry.spans;
    const spans = ours.map(({ name, attributes }) => [name, attributes]);
    expect(JSON.stringify([spans, await stage.telemetry.points()])).not.toContain(FAKE_KEY);
  });

  test('a body that is no JSON: the status is the type', async () => {
    stage.api.enqueue(
      reply.raw({ status: 418, headers: { 'content-type': 'text/html' }, body: '<h1>Just a moment...</h1>' }),
    );
    await rejection(client.messages.create(REQUEST));
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes['error.type']).toBe('418');
    expect(attempts[0]?.attributes['error.type']).toBe('418');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('an empty body, and bodies of any shape', async () => {
    const bodies = ['', 'null', '[]', '"text"', '{"error":null}', '{"type":"error"}'];
    // The native span takes a type that is no text as it is.
    if (!build.has.nativeSpans) bodies.push('{"error":{"type":7}}');
    for (const body of bodies) {
      stage.api.enqueue(reply.raw({ status: 403, headers: { 'content-type': 'application/json' }, body }));
      const error = await rejection(client.messages.create(REQUEST));
      expect(error['status']).toBe(403);
      const { span, attempts } = await stage.telemetry.call();
      expect([body, typeof span.attributes['error.type']]).toEqual([body, 'string']);
      expect([body, span.status.code]).toEqual([body, SpanStatusCode.ERROR]);
      expect(attempts[0]?.attributes['http.response.status_code']).toBe(403);
      stage.telemetry.reset();
    }
  });

  test('answers of any shape with status 200', async () => {
    const bodies = ['null', '[]', '7', '{}', '{"usage":null}', '{"content":9}'];
    // The first version with native spans adds up what is no number.
    if (build.version !== '0.134.0') bodies.push('{"usage":[]}', '{"usage":{"input_tokens":"x"}}');
    for (const body of bodies) {
      stage.api.enqueue(reply.raw({ status: 200, headers: { 'content-type': 'application/json' }, body }));
      await client.messages.create(REQUEST);
      const { span } = await stage.telemetry.call();
      expect([body, span.status.code]).toEqual([body, SpanStatusCode.OK]);
      expect(span.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
      stage.telemetry.reset();
    }
  });

  test('a body with status 200 that cannot be parsed fails the call', async () => {
    stage.api.enqueue(
      reply.raw({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"id":' }),
    );
    const error = await rejection(client.messages.create(REQUEST));
    expect(error).not.toBeInstanceOf(sdk.APIError);
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes['error.type']).toBe('client_error');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
    expect(attempts[0]?.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('a refused connection', async () => {
    const gone = await startFakeApi();
    await gone.close();
    const nowhere = stage.client(sdk, { baseURL: gone.url, maxRetries: 1 });
    const error = await rejection(nowhere.messages.create(REQUEST));
    expect(error).toBeInstanceOf(sdk.APIConnectionError);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(2);
    expect(span.attributes['error.type']).toBe('connection_error');
    for (const { attributes } of attempts) expect(attributes['error.type']).toBe('connection_refused');
    for (const { attributes } of [span, ...attempts]) {
      expect(attributes['anthropic.error.code']).toBe('ECONNREFUSED');
    }
    for (const { status } of attempts) expect(status.message).toContain('ECONNREFUSED');
    expect(span.attributes['server.port']).toBe(gone.port);
  });

  test('a timeout before the headers', async () => {
    stage.api.enqueue(reply.hang(), reply.hang());
    const error = await rejection(client.messages.create(REQUEST, { timeout: 200, maxRetries: 1 }));
    expect(error).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual([
      'client_timeout_error',
      'client_timeout_error',
    ]);
    expect(attempts[1]?.attributes['anthropic.retry.reason']).toBe('client_timeout_error');
    expect(span.attributes).toMatchObject({
      'error.type': 'client_timeout_error',
      'anthropic.retry.exhausted': true,
    });
    expect(span.attributes).not.toHaveProperty('anthropic.call.canceled');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('an invalid option that the SDK refuses before any request', async () => {
    const error = await rejection(client.messages.create(REQUEST, { timeout: -1 }));
    expect(error).toBeInstanceOf(Error);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts).toEqual([]);
    expect(span.attributes['error.type']).toBe('client_error');
    expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('no credentials', async () => {
    const error = await rejection(
      stage.client(sdk, { apiKey: null, authToken: null }).messages.create(REQUEST),
    );
    expect(error).toBeInstanceOf(Error);
    const { span } = await stage.telemetry.call();
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });

  describe('the caller cancels', () => {
    test('before the call', async () => {
      const error = await rejection(client.messages.create(REQUEST, { signal: AbortSignal.abort() }));
      expect(error).toBeInstanceOf(sdk.APIUserAbortError);
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts).toEqual([]);
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
      expect(span.attributes).not.toHaveProperty('error.type');
    });

    test('before the headers', async () => {
      const seen = stage.api.requests.length;
      stage.api.enqueue(reply.hang());
      const controller = new AbortController();
      const call = client.messages.create(REQUEST, { signal: controller.signal });
      const failed = rejection(call);
      await stage.api.received(seen + 1);
      controller.abort();
      expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(1);
      for (const { attributes, status } of [span, ...attempts]) {
        expect(status.code).toBe(SpanStatusCode.UNSET);
        expect(attributes).not.toHaveProperty('error.type');
      }
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
    });

    test('with a reason of its own', async () => {
      const seen = stage.api.requests.length;
      stage.api.enqueue(reply.hang());
      const controller = new AbortController();
      const failed = rejection(client.messages.create(REQUEST, { signal: controller.signal }));
      await stage.api.received(seen + 1);
      controller.abort(new TypeError('enough'));
      expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
    });

    test('during the sleep before a retry', async () => {
      stage.api.enqueue(reply.error(529));
      const controller = new AbortController();
      // The SDK asks how long to sleep, and then sleeps: the abort comes in between.
      const patient = stage.client(sdk, {}, () => {
        setImmediate(() => controller.abort());
        return 30;
      });
      const error = await rejection(patient.messages.create(REQUEST, { signal: controller.signal }));
      expect(error).toBeInstanceOf(sdk.APIUserAbortError);
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(1);
      expect(attempts[0]?.attributes).toMatchObject({
        'http.response.status_code': 529,
        'error.type': 'overloaded_error',
      });
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
      expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
    });

    test('while the body of an answer is read', async () => {
      const seen = stage.api.requests.length;
      stage.api.enqueue(
        reply.stream(
          {},
          {
            hold: { after: 1, until: new Promise(() => {}) },
            headers: { 'content-type': 'application/json' },
          },
        ),
      );
      const controller = new AbortController();
      const failed = rejection(client.messages.create(REQUEST, { signal: controller.signal }));
      await stage.api.received(seen + 1);
      const attempt = await stage.telemetry.attempt();
      expect(attempt.attributes['http.response.status_code']).toBe(200);
      controller.abort();
      await failed;
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
    });
  });
});

/** A credential of this beginning, made here so that it stands in no file. */
const credential = (beginning: string): string => ['sk', 'ant', beginning, 'A'.repeat(95)].join('-');

describe('the hint of a refused credential', () => {
  test.each([
    [403, 'an admin key', { apiKey: credential('admin01') }, 'admin_key'],
    [401, 'an OAuth token as a key', { apiKey: credential('oat01') }, 'oauth_token_as_key'],
    [401, 'quotation marks around a token', { apiKey: null, authToken: '"token"' }, 'quoted_key'],
    [401, 'an OAuth token where it belongs', { apiKey: null, authToken: credential('oat01') }, 'unknown'],
  ])('is that of what was sent: %d, %s', async (status, _what, options, hint) => {
    const client = stage.client(await stage.load(NEWEST), options);
    stage.api.enqueue(reply.error(status, { message: 'No.' }));
    await rejection(client.messages.create(REQUEST));
    const { span } = await stage.telemetry.call();
    expect(span.attributes['anthropic.error.hint']).toBe(hint);
  });
});
