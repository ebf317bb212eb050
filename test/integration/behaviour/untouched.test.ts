import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply, type RecordedRequest, type Reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, MODEL, readAll, REQUEST, setStage, STREAMED } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk, type SdkBuild } from '../../support/sdk-builds.ts';

// Not enabled, so that nothing is instrumented but what is given to it.
const stage = setStage({ config: { enabled: false } });

const FIXED = { id: 'msg_1', model: MODEL } as const;
const ID = { 'request-id': 'req_1' } as const;
const message = reply.message(FIXED, ID);
const streamed = reply.stream(FIXED, { headers: ID });

interface Scenario {
  readonly name: string;
  readonly replies?: readonly Reply[];
  readonly run: (client: Anthropic, sdk: Sdk) => unknown;
  readonly only?: (build: SdkBuild) => boolean;
}

/** What an application does with the SDK. What `run` gives or throws has to be the same with us and without. */
const SCENARIOS: readonly Scenario[] = [
  { name: 'create', replies: [message], run: (client) => client.messages.create(REQUEST) },
  {
    name: 'create with headers, query and betas',
    replies: [message],
    run: (client) =>
      client.beta.messages.create(
        { ...REQUEST, betas: ['a-2026-01-01'] },
        {
          headers: { 'X-Mine': 'Ünïcode'.normalize('NFD').replaceAll(/[^\x20-\x7e]/g, '') },
          query: { q: 1 },
        },
      ),
  },
  {
    name: 'withResponse',
    replies: [message],
    run: async (client) => (await client.messages.create(REQUEST).withResponse()).data,
  },
  {
    name: 'asResponse',
    replies: [message],
    run: async (client) => (await client.messages.create(REQUEST).asResponse()).text(),
  },
  {
    name: 'asResponse twice, then the data',
    replies: [message],
    run: async (client) => {
      const promise = client.messages.create(REQUEST);
      const [first, second] = await Promise.all([promise.asResponse(), promise.asResponse()]);
      return [first === second, await promise];
    },
  },
  {
    name: 'awaited twice',
    replies: [message],
    run: async (client) => {
      const promise = client.messages.create(REQUEST);
      return (await promise) === (await promise);
    },
  },
  {
    name: 'the properties of the promises',
    replies: [message],
    run: async (client) => {
      const request = client.messages.create(REQUEST) as unknown as {
        _thenUnwrap(made: object): Promise<unknown>;
      };
      const unwrapped = request._thenUnwrap((data: unknown) => data);
      await unwrapped;
      const list = client.models.list();
      await list;
      const { parse, asResponse, _thenUnwrap } = list as unknown as Record<
        string,
        (...args: unknown[]) => unknown
      >;
      const methods = [parse, asResponse, _thenUnwrap];
      return [
        methods.map((method) => [method?.name, method?.length]),
        [request, unwrapped, list].map((promise) => Reflect.ownKeys(promise).map(String).filter(isNotNodes)),
      ];
    },
  },
  {
    name: 'what a promise has of its response',
    replies: [message],
    run: async (client) => {
      const request = client.messages.create(REQUEST);
      await request;
      const { responsePromise } = request as unknown as { responsePromise: Promise<object> };
      return Reflect.ownKeys(await responsePromise).map(String);
    },
  },
  {
    name: 'stream',
    replies: [streamed],
    run: async (client) => readAll(await client.messages.create(STREAMED)),
  },
  {
    name: 'messages.stream',
    replies: [streamed],
    run: (client) => client.messages.stream(REQUEST).finalMessage(),
  },
  {
    name: 'the order of a MessageStream’s events',
    replies: [streamed],
    run: async (client) => {
      const seen: string[] = [];
      const stream = client.messages.stream(REQUEST);
      for (const name of [
        'connect',
        'streamEvent',
        'text',
        'contentBlock',
        'message',
        'finalMessage',
        'end',
      ] as const) {
        stream.on(name, () => seen.push(name));
      }
      await stream.done();
      return seen;
    },
  },
  {
    name: 'tee',
    replies: [streamed],
    run: async (client) => Promise.all((await client.messages.create(STREAMED)).tee().map(readAll)),
  },
  {
    name: 'toReadableStream',
    replies: [streamed],
    run: async (client) =>
      new Response((await client.messages.create(STREAMED)).toReadableStream() as ReadableStream).text(),
  },
  {
    name: 'the look of a stream’s iterator',
    replies: [streamed],
    run: async (client) => {
      const stream = await client.messages.create(STREAMED);
      const iterator = stream[Symbol.asyncIterator]();
      const { name } = (stream as unknown as { iterator: () => unknown }).iterator;
      await iterator.return?.();
      return [name, inspect(iterator), Object.hasOwn(iterator.constructor, 'prototype')];
    },
  },
  {
    name: 'two iterations',
    replies: [streamed],
    run: async (client) => {
      const stream = await client.messages.create(STREAMED);
      await readAll(stream);
      return readAll(stream);
    },
  },
  {
    name: 'break and read on',
    replies: [streamed],
    run: async (client) => {
      const stream = await client.messages.create(STREAMED);
      for await (const event of stream) if (event.type === 'message_start') break;
      return [stream.controller.signal.aborted];
    },
  },
  {
    name: 'an error event',
    replies: [reply.stream(FIXED, { headers: ID, ending: reply.streamError(3) })],
    run: async (client) => readAll(await client.messages.create(STREAMED)),
  },
  {
    name: 'a cut stream',
    replies: [reply.stream(FIXED, { headers: ID, ending: { kind: 'cut', after: 3 } })],
    run: async (client) => readAll(await client.messages.create(STREAMED)),
  },
  {
    name: 'countTokens',
    run: (client) => client.messages.countTokens({ model: MODEL, messages: REQUEST.messages }),
  },
  { name: 'a list', run: (client) => readAll(client.models.list({ limit: 2 })) },
  {
    name: 'pages by hand',
    run: async (client) => {
      const page = await client.models.list({ limit: 4 });
      const next = await page.getNextPage();
      return [page.constructor.name, page.hasNextPage(), next.getPaginatedItems(), next.hasNextPage()];
    },
  },
  {
    name: 'the properties of a batch’s results',
    replies: [
      reply.json({ id: 'msgbatch_1', results_url: '/v1/messages/batches/msgbatch_1/results' }),
      reply.raw({
        status: 200,
        headers: { 'content-type': 'application/x-jsonl' },
        body: '{"custom_id":"a"}',
      }),
    ],
    run: async (client) => {
      const results = await client.messages.batches.results('msgbatch_1');
      return [Object.keys(results).sort(), await readAll(results)];
    },
  },
  { name: 'post', replies: [message], run: (client) => client.post('/v1/messages', { body: REQUEST }) },
  {
    name: 'put of bytes',
    replies: [reply.json({})],
    run: (client) => client.put('/v1/x', { body: Uint8Array.of(1, 2, 3) }),
  },
  { name: 'delete of nothing', replies: [reply.noContent()], run: (client) => client.delete('/v1/x') },
  {
    name: 'an upload',
    only: ({ has }) => has.betaFiles,
    replies: [reply.json({ id: 'file_1' })],
    run: async (client, sdk) =>
      client.beta.files.upload({ file: await sdk.toFile(Buffer.from('text'), 'a.txt') }),
  },
  {
    name: 'retries',
    replies: [
      reply.error(429, { headers: { ...ID, ...AT_ONCE } }),
      reply.error(500, { headers: { ...ID, ...AT_ONCE } }),
      message,
    ],
    run: (client) => client.messages.create(REQUEST),
  },
  {
    name: 'retries in vain',
    replies: [1, 2, 3].map(() => reply.error(529, { requestId: 'req_1', headers: { ...ID, ...AT_ONCE } })),
    run: (client) => client.messages.create(REQUEST),
  },
  ...[400, 401, 403, 404, 413, 422].map((status) => ({
    name: String(status),
    replies: [reply.error(status, { requestId: 'req_1', headers: ID })],
    run: (client: Anthropic) => client.messages.create(REQUEST),
  })),
  {
    name: 'no JSON',
    replies: [reply.raw({ status: 200, headers: { 'content-type': 'application/json' }, body: '{' })],
    run: (client) => client.messages.create(REQUEST),
  },
  {
    name: 'reset connections',
    replies: [reply.drop(), reply.drop(), reply.drop()],
    run: (client) => client.messages.create(REQUEST),
  },
  {
    name: 'a timeout',
    replies: [reply.hang()],
    run: (client) => client.messages.create(REQUEST, { timeout: 200, maxRetries: 0 }),
  },
  {
    name: 'aborted before',
    run: (client) => client.messages.create(REQUEST, { signal: AbortSignal.abort() }),
  },
  {
    name: 'aborted at once',
    replies: [reply.hang()],
    run: async (client) => {
      const controller = new AbortController();
      const call = client.messages.create(REQUEST, { signal: controller.signal, maxRetries: 0 });
      const seen = stage.api.requests.length;
      void stage.api.received(seen + 1).then(() => controller.abort());
      return call;
    },
  },
  { name: 'a wrong option', run: (client) => client.messages.create(REQUEST, { timeout: -1 }) },
  {
    name: 'a promise of options that rejects',
    run: (client) => client.request(Promise.reject(new TypeError('mine'))),
  },
  {
    name: 'a fetch that throws at once',
    run: (client, sdk) =>
      withFetch(client, sdk, () => {
        throw new RangeError('mine');
      }).messages.create(REQUEST),
  },
  {
    name: 'a fetch that rejects with no Error',
    run: (client, sdk) => withFetch(client, sdk, () => Promise.reject('text')).messages.create(REQUEST),
  },
  {
    name: 'a fetch that rejects with undefined',
    run: (client, sdk) => withFetch(client, sdk, () => Promise.reject(undefined)).messages.create(REQUEST),
  },
  {
    name: 'a fetch that gives a thenable',
    // The oldest versions want a `finally` of it, and get one with us.
    only: ({ has }) => !has.nodeFetch,
    run: (client, sdk) =>
      withFetch(client, sdk, () => ({
        // oxlint-disable-next-line unicorn/no-thenable
        then: (resolve: (response: Response) => void) => resolve(Response.json({ id: 'thenable' })),
      })).messages.create(REQUEST),
  },
  {
    name: 'a fetch that gives no promise',
    run: (client, sdk) =>
      withFetch(client, sdk, () => Response.json({ id: 'plain' })).messages.create(REQUEST),
  },
  {
    name: 'a fetch that gives nothing',
    run: (client, sdk) => withFetch(client, sdk, () => Promise.resolve(undefined)).messages.create(REQUEST),
  },
  {
    name: 'a fetch that gives an object that is no Response',
    run: (client, sdk) =>
      withFetch(client, sdk, async () => ({
        ok: true,
        status: 200,
        headers: new Headers({ 'content-type': 'application/json' }),
        json: async () => ({ id: 'odd' }),
        text: async () => '{"id":"odd"}',
      })).messages.create(REQUEST),
  },
  {
    name: 'a fetch whose headers throw',
    run: (client, sdk) =>
      withFetch(client, sdk, async () => ({
        ok: true,
        status: 200,
        get headers(): never {
          throw new EvalError('mine');
        },
        json: async () => ({ id: 'odd' }),
      })).messages.create(REQUEST),
  },
  {
    name: 'the arguments and the this of fetch',
    run: async (client, sdk) => {
      const seen: unknown[] = [];
      await withFetch(client, sdk, function (this: unknown, ...args: unknown[]) {
        const init = args[1] as RequestInit;
        seen.push(
          this === undefined,
          args.length,
          typeof args[0],
          Object.keys(init).sort(),
          init.signal?.constructor.name,
        );
        return Promise.resolve(Response.json({ id: 'x' }));
      }).messages.create(REQUEST);
      return seen;
    },
  },
  {
    name: 'a client whose fetch is replaced while a call is under way',
    replies: [reply.error(529, { headers: AT_ONCE })],
    run: async (client, sdk) => {
      const mine = withFetch(client, sdk, (url: string, init: RequestInit) => {
        (mine as unknown as { fetch: unknown }).fetch = () =>
          Promise.resolve(Response.json({ id: 'replaced' }));
        return fetch(url, init);
      });
      return mine.messages.create(REQUEST);
    },
  },
  {
    name: 'a frozen client',
    replies: [reply.error(529, { headers: AT_ONCE }), message],
    run: (client) => Object.freeze(client).messages.create(REQUEST),
  },
  {
    name: 'a client with its own methods',
    replies: [message],
    run: (client, sdk) => {
      class Mine extends sdk.default {
        override get<T>(path: string): ReturnType<typeof client.get<T>> {
          return super.get(`${path}?mine`);
        }
      }
      const mine = new Mine({ apiKey: 'k', baseURL: stage.api.url });
      return mine.get('/v1/models/x');
    },
  },
  {
    name: 'withOptions',
    only: ({ has }) => !has.nodeFetch,
    replies: [message],
    run: (client) =>
      client.withOptions({ maxRetries: 0, defaultHeaders: { 'x-mine': '1' } }).messages.create(REQUEST),
  },
  {
    name: 'a body that cannot be serialized',
    run: (client) => {
      const body: Record<string, unknown> = { ...REQUEST };
      body['self'] = body;
      return client.post('/v1/messages', { body });
    },
  },
  {
    name: 'a body with accessors that throw',
    run: (client) =>
      client.post('/v1/messages', {
        body: {
          get model(): never {
            throw new EvalError('mine');
          },
        },
      }),
  },
  {
    name: 'a middleware that calls next twice',
    only: ({ has }) => has.middleware,
    replies: [reply.error(500), message],
    run: (_client, sdk) =>
      withMiddleware(sdk, async (request, next) => {
        const first = await next(request);
        return first.ok ? first : next(request);
      }).messages.create(REQUEST),
  },
  {
    name: 'a middleware that throws',
    only: ({ has }) => has.middleware,
    run: (_client, sdk) =>
      withMiddleware(sdk, () => {
        throw new RangeError('mine');
      }).messages.create(REQUEST),
  },
  {
    name: 'a middleware that answers by itself',
    only: ({ has }) => has.middleware,
    run: (_client, sdk) =>
      withMiddleware(sdk, async () => Response.json({ id: 'mine' })).messages.create(REQUEST),
  },
  {
    name: 'a middleware that makes a call of its own',
    only: ({ has }) => has.middleware,
    replies: [reply.json({ data: [], has_more: false }), message],
    run: (client, sdk) =>
      withMiddleware(sdk, async (request, next) => {
        await client.models.list();
        return next(request);
      }).messages.create(REQUEST),
  },
];

/** No symbol that Node gives to promises while async hooks are on. */
function isNotNodes(key: string): boolean {
  return !/^Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)$/.test(key);
}

function withFetch(_client: Anthropic, sdk: Sdk, fetch: (...args: never[]) => unknown): Anthropic {
  return stage.client(sdk, { fetch: fetch as unknown as typeof globalThis.fetch, maxRetries: 1 });
}

type Middleware = (request: Request, next: (request: Request) => Promise<Response>) => Promise<Response>;

function withMiddleware(sdk: Sdk, middleware: Middleware): Anthropic {
  return stage.client(sdk, { middleware: [middleware] as never, maxRetries: 0 });
}

/** A text without what differs from run to run: the server's IDs, and ports. */
const settled = (_key: string, item: unknown): unknown =>
  typeof item === 'string' ? item.replaceAll(/req_01\w+|:\d{4,5}\b/g, '') : item;

/** What of a value an application can tell: for an error its class, its place in the classes, and all it carries. */
function tell(value: unknown, sdk: Sdk): unknown {
  if (!(value instanceof Error)) return JSON.parse(JSON.stringify(value ?? null)) as unknown;
  const { message: text, name } = value;
  const classes = Object.entries(sdk).filter(
    ([, member]) =>
      typeof member === 'function' && typeof member.prototype === 'object' && value instanceof member,
  );
  const own = Object.fromEntries(
    Object.getOwnPropertyNames(value)
      .filter((key) => !['stack', 'headers', 'cause', 'socket'].includes(key))
      .map((key) => [key, (value as unknown as Record<string, unknown>)[key]]),
  );
  return {
    class: value.constructor.name,
    name,
    text: settled('', text),
    own: JSON.parse(JSON.stringify(own, settled)) as unknown,
    classes: classes.map(([key]) => key),
    cause: value.cause === undefined ? undefined : (tell(value.cause, sdk) as { class: string }).class,
  };
}

/** A request as it was on the wire, without what differs from run to run. */
function onTheWire({ method, path, rawHeaders, body, headers }: RecordedRequest): unknown {
  const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1];
  const settle = (text: string): string => (boundary ? text.replaceAll(boundary, 'boundary') : text);
  return {
    method,
    path,
    headers: rawHeaders.map(([name, value]) => [
      name,
      /^(host|traceparent|idempotency-key|content-length)$/i.test(name) ? '' : settle(value),
    ]),
    body: settle(body),
  };
}

interface Trace {
  readonly result: unknown;
  readonly wire: readonly unknown[];
  readonly aborted: readonly boolean[];
}

async function trace(scenario: Scenario, sdk: Sdk): Promise<Trace> {
  const before = stage.api.requests.length;
  const client = stage.client(sdk);
  stage.api.enqueue(...(scenario.replies ?? []));
  let result: unknown;
  try {
    result = { resolved: tell(await scenario.run(client, sdk), sdk) };
  } catch (error) {
    result = { rejected: tell(error, sdk) };
  }
  const requests = stage.api.requests.slice(before);
  await Promise.all(requests.map(({ closed }) => closed));
  return { result, wire: requests.map(onTheWire), aborted: requests.map(({ aborted }) => aborted) };
}

const shape = (value: object): unknown => [
  value.constructor.name,
  Object.prototype.toString.call(value),
  Object.getOwnPropertyNames(Object.getPrototypeOf(value) as object).sort(),
];

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  const scenarios = SCENARIOS.filter(({ only }) => only?.(build) ?? true);
  const plain = new Map<string, Trace>();
  let sdk: Sdk;

  beforeAll(async () => {
    sdk = await stage.load(build, false);
    for (const scenario of scenarios) plain.set(scenario.name, await trace(scenario, sdk));
    await stage.load(build);
  });

  test.each(scenarios)('$name: the same results and the same requests as without us', async (scenario) => {
    const instrumented = await trace(scenario, sdk);
    expect(instrumented).toEqual(plain.get(scenario.name));
  });

  test('what the methods give keeps its class and its shape', async () => {
    const client = stage.client(sdk);
    const looks = async (): Promise<unknown> => {
      const promise = client.messages.create(REQUEST);
      const list = client.models.list();
      const helper = client.messages.stream(REQUEST);
      const stream = await client.messages.create(STREAMED);
      const looked = [promise, list, helper, stream].map(shape);
      stream.controller.abort();
      await Promise.all([promise, list, helper.done()]);
      return [looked, promise instanceof Promise, list instanceof Promise];
    };
    const instrumented = await looks();
    stage.instrumentation.disable();
    const plainLooks = await looks();
    stage.instrumentation.manuallyInstrument(sdk.default);
    expect(instrumented).toEqual(plainLooks);
  });

  if (build.has.nativeSpans) {
    test('a page that the application serializes has nothing of its span', async () => {
      const first = await stage.client(sdk).models.list({ limit: 2 });
      const second = await first.getNextPage();
      for (const page of [first, second]) expect(JSON.stringify(page)).not.toContain('spanId');
      await stage.telemetry.calls(2);
    });
  }

  test('the methods keep their names and lengths', () => {
    const methods = (): unknown => {
      const found: unknown[] = [];
      let prototype = sdk.default.prototype as object;
      while (prototype !== Object.prototype) {
        for (const name of Object.getOwnPropertyNames(prototype).sort()) {
          const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
          if (typeof method === 'function') found.push([name, method.name, method.length]);
        }
        prototype = Object.getPrototypeOf(prototype) as object;
      }
      return found;
    };
    const instrumented = methods();
    stage.instrumentation.disable();
    const plainMethods = methods();
    stage.instrumentation.manuallyInstrument(sdk.default);
    expect(instrumented).toEqual(plainMethods);
  });
});
