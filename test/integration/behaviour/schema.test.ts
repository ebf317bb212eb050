import { ProxyTracerProvider, type Attributes, type SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reply, type Reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, MODEL, readAll, rejection, REQUEST, setStage, STREAMED } from '../../support/behaviour.ts';
import { NEWEST, SDK_BUILDS, type Anthropic, type Sdk, type SdkBuild } from '../../support/sdk-builds.ts';

const stage = setStage();

interface Scenario {
  readonly name: string;
  readonly replies?: readonly Reply[];
  readonly run: (client: Anthropic) => Promise<unknown>;
  readonly skip?: (build: SdkBuild) => boolean;
}

const MESSAGE = {
  id: 'msg_1',
  model: 'claude-sonnet-5-5-20261001',
  usage: {
    input_tokens: 5,
    output_tokens: 40,
    cache_read_input_tokens: 1000,
    cache_creation_input_tokens: 200,
    cache_creation: { ephemeral_5m_input_tokens: 150, ephemeral_1h_input_tokens: 50 },
    output_tokens_details: { thinking_tokens: 9 },
    service_tier: 'priority',
  },
} as const;
const IDENTITY = {
  'request-id': 'req_1',
  'anthropic-organization-id': 'org_1',
  'anthropic-workspace-id': 'wrkspc_1',
} as const;
const NO_CACHE = { cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
/** Two compactions, whose tokens the usage itself leaves out. */
const ITERATIONS = [
  { ...NO_CACHE, type: 'compaction', input_tokens: 900, output_tokens: 30, cache_read_input_tokens: 100 },
  { ...NO_CACHE, type: 'compaction', input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 7 },
  { ...NO_CACHE, type: 'message', input_tokens: 5, output_tokens: 40 },
];
const COMPACTED = { ...MESSAGE, usage: { ...MESSAGE.usage, iterations: ITERATIONS } };
const RICH = {
  ...REQUEST,
  temperature: 0.5,
  top_p: 0.9,
  top_k: 40,
  stop_sequences: ['END'],
  service_tier: 'auto' as const,
  thinking: { type: 'enabled' as const, budget_tokens: 1024 },
  output_config: {
    effort: 'high' as const,
    format: { type: 'json_schema' as const, schema: { type: 'object' } },
  },
};

/** A turn of a thread, of whose promise the SDK's own helper makes another one. */
const THREAD = { model: MODEL, max_tokens: 64 };
const TURN = REQUEST.messages;
const hasNoThreads = ({ has }: SdkBuild): boolean => !has.threads;

/** A message whose tool input is no JSON: the SDK's helper fails on it. */
const NO_JSON = [
  {
    type: 'message_start',
    message: { id: 'm', model: 'one', content: [], usage: { input_tokens: 1, output_tokens: 1 } },
  },
  {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
  },
  {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'input_json_delta', partial_json: '{"a": }x' },
  },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 3 } },
  { type: 'message_stop' },
];

/** Calls about objects with IDs: in the path, in the request, in the answer, or twice. */
const OBJECTS: readonly (readonly [
  name: string,
  body: object,
  run: (client: Anthropic) => Promise<unknown>,
])[] = [
  [
    'a new session',
    { id: 'session_1', agent: { id: 'agent_1', name: 'Helper', model: { id: MODEL } } },
    (client) => client.beta.sessions.create({ agent: 'agent_1', environment_id: 'env_1' }),
  ],
  [
    'a new session of an agent’s version',
    { id: 'session_1' },
    (client) =>
      client.beta.sessions.create({
        agent: { type: 'agent', id: 'agent_1', version: 2 },
        environment_id: 'env_1',
      }),
  ],
  [
    'a thread of a session',
    { id: 'thread_1' },
    (client) => client.beta.sessions.threads.retrieve('thread_1', { session_id: 'session_1' }),
  ],
  [
    'a thread in a conversation that the application names',
    { id: 'thread_1' },
    (client) =>
      client.beta.sessions.threads.retrieve(
        'thread_1',
        { session_id: 'session_1' },
        { openTelemetry: { conversationId: 'conversation_1' } },
      ),
  ],
  [
    'a resource added to a session',
    { id: 'resource_1' },
    (client) => client.beta.sessions.resources.add('session_1', { type: 'file', file_id: 'file_1' }),
  ],
  [
    'a work item of an environment',
    { id: 'work_1' },
    (client) => client.beta.environments.work.ack('work_1', { environment_id: 'env_1' }),
  ],
  ['a new agent', { id: 'agent_1' }, (client) => client.beta.agents.create({ model: MODEL, name: 'Helper' })],
  ['an agent', { id: 'agent_1' }, (client) => client.beta.agents.retrieve('agent_1')],
  [
    'a new memory',
    { id: 'memory_1' },
    (client) =>
      client.beta.memoryStores.memories.create('store_1', { content: 'as said', path: '/notes.md' }),
  ],
  [
    'a version of a skill',
    { version: '7' },
    (client) => client.beta.skills.versions.retrieve('7', { skill_id: 'skill_1' }),
  ],
  ['an ID that has to be escaped', { id: 'agent/1 a' }, (client) => client.beta.agents.retrieve('agent/1 a')],
  ['a new vault', { id: 'vault_1' }, (client) => client.beta.vaults.create({ display_name: 'mine' })],
  [
    'sessions by their agent, in an order',
    { data: [] },
    (client) => client.beta.sessions.list({ agent_id: 'agent_1', order: 'asc', limit: 2 }),
  ],
  ['a user profile', { id: 'profile_1' }, (client) => client.beta.userProfiles.retrieve('profile_1')],
];

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a list with parameters',
    replies: [reply.json({ data: [], has_more: false }, 200, IDENTITY)],
    run: (client) => client.models.list({ limit: 1, after_id: 'claude-none' }),
  },
  {
    name: 'a model',
    replies: [reply.json({ id: MODEL, type: 'model' }, 200, IDENTITY)],
    run: (client) => client.models.retrieve(MODEL),
  },
  {
    name: 'a new batch',
    replies: [reply.json({ id: 'msgbatch_1', type: 'message_batch' }, 200, IDENTITY)],
    run: (client) => client.messages.batches.create({ requests: [{ custom_id: 'a', params: REQUEST }] }),
  },
  {
    name: 'a batch',
    replies: [reply.json({ id: 'msgbatch_1', type: 'message_batch' }, 200, IDENTITY)],
    run: (client) => client.messages.batches.retrieve('msgbatch_1'),
  },
  ...OBJECTS.map(([name, body, run]) => ({
    name,
    replies: [reply.json(body, 200, IDENTITY)],
    run,
    skip: ({ has }: SdkBuild) => !has.agents,
  })),
  {
    name: 'a plain message',
    replies: [reply.message(MESSAGE, IDENTITY)],
    run: (client) => client.messages.create(REQUEST),
  },
  {
    name: 'every parameter',
    replies: [reply.message(MESSAGE, IDENTITY)],
    run: (client) =>
      client.messages.create(RICH, { headers: { 'anthropic-beta': 'one-2026-01-01, two-2026-01-01' } }),
  },
  {
    name: 'betas given as a parameter',
    replies: [reply.message(MESSAGE, IDENTITY)],
    run: (client) => client.beta.messages.create({ ...REQUEST, betas: ['one-2026-01-01', 'two-2026-01-01'] }),
  },
  {
    name: 'a message with compactions',
    replies: [reply.message(COMPACTED, IDENTITY)],
    run: (client) => client.messages.create(REQUEST),
  },
  {
    name: 'a stream with compactions',
    replies: [
      reply.stream(
        {},
        {
          headers: IDENTITY,
          events: [
            {
              type: 'message_start',
              message: { id: 'm', model: 'one', usage: { input_tokens: 1, output_tokens: 1 } },
            },
            {
              type: 'message_delta',
              delta: { stop_reason: 'end_turn' },
              usage: { output_tokens: 3, iterations: ITERATIONS },
            },
            { type: 'message_stop' },
          ],
        },
      ),
    ],
    run: async (client) => readAll(await client.messages.create(STREAMED)),
  },
  {
    name: 'the beta’s older parameter for JSON',
    replies: [reply.message(MESSAGE, IDENTITY)],
    run: (client) =>
      client.beta.messages.create({
        ...REQUEST,
        output_format: { type: 'json_schema', schema: { type: 'object' } },
      }),
  },
  {
    name: 'a stop sequence',
    replies: [reply.message({ ...MESSAGE, stopReason: 'stop_sequence', stopSequence: 'END' }, IDENTITY)],
    run: (client) => client.messages.create(REQUEST),
  },
  {
    name: 'a stream',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY })],
    run: async (client) => readAll(await client.messages.create(STREAMED)),
  },
  {
    name: 'messages.stream',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY })],
    run: (client) => client.messages.stream(REQUEST).finalMessage(),
  },
  {
    name: 'a stream that a fallback model takes over',
    replies: [
      reply.stream(
        {},
        {
          headers: IDENTITY,
          events: [
            {
              type: 'message_start',
              message: { id: 'm', model: 'one', usage: { input_tokens: 1, output_tokens: 1 } },
            },
            {
              type: 'content_block_start',
              index: 0,
              content_block: { type: 'fallback', to: { model: 'two' } },
            },
            { type: 'content_block_stop', index: 0 },
            { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
            { type: 'message_stop' },
          ],
        },
      ),
    ],
    run: async (client) => readAll(await client.messages.create(STREAMED)),
  },
  ...(
    [
      [
        'a stream whose last message_delta has no totals',
        null,
        [
          {
            type: 'message_delta',
            delta: { stop_reason: 'end_turn' },
            usage: { output_tokens: 3, output_tokens_details: { thinking_tokens: 2 } },
          },
          { type: 'message_delta', delta: {} },
        ],
      ],
      [
        'a stream whose message_start has the stop reason',
        'refusal',
        [{ type: 'message_delta', delta: {}, usage: { output_tokens: 3 } }],
      ],
    ] as const
  ).map(([name, stopReason, deltas]) => ({
    name,
    replies: [
      reply.stream(
        {},
        {
          headers: IDENTITY,
          events: [
            {
              type: 'message_start',
              message: {
                id: 'm',
                model: 'one',
                content: [],
                stop_reason: stopReason,
                usage: { input_tokens: 1, output_tokens: 1 },
              },
            },
            ...deltas,
            { type: 'message_stop' },
          ],
        },
      ),
    ],
    run: async (client: Anthropic) => readAll(await client.messages.create(STREAMED)),
    // Its native span adds the totals up otherwise.
    skip: ({ version }: SdkBuild) => version === '0.134.0',
  })),
  {
    name: 'a stream that is broken off',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY, ending: { kind: 'stall', after: 4 } })],
    run: async (client) => {
      for await (const event of await client.messages.create(STREAMED)) {
        if (event.type === 'content_block_delta') break;
      }
    },
  },
  ...(
    [
      ['messages.stream, with a listener that throws', 'text'],
      ['messages.stream, with a listener that throws at the end', 'message'],
    ] as const
  ).map(([name, event]) => ({
    name,
    replies: [reply.stream(MESSAGE, { headers: IDENTITY })],
    run: (client: Anthropic) => {
      const stream = client.messages.stream(REQUEST).on(event, () => {
        throw new Error('of the application');
      });
      return rejection(stream.finalMessage());
    },
  })),
  {
    name: 'messages.stream, of tool input that is no JSON',
    replies: [reply.stream({}, { headers: IDENTITY, events: NO_JSON })],
    run: (client) => rejection(client.messages.stream(REQUEST).finalMessage()),
  },
  {
    name: 'messages.stream, broken off',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY, ending: { kind: 'stall', after: 4 } })],
    run: async (client) => {
      for await (const event of client.messages.stream(REQUEST)) {
        if (event.type === 'content_block_delta') break;
      }
    },
  },
  {
    name: 'messages.stream, aborted in a listener',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY, ending: { kind: 'stall', after: 4 } })],
    run: (client) => {
      const stream = client.messages.stream(REQUEST).on('text', () => stream.abort());
      return rejection(stream.finalMessage());
    },
  },
  {
    name: 'a turn of a thread',
    replies: [reply.message(MESSAGE, IDENTITY)],
    run: (client) => client.beta.messages.thread(THREAD).send(TURN),
    skip: hasNoThreads,
  },
  {
    name: 'a turn of a thread, streamed',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY })],
    run: (client) => client.beta.messages.thread(THREAD).stream(TURN).finalMessage(),
    skip: hasNoThreads,
  },
  {
    name: 'a turn of a thread, with a listener that throws',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY })],
    run: (client) => {
      const stream = client.beta.messages.thread(THREAD).stream(TURN);
      stream.on('text', () => {
        throw new Error('of the application');
      });
      return rejection(stream.finalMessage());
    },
    skip: hasNoThreads,
  },
  {
    name: 'a turn of a thread, broken off',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY, ending: { kind: 'stall', after: 4 } })],
    run: async (client) => {
      for await (const event of client.beta.messages.thread(THREAD).stream(TURN)) {
        if (event.type === 'content_block_delta') break;
      }
    },
    skip: hasNoThreads,
  },
  {
    name: 'a turn of a thread, refused',
    replies: [reply.error(404, { headers: IDENTITY })],
    run: (client) => rejection(client.beta.messages.thread(THREAD).stream(TURN).finalMessage()),
    skip: hasNoThreads,
  },
  {
    name: 'the tool runner, streamed',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY })],
    run: (client) => client.beta.messages.toolRunner({ ...REQUEST, tools: [], stream: true }).runUntilDone(),
    skip: hasNoThreads,
  },
  {
    name: 'a stream with an error event',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY, ending: reply.streamError(4) })],
    run: async (client) => rejection(readAll(await client.messages.create(STREAMED))),
  },
  {
    name: 'a stream that is cut',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY, ending: { kind: 'cut', after: 4 } })],
    run: async (client) => rejection(readAll(await client.messages.create(STREAMED))),
  },
  {
    name: 'a stream without message_stop',
    replies: [reply.stream(MESSAGE, { headers: IDENTITY, ending: { kind: 'truncated', after: 4 } })],
    run: async (client) => readAll(await client.messages.create(STREAMED)),
  },
  {
    name: 'countTokens',
    replies: [reply.json({ input_tokens: 77 }, 200, IDENTITY)],
    run: (client) => client.messages.countTokens({ model: MODEL, messages: REQUEST.messages }),
  },
  {
    name: 'models.list',
    replies: [reply.json({ data: [], has_more: false, first_id: null, last_id: null }, 200, IDENTITY)],
    run: async (client) => client.models.list(),
  },
  {
    name: 'a 429 and a retry',
    replies: [reply.error(429, { headers: AT_ONCE }), reply.message(MESSAGE, IDENTITY)],
    run: (client) => client.messages.create(REQUEST),
  },
  {
    name: '529 for good',
    replies: [1, 2, 3].map(() => reply.error(529, { headers: { ...AT_ONCE, ...IDENTITY } })),
    run: (client) => rejection(client.messages.create(REQUEST)),
  },
  ...[400, 401, 402, 403, 404, 413].map((status) => ({
    name: String(status),
    replies: [reply.error(status, { headers: IDENTITY })],
    run: (client: Anthropic) => rejection(client.messages.create(REQUEST)),
  })),
  {
    name: 'a spend limit',
    replies: [
      reply.error(429, {
        details: { error_code: 'enforced_spend_limit_reached' },
        headers: { ...IDENTITY, 'x-should-retry': 'false' },
      }),
    ],
    run: (client) => rejection(client.messages.create(REQUEST)),
  },
  {
    name: 'a body that cannot be parsed',
    replies: [
      reply.raw({ status: 200, headers: { ...IDENTITY, 'content-type': 'application/json' }, body: '{' }),
    ],
    run: (client) => rejection(client.messages.create(REQUEST)),
  },
  {
    name: 'an error that is no JSON',
    replies: [reply.raw({ status: 418, headers: { 'content-type': 'text/html' }, body: '<p>teapot' })],
    run: (client) => rejection(client.messages.create(REQUEST)),
  },
  ...(
    [
      ['an error of Amazon Bedrock', { 'x-amzn-errortype': 'AccessDeniedException:' }, { message: 'No.' }],
      ['an error of Google', {}, [{ error: { code: 403, message: 'No.', status: 'PERMISSION_DENIED' } }]],
    ] as const
  ).map(([name, headers, body]) => ({
    name,
    replies: [reply.json(body, 403, { ...IDENTITY, ...headers })],
    run: (client: Anthropic) => rejection(client.messages.create(REQUEST)),
  })),
  {
    name: 'a status that is neither success nor failure',
    replies: [reply.raw({ status: 304, headers: IDENTITY, body: '' })],
    run: (client) => rejection(client.messages.create(REQUEST)),
  },
  {
    name: 'a timeout',
    replies: [reply.hang()],
    run: (client) => rejection(client.messages.create(REQUEST, { timeout: 200, maxRetries: 0 })),
  },
  {
    name: 'canceled before it began',
    run: (client) => rejection(client.messages.create(REQUEST, { signal: AbortSignal.abort() })),
  },
  {
    name: '.asResponse()',
    replies: [reply.message(MESSAGE, IDENTITY)],
    run: (client) => client.messages.create(REQUEST).asResponse(),
  },
  {
    name: '.asResponse() and the data, asked for at once',
    replies: [reply.message(MESSAGE, IDENTITY)],
    run: (client) => {
      const promise = client.messages.create(REQUEST);
      return Promise.all([promise.asResponse(), promise]);
    },
  },
  {
    name: 'a status below 400 that is a failure to the SDK',
    replies: [reply.raw({ status: 300, headers: IDENTITY, body: 'elsewhere' })],
    run: (client) => rejection(client.messages.create(REQUEST)),
  },
];

/** What is equal from run to run: no measured times, and no words of the runtime. */
function comparable(attributes: Attributes): Attributes {
  const result: Attributes = { ...attributes };
  const times = [
    'gen_ai.response.time_to_first_chunk',
    'anthropic.retry.wait',
    'anthropic.stream.longest_gap',
  ];
  for (const name of times) if (typeof result[name] === 'number') result[name] = 'a time';
  const code = result['anthropic.error.code'];
  if (typeof code === 'string' && /^(UND_)?E[A-Z_]+$/.test(code)) {
    result['anthropic.error.code'] = 'of the runtime';
  }
  return result;
}

interface Shape {
  readonly name: string;
  readonly attributes: Attributes;
  readonly status: SpanStatusCode;
}

async function shapeOf(client: Anthropic, { replies = [], run }: Scenario): Promise<Shape> {
  stage.api.enqueue(...replies);
  await run(client);
  const { span } = await stage.telemetry.call();
  stage.telemetry.reset();
  return { name: span.name, attributes: comparable(span.attributes), status: span.status.code };
}

describe('the call span is the same, whichever SDK made the call', () => {
  const native = new Map<string, Shape>();
  beforeAll(async () => {
    const client = stage.client(await stage.load(NEWEST));
    for (const scenario of SCENARIOS) native.set(scenario.name, await shapeOf(client, scenario));
  });

  describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
    let sdk: Sdk;
    beforeAll(async () => {
      sdk = await stage.load(build);
    });

    test.each(SCENARIOS.filter(({ skip }) => !skip?.(build)))('$name', async (scenario) => {
      expect(await shapeOf(stage.client(sdk), scenario)).toEqual(native.get(scenario.name));
    });
  });

  describe.each(SDK_BUILDS.filter(({ has }) => has.nativeSpans))(
    'SDK $version $build, native spans off',
    (build) => {
      let sdk: Sdk;
      beforeAll(async () => {
        sdk = await stage.load(build);
        process.env['ANTHROPIC_OPEN_TELEMETRY'] = 'false';
      });
      afterAll(() => {
        delete process.env['ANTHROPIC_OPEN_TELEMETRY'];
      });

      test.each(SCENARIOS.filter(({ skip }) => !skip?.(build)))(
        'by the variable: $name',
        async (scenario) => {
          const shape = await shapeOf(stage.client(sdk), scenario);
          expect(shape).toEqual(native.get(scenario.name));
        },
      );

      test('by the client’s option: the span is ours', async () => {
        await stage.client(sdk, { openTelemetry: false }).messages.create(REQUEST);
        const { span } = await stage.telemetry.call();
        expect(span.instrumentationScope.name).toBe('opentelemetry-instrumentation-anthropic');
      });

      test('client.post() has no native span: the span is ours, and one', async () => {
        delete process.env['ANTHROPIC_OPEN_TELEMETRY'];
        await stage.client(sdk).post('/v1/messages', { body: REQUEST });
        const { span, attempts } = await stage.telemetry.call();
        expect(span.instrumentationScope.name).toBe('opentelemetry-instrumentation-anthropic');
        expect(span.name).toBe('anthropic.messages.create');
        expect(attempts).toHaveLength(1);
      });

      test('client.get() of a whole URL: its ID is the path’s', async () => {
        stage.api.enqueue(reply.json({ id: MODEL, type: 'model' }));
        await stage.client(sdk).get(`${stage.api.url}/v1/models/${MODEL}?beta=true`);
        const { span } = await stage.telemetry.call();
        expect(span.attributes).toMatchObject({
          'http.route': '/v1/models/{model_id}',
          'anthropic.model.id': MODEL,
        });
      });

      test('client.get() of a whole URL below the base URL’s own path: likewise', async () => {
        const baseURL = `${stage.api.url}/gateway/`;
        stage.api.enqueue(reply.json({ id: MODEL, type: 'model' }));
        await stage.client(sdk, { baseURL }).get(`${baseURL}v1/models/${MODEL}`);
        const { span, attempts } = await stage.telemetry.call();
        expect(span.name).toBe('anthropic.models.retrieve');
        expect(span.attributes['anthropic.model.id']).toBe(MODEL);
        expect(attempts[0]?.name).toBe('GET /v1/models/{model_id}');
      });

      test('where the SDK’s copy of the OpenTelemetry API sees no provider, the span is ours', async () => {
        delete process.env['ANTHROPIC_OPEN_TELEMETRY'];
        // What a copy has that is newer than the one in which the providers are registered.
        const openTelemetry = { tracerProvider: new ProxyTracerProvider() };
        await stage.client(sdk, { openTelemetry }).messages.create(REQUEST);
        const { span, attempts } = await stage.telemetry.call();
        expect(span.instrumentationScope.name).toBe('opentelemetry-instrumentation-anthropic');
        expect(span.attributes['anthropic.request.id']).toMatch(/^req_/);
        expect(attempts).toHaveLength(1);
      });

      test('with native spans the span is the SDK’s own, ridden', async () => {
        await stage.client(sdk).messages.create(REQUEST);
        const { span, attempts } = await stage.telemetry.call();
        expect(span.instrumentationScope.name).toBe('com.anthropic.sdk.typescript');
        expect(attempts[0]?.instrumentationScope.name).toBe('opentelemetry-instrumentation-anthropic');
      });
    },
  );
});
