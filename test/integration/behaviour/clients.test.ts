import { SpanStatusCode } from '@opentelemetry/api';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, FAKE_KEY, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type ClientOptions, type Sdk } from '../../support/sdk-builds.ts';
import { select } from '../../support/telemetry.ts';

const stage = setStage();

const ANSWER = { id: 'msg_x', usage: { input_tokens: 1, output_tokens: 2 } };
const HOSTILE_ANSWER = {
  ...ANSWER,
  get usage(): never {
    return fail();
  },
};
const HOSTILE_ERROR = new Proxy({}, { getPrototypeOf: () => fail() });

/** As packages of the field make them: nothing happens before `then`. */
class LazyPromise<T> extends Promise<T> {
  readonly #make: () => T;

  constructor(make: () => T) {
    super(() => {});
    this.#make = make;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  override then<A, B>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return Promise.resolve(this.#make()).then(onValue, onError);
  }
}

class ReplacedPromise<T> extends Promise<T> {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  override then<A, B>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return super.then(onValue, onError);
  }
}

const NativePromise = Promise;

/** A promise that is none to V8, as zone.js makes them. */
class ForeignPromise<T> {
  readonly #native: Promise<T>;

  constructor(executor: ConstructorParameters<typeof Promise<T>>[0]) {
    this.#native = new NativePromise(executor);
  }

  static resolve<T>(value: T | PromiseLike<T>): ForeignPromise<T> {
    return value instanceof ForeignPromise ? value : new ForeignPromise((resolve) => resolve(value));
  }

  static reject(reason: unknown): ForeignPromise<never> {
    return new ForeignPromise((_, reject) => reject(reason));
  }

  /** Node's own `fetch` asks for it, from 26 on. */
  static withResolvers(): object {
    let functions = {};
    const promise = new ForeignPromise<unknown>((resolve, reject) => {
      functions = { resolve, reject };
    });
    return { promise, ...functions };
  }

  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  then<A, B>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): ForeignPromise<A | B> {
    return new ForeignPromise((resolve) => resolve(this.#native.then(onValue, onError)));
  }

  catch<B>(onError: (reason: unknown) => B): ForeignPromise<T | B> {
    return this.then(undefined, onError);
  }

  finally(onEnd: () => void): ForeignPromise<T> {
    return new ForeignPromise((resolve) => resolve(this.#native.finally(onEnd)));
  }
}

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  beforeAll(async () => {
    sdk = await stage.load(build);
  });
  const withFetch = (fetch: (...args: never[]) => unknown): Anthropic =>
    stage.client(sdk, { fetch: fetch as unknown as typeof globalThis.fetch, maxRetries: 0 });
  const withMiddleware = (middleware: unknown, options: ClientOptions = {}): Anthropic =>
    stage.client(sdk, { middleware: [middleware] as never, maxRetries: 0, ...options });

  describe('a fetch of the application’s own', () => {
    test('that answers by itself', async () => {
      await withFetch(async () =>
        Response.json(
          { id: 'msg_x', usage: { input_tokens: 1, output_tokens: 2 } },
          { headers: { 'request-id': 'req_x' } },
        ),
      ).messages.create(REQUEST);
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts.map(({ attributes }) => attributes['anthropic.request.id'])).toEqual(['req_x']);
      expect(span.attributes).toMatchObject({
        'gen_ai.usage.input_tokens': 1,
        'gen_ai.usage.output_tokens': 2,
      });
    });

    test('that throws at once', async () => {
      await rejection(
        withFetch(() => {
          throw new RangeError('mine');
        }).messages.create(REQUEST),
      );
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(1);
      expect(attempts[0]?.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes['error.type']).toBe('connection_error');
    });

    test.each([
      ['a text', () => Promise.reject('text')],
      ['undefined', () => Promise.reject(undefined)],
      ['null', () => Promise.reject(null)],
      ['a symbol', () => Promise.reject(Symbol('mine'))],
      [
        'an object that throws when it is looked at',
        () =>
          Promise.reject(
            Object.defineProperties({}, { name: { get: () => fail() }, message: { get: () => fail() } }),
          ),
      ],
    ])('that rejects with %s', async (_what, fetch) => {
      await rejection(withFetch(fetch).messages.create(REQUEST));
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(1);
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes['error.type']).toBeTypeOf('string');
    });

    test('that gives nothing', async () => {
      await rejection(withFetch(async () => undefined).messages.create(REQUEST));
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(1);
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
    });

    test('whose response has headers that throw', async () => {
      await rejection(
        withFetch(async () => ({
          ok: true,
          status: 200,
          get headers() {
            return fail();
          },
        })).messages.create(REQUEST),
      );
      const { span, attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(1);
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
    });

    test('whose response has headers that can be listed, and throw when one is asked for', async () => {
      await rejection(
        withFetch(async () => {
          const body = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
          const response = new Response(body, { status: 529, headers: { 'request-id': 'req_1' } });
          Object.defineProperty(response.headers, 'get', { value: () => fail() });
          return response;
        }).messages.create(REQUEST, { maxRetries: 0 }),
      );
      const { span, attempts } = await stage.telemetry.call();
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(attempts.map(({ attributes }) => attributes['anthropic.request.id'])).toEqual(['req_1']);
      expect(attempts[0]?.attributes['error.type']).toBe('overloaded_error');
    });

    test.each([
      ['a promise that begins when it is waited for', () => new LazyPromise(() => Response.json(ANSWER))],
      [
        'a Proxy of a promise',
        () =>
          new Proxy(Promise.resolve(Response.json(ANSWER)), {
            get: (target, name) => (Reflect.get(target, name) as () => unknown).bind(target),
          }),
      ],
    ])('that gives %s', async (_what, fetch) => {
      const { id } = await withFetch(fetch).messages.create(REQUEST);
      expect(id).toBe('msg_x');
      const { span, attempts } = await stage.telemetry.call();
      expect(span.attributes['gen_ai.response.id']).toBe('msg_x');
      expect(attempts.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([200]);
    });

    describe('while the global Promise is replaced', () => {
      afterEach(() => {
        globalThis.Promise = NativePromise;
      });

      test.each([
        ['by a subclass', ReplacedPromise],
        ['by a class that is no promise to V8', ForeignPromise as unknown as PromiseConstructor],
      ])('%s: calls and attempts are recorded, and end', async (_how, replacement) => {
        const client = withFetch(() => replacement.resolve(Response.json(ANSWER)));
        globalThis.Promise = replacement;
        const { id } = await client.messages.create(REQUEST);
        globalThis.Promise = NativePromise;
        expect(id).toBe('msg_x');
        const { span, attempts } = await stage.telemetry.call();
        expect(span.attributes['gen_ai.response.id']).toBe('msg_x');
        expect(attempts.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([200]);
      });
    });

    test.each([
      ['an answer that cannot be read', async () => HOSTILE_ANSWER, SpanStatusCode.OK],
      [
        'an error that cannot be looked at',
        async () => {
          throw HOSTILE_ERROR;
        },
        SpanStatusCode.ERROR,
      ],
    ])('whose body is %s: the call ends', async (_what, json, status) => {
      const headers = new Headers({ 'content-type': 'application/json' });
      const client = withFetch(async () => ({ status: 200, ok: true, url: '', headers, json }));
      await client.messages.create(REQUEST).catch(() => {});
      const { span } = await stage.telemetry.call();
      if (!build.has.nativeSpans) expect(span.status.code).toBe(status);
    });

    test('whose body takes its time: the attempt ends with the headers', async () => {
      const slowly = new ReadableStream({
        async start(controller) {
          await new Promise((resolve) => setTimeout(resolve, 200));
          controller.enqueue(new TextEncoder().encode('{"type":"error","error":{"type":"api_error"}}'));
          controller.close();
        },
      });
      await rejection(withFetch(async () => new Response(slowly, { status: 500 })).messages.create(REQUEST));
      const { span, attempts } = await stage.telemetry.call();
      const [call, attempt] = [span, ...attempts].map(
        ({ duration: [seconds, nanos] }) => seconds + nanos / 1e9,
      );
      expect((call ?? 0) - (attempt ?? 0)).toBeGreaterThan(0.15);
    });

    test('that makes an SDK call of its own: each call has its own attempt', async () => {
      const inner = stage.client(sdk);
      await withFetch(async (url: string, init: RequestInit) => {
        await inner.models.list();
        return fetch(url, init);
      }).messages.create(REQUEST);
      const calls = await stage.telemetry.calls(2);
      const of = (name: string) =>
        calls.find(({ span }) => span.name === name)?.attempts.map((attempt) => attempt.name);
      expect(of('anthropic.messages.create')).toEqual(['POST /v1/messages']);
      expect(of('anthropic.models.list')).toEqual(['GET /v1/models']);
    });
  });

  if (build.has.middleware) {
    describe('a middleware', () => {
      test('that calls next() twice made two attempts', async () => {
        stage.api.enqueue(
          reply.error(500, { headers: { 'request-id': 'req_1' } }),
          reply.message({}, { 'request-id': 'req_2' }),
        );
        await withMiddleware(async (request: Request, next: (request: Request) => Promise<Response>) => {
          const first = await next(request);
          return first.ok ? first : next(request);
        }).messages.create(REQUEST);
        const { span, attempts } = await stage.telemetry.call();
        expect(
          attempts.map(({ attributes }) => [
            attributes['http.response.status_code'],
            attributes['anthropic.request.id'],
            attributes['http.request.resend_count'],
          ]),
        ).toEqual([
          [500, 'req_1', undefined],
          [200, 'req_2', 1],
        ]);
        expect(span.attributes['http.request.resend_count']).toBe(1);
        expect(span.attributes).not.toHaveProperty('anthropic.retry.wait');
        expect(span.status.code).toBe(SpanStatusCode.OK);
      });

      test('that calls next() twice in a retry: only the first of the two waited, for the failure before it', async () => {
        stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
        let isRetry = false;
        const twice = async (request: Request, next: (request: Request) => Promise<Response>) => {
          if (isRetry) await next(request);
          isRetry = true;
          return next(request);
        };
        await withMiddleware(twice, { maxRetries: 1 }).messages.create(REQUEST);
        const { attempts } = await stage.telemetry.call();
        expect(
          attempts.map(({ attributes }) => [
            attributes['anthropic.retry.reason'],
            typeof attributes['anthropic.retry.wait'],
          ]),
        ).toEqual([
          [undefined, 'undefined'],
          ['overloaded_error', 'number'],
          [undefined, 'undefined'],
        ]);
      });

      test('that sends two requests at once', async () => {
        await withMiddleware(async (request: Request, next: (request: Request) => Promise<Response>) => {
          const [first] = await Promise.all([next(request), next(request)]);
          return first;
        }).messages.create(REQUEST);
        const { attempts } = await stage.telemetry.call();
        expect(attempts.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([200, 200]);
      });

      test('that throws: no attempt, and the error is the application’s', async () => {
        const mine = new RangeError('mine');
        const error = await rejection(
          withMiddleware(() => {
            throw mine;
          }).messages.create(REQUEST),
        );
        expect(error).toBe(mine);
        const { span, attempts } = await stage.telemetry.call();
        expect(attempts).toEqual([]);
        expect(span.attributes['error.type']).toBe('client_error');
        expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
      });

      test.each([
        ['a good response', reply.message(), 200],
        ['one that the SDK would have repeated', reply.error(529), 529],
      ])('that throws after %s: its attempt ends as what it was', async (_what, answer, status) => {
        stage.api.enqueue(answer);
        await rejection(
          withMiddleware(async (request: Request, next: (request: Request) => Promise<Response>) => {
            await next(request);
            throw new RangeError('mine');
          }).messages.create(REQUEST),
        );
        const { span, attempts } = await stage.telemetry.call();
        expect(attempts.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([status]);
        expect(span.status.code).toBe(SpanStatusCode.ERROR);
        expect(span.attributes['error.type']).toBe('client_error');
        expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
      });

      test('that hides an error response behind a good one of its own', async () => {
        stage.api.enqueue(reply.error(529));
        await withMiddleware(async (request: Request, next: (request: Request) => Promise<Response>) => {
          await next(request);
          return Response.json({ id: 'mine' });
        }).messages.create(REQUEST);
        const { span, attempts } = await stage.telemetry.call();
        expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual(['overloaded_error']);
        expect(span.status.code).toBe(SpanStatusCode.OK);
        expect(span.attributes['http.response.status_code']).toBe(200);
      });

      test('that puts a failure of its own in the place of another: the call fails by its own', async () => {
        stage.api.enqueue(reply.error(429));
        const error = { type: 'invalid_request_error', message: 'mine' };
        await rejection(
          withMiddleware(async (request: Request, next: (request: Request) => Promise<Response>) => {
            await next(request);
            return Response.json({ type: 'error', error }, { status: 400 });
          }).messages.create(REQUEST),
        );
        const { span, attempts } = await stage.telemetry.call();
        expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual(['rate_limit_error']);
        expect(span.attributes).toMatchObject({
          'error.type': 'invalid_request_error',
          'http.response.status_code': 400,
        });
        expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
        const counted = select(await stage.telemetry.points(), 'anthropic.client.calls', {
          'error.type': 'invalid_request_error',
        });
        const statuses = counted.map(({ attributes }) => attributes['http.response.status_code']);
        expect(statuses).not.toContain(429);
      });

      test('that answers by itself: a call without an attempt', async () => {
        await withMiddleware(async () => Response.json({ id: 'mine' })).messages.create(REQUEST);
        const { span, attempts } = await stage.telemetry.call();
        expect(attempts).toEqual([]);
        expect(span.attributes['gen_ai.response.id']).toBe('mine');
      });

      test('that makes an SDK call of its own: two calls, the second inside the first', async () => {
        const inner = stage.client(sdk);
        await withMiddleware(async (request: Request, next: (request: Request) => Promise<Response>) => {
          await inner.models.list();
          return next(request);
        }).messages.create(REQUEST);
        const calls = await stage.telemetry.calls(2);
        const callOf = (name: string) => calls.find(({ span }) => span.name === name);
        const [outer, within] = [callOf('anthropic.messages.create'), callOf('anthropic.models.list')];
        expect(outer?.attempts.map(({ name }) => name)).toEqual(['POST /v1/messages']);
        expect(within?.attempts.map(({ name }) => name)).toEqual(['GET /v1/models']);
        expect(within?.span.parentSpanContext?.spanId).toBe(outer?.span.spanContext().spanId);
      });
    });
  }

  test('a frozen client', async () => {
    stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
    await Object.freeze(stage.client(sdk)).messages.create(REQUEST);
    const { span, attempts } = await stage.telemetry.call();
    expect(attempts.map(({ name, attributes }) => [name, attributes['http.response.status_code']])).toEqual([
      ['POST /v1/messages', 529],
      ['POST /v1/messages', 200],
    ]);
    expect(span.status.code).toBe(SpanStatusCode.OK);
  });

  test('the client for Anthropic’s API on AWS: its provider is Anthropic, and its request ID AWS’s if need be', async () => {
    class AnthropicAws extends sdk.default {}
    stage.api.enqueue(reply.message({}, { 'request-id': '', 'x-amzn-requestid': 'of-aws' }));
    await stage.client({ ...sdk, default: AnthropicAws }).messages.create(REQUEST);
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'gen_ai.provider.name': 'anthropic',
      'anthropic.request.id': 'of-aws',
    });
    expect(attempts[0]?.attributes['anthropic.request.id']).toBe('of-aws');
  });

  test('a subclass that overrides makeRequest’s neighbours', async () => {
    class Mine extends sdk.default {
      seen = 0;
      protected override async prepareOptions(options: never): Promise<void> {
        this.seen += 1;
        await super.prepareOptions(options);
      }
    }
    const mine = new Mine({ apiKey: FAKE_KEY, baseURL: stage.api.url });
    await mine.messages.create(REQUEST);
    expect(mine.seen).toBe(1);
    const { attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(1);
  });

  if (!build.has.nodeFetch) {
    test('a clone of withOptions()', async () => {
      const clone = stage.client(sdk).withOptions({ maxRetries: 0 });
      await clone.messages.create(REQUEST);
      const { attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(1);
    });
  }

  test('a base URL with a path, a key and a query', async () => {
    const base = new URL(`${stage.api.url}/gateway?token=${FAKE_KEY}`);
    base.username = 'me';
    base.password = 'correct-horse-battery';
    stage.api.enqueue(reply.message());
    await stage
      .client(sdk, { baseURL: base.href, fetch: async () => Response.json({ id: 'x' }) })
      .messages.create(REQUEST);
    const { span, attempts } = await stage.telemetry.call();
    const text = JSON.stringify([
      span.attributes,
      span.name,
      attempts.map(({ attributes, name }) => [attributes, name]),
    ]);
    expect(text).not.toContain('correct-horse-battery');
    expect(text).not.toContain(FAKE_KEY);
    expect(span.attributes['server.address']).toBe('127.0.0.1');
    stage.api.setDefault(() => undefined);
    await stage.client(sdk).messages.create(REQUEST);
  });

  test('a model and an API that are objects of any shape', async () => {
    stage.api.enqueue(reply.json({ id: 1, model: {}, stop_reason: 4, usage: 'much', content: null }));
    await stage.client(sdk).post('/v1/messages', {
      body: {
        model: { id: 1 },
        max_tokens: 'many',
        temperature: null,
        stop_sequences: 'END',
        messages: 4,
        stream: 'no',
      },
    });
    const { span } = await stage.telemetry.call();
    for (const name of [
      'gen_ai.request.model',
      'gen_ai.request.max_tokens',
      'gen_ai.request.temperature',
      'gen_ai.response.id',
    ]) {
      expect(span.attributes).not.toHaveProperty(name);
    }
  });

  test('an unknown endpoint: the method names it, and no path becomes part of a name', async () => {
    stage.api.enqueue(reply.json({}));
    await stage.client(sdk).get('/v2/secret-customers/42');
    const { span, attempts } = await stage.telemetry.call();
    expect(span.name).toBe('anthropic.get');
    expect(attempts[0]?.name).toBe('GET');
    expect(attempts[0]?.attributes).not.toHaveProperty('url.template');
  });
});

function fail(): never {
  throw new EvalError('looked at');
}
