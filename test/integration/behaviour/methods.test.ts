import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { MODEL, readAll, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';

const stage = setStage();

/** One way to call the API, and the spans that it has to give. */
interface Way {
  readonly name: string;
  readonly call: (client: Anthropic) => Promise<unknown>;
  readonly spans: readonly string[];
  readonly attempt: string;
  readonly needs?: 'parse' | 'betaFiles' | 'files' | 'threads';
}

const MESSAGES = 'anthropic.messages.create';
const POST_MESSAGES = 'POST /v1/messages';
const SCHEMA = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] } as const;

type ToolRunnerParams = Parameters<Anthropic['beta']['messages']['toolRunner']>[0];
const TOOL = {
  type: 'custom',
  name: 'now',
  description: 'The time.',
  input_schema: { type: 'object', properties: {} },
  run: () => 'noon',
  parse: (input: unknown) => input,
};

const WAYS: readonly Way[] = [
  {
    name: 'messages.create',
    call: (client) => client.messages.create(REQUEST),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'messages.create streamed',
    call: async (client) => readAll(await client.messages.create({ ...REQUEST, stream: true })),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'messages.stream',
    call: (client) => client.messages.stream(REQUEST).finalMessage(),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'messages.parse',
    call: (client) => {
      stage.api.enqueue(reply.message({ text: '{"answer":"yes"}' }));
      return client.messages.parse({
        ...REQUEST,
        output_config: { format: { type: 'json_schema', schema: SCHEMA } },
      });
    },
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
    needs: 'parse',
  },
  {
    name: 'messages.countTokens',
    call: (client) => client.messages.countTokens({ model: MODEL, messages: REQUEST.messages }),
    spans: ['anthropic.messages.count_tokens'],
    attempt: 'POST /v1/messages/count_tokens',
  },
  {
    name: 'beta.messages.create',
    call: (client) => client.beta.messages.create(REQUEST),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'beta.messages.create streamed',
    call: async (client) => readAll(await client.beta.messages.create({ ...REQUEST, stream: true })),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'beta.messages.stream',
    call: (client) => client.beta.messages.stream(REQUEST).finalMessage(),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'beta.messages.parse',
    call: (client) => client.beta.messages.parse(REQUEST),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
    needs: 'parse',
  },
  {
    name: 'beta.messages.countTokens',
    call: (client) => client.beta.messages.countTokens({ model: MODEL, messages: REQUEST.messages }),
    spans: ['anthropic.messages.count_tokens'],
    attempt: 'POST /v1/messages/count_tokens',
  },
  {
    name: 'the tool runner’s inner calls',
    call: (client) => {
      stage.api.enqueue(reply.message({ toolUse: { name: 'now', input: {} } }), reply.message());
      return client.beta.messages
        .toolRunner({ ...REQUEST, tools: [TOOL] } as unknown as ToolRunnerParams)
        .runUntilDone();
    },
    spans: [MESSAGES, MESSAGES],
    attempt: POST_MESSAGES,
    needs: 'parse',
  },
  {
    name: 'the tool runner’s inner calls, streamed',
    call: (client) => {
      stage.api.enqueue(reply.stream({ toolUse: { name: 'now', input: {} } }), reply.stream());
      return client.beta.messages
        .toolRunner({ ...REQUEST, stream: true, tools: [TOOL] } as unknown as ToolRunnerParams)
        .runUntilDone();
    },
    spans: [MESSAGES, MESSAGES],
    attempt: POST_MESSAGES,
    needs: 'parse',
  },
  {
    name: 'a thread’s turns, one streamed',
    call: async (client) => {
      const thread = client.beta.messages.thread({ model: MODEL, max_tokens: 64 });
      await thread.send(REQUEST.messages);
      await thread.stream(REQUEST.messages).finalMessage();
    },
    spans: [MESSAGES, MESSAGES],
    attempt: POST_MESSAGES,
    needs: 'threads',
  },
  {
    name: 'models.retrieve',
    call: (client) => client.models.retrieve('claude-opus-5'),
    spans: ['anthropic.models.retrieve'],
    attempt: 'GET /v1/models/{model_id}',
  },
  {
    name: 'models.list, each page a call',
    call: (client) => readAll(client.models.list({ limit: 2 })),
    spans: ['anthropic.models.list', 'anthropic.models.list', 'anthropic.models.list'],
    attempt: 'GET /v1/models',
  },
  {
    name: 'models.list, one page awaited',
    call: async (client) => client.models.list({ limit: 2 }),
    spans: ['anthropic.models.list'],
    attempt: 'GET /v1/models',
  },
  {
    name: 'beta.models.list, page by page',
    call: async (client) => {
      const page = await client.beta.models.list({ limit: 3 });
      return page.getNextPage();
    },
    spans: ['anthropic.models.list', 'anthropic.models.list'],
    attempt: 'GET /v1/models',
  },
  {
    name: 'client.post',
    call: (client) => client.post('/v1/messages', { body: REQUEST }),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'client.get',
    call: (client) => client.get('/v1/models'),
    spans: ['anthropic.models.list'],
    attempt: 'GET /v1/models',
  },
  {
    name: 'client.request with an absolute URL',
    call: (client) => client.request({ method: 'post', path: `${stage.api.url}/v1/messages`, body: REQUEST }),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'options given as a promise',
    call: (client) =>
      client.request(Promise.resolve({ method: 'post', path: '/v1/messages', body: REQUEST })),
    spans: [MESSAGES],
    attempt: POST_MESSAGES,
  },
  {
    name: 'beta.files.list',
    call: async (client) => client.beta.files.list(),
    spans: ['anthropic.files.list'],
    attempt: 'GET /v1/files',
    needs: 'betaFiles',
  },
  {
    name: 'files.list',
    call: async (client) => client.files.list(),
    spans: ['anthropic.files.list'],
    attempt: 'GET /v1/files',
    needs: 'files',
  },
];

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  beforeAll(async () => {
    sdk = await stage.load(build);
  });

  for (const way of WAYS.filter(({ needs }) => needs === undefined || build.has[needs])) {
    test(`${way.name}: one span for each call, one for each attempt`, async () => {
      await way.call(stage.client(sdk));
      const calls = await stage.telemetry.calls(way.spans.length);
      expect(calls.map(({ span }) => span.name)).toEqual(way.spans);
      for (const { span, attempts } of calls) {
        expect(span.kind).toBe(SpanKind.CLIENT);
        expect(span.status).toEqual({ code: SpanStatusCode.OK });
        expect(span.attributes['anthropic.call.ended_by']).toBeUndefined();
        expect(attempts.map(({ name }) => name)).toEqual([way.attempt]);
        expect(attempts[0]?.kind).toBe(SpanKind.CLIENT);
        expect(attempts[0]?.status.code).toBe(SpanStatusCode.UNSET);
        expect(attempts[0]?.attributes['http.response.status_code']).toBe(200);
        expect(attempts[0]?.attributes['url.template']).toBe(way.attempt.split(' ')[1]);
        expect(attempts[0]?.attributes['anthropic.request.id']).toMatch(/^req_/);
        expect(attempts[0]?.attributes['anthropic.request.id']).toBe(span.attributes['anthropic.request.id']);
      }
      const clients = stage.telemetry.spans.filter(({ kind }) => kind === SpanKind.CLIENT);
      expect(clients).toHaveLength(2 * way.spans.length);
    });
  }

  test('a message with parameters: each of them, and the betas of the client', async () => {
    const client = stage.client(sdk, { defaultHeaders: { 'anthropic-beta': 'one-2026, two-2026' } });
    const request = {
      ...REQUEST,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END'],
    };
    await client.messages.create(request);
    const { span } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.top_k': 40,
      'gen_ai.request.stop_sequences': ['END'],
      'anthropic.beta': ['one-2026', 'two-2026'],
    });
  });

  test('betas of the client that a call takes away are not there', async () => {
    const client = stage.client(sdk, { defaultHeaders: { 'anthropic-beta': 'one-2026' } });
    await client.messages.create(REQUEST, { headers: { 'anthropic-beta': null } });
    const { span } = await stage.telemetry.call();
    expect(span.attributes['anthropic.beta']).toBeUndefined();
    expect(stage.api.requests.at(-1)?.headers['anthropic-beta']).toBeUndefined();
  });

  if (!build.has.nodeFetch) {
    test('betas in two headers are both there', async () => {
      const headers = [
        ['anthropic-beta', 'one-2026'],
        ['anthropic-beta', 'two-2026'],
      ] as [string, string][];
      await stage.client(sdk).messages.create(REQUEST, { headers });
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.beta']).toEqual(['one-2026', 'two-2026']);
    });
  }

  test('batches: create, retrieve, list, results, cancel, delete', async () => {
    const client = stage.client(sdk);
    const { batches } = client.messages;
    const { id } = await batches.create({ requests: [{ custom_id: 'one', params: REQUEST }] });
    await batches.retrieve(id);
    await batches.list();
    const results = await readAll(await batches.results(id));
    await batches.cancel(id);
    await batches.delete(id);
    expect(results).toMatchObject([{ custom_id: 'one', result: { type: 'succeeded' } }]);
    const calls = await stage.telemetry.calls(7);
    expect(calls.map(({ span }) => span.name)).toEqual([
      'anthropic.messages.batches.create',
      'anthropic.messages.batches.retrieve',
      'anthropic.messages.batches.list',
      'anthropic.messages.batches.retrieve',
      'anthropic.messages.batches.results',
      'anthropic.messages.batches.cancel',
      'anthropic.messages.batches.delete',
    ]);
    expect(calls.map(({ attempts }) => attempts.map(({ name }) => name))).toEqual([
      ['POST /v1/messages/batches'],
      ['GET /v1/messages/batches/{message_batch_id}'],
      ['GET /v1/messages/batches'],
      ['GET /v1/messages/batches/{message_batch_id}'],
      ['GET /v1/messages/batches/{message_batch_id}/results'],
      ['POST /v1/messages/batches/{message_batch_id}/cancel'],
      ['DELETE /v1/messages/batches/{message_batch_id}'],
    ]);
    for (const { span } of calls) expect(span.status).toEqual({ code: SpanStatusCode.OK });
  });

  if (build.has.betaFiles) {
    test('files: upload, retrieve, download, delete', async () => {
      const client = stage.client(sdk);
      const { files } = client.beta;
      const { id } = await files.upload({ file: await sdk.toFile(Buffer.from('text'), 'a.txt') });
      await files.retrieveMetadata(id);
      const download = await files.download(id);
      expect(await download.text()).toBe('text');
      await files.delete(id);
      const calls = await stage.telemetry.calls(4);
      expect(calls.map(({ span }) => span.name)).toEqual([
        'anthropic.files.upload',
        'anthropic.files.retrieve_metadata',
        'anthropic.files.download',
        'anthropic.files.delete',
      ]);
      expect(calls.map(({ attempts }) => attempts.map(({ name }) => name))).toEqual([
        ['POST /v1/files'],
        ['GET /v1/files/{file_id}'],
        ['GET /v1/files/{file_id}/content'],
        ['DELETE /v1/files/{file_id}'],
      ]);
    });
  }

  test('concurrent calls with one options object are calls of their own', async () => {
    const client = stage.client(sdk);
    const options = { headers: { 'x-mine': 'yes' } };
    await Promise.all([1, 2, 3].map(() => client.messages.create(REQUEST, options)));
    const calls = await stage.telemetry.calls(3);
    for (const { attempts } of calls) expect(attempts).toHaveLength(1);
    expect(new Set(calls.map(({ span }) => span.attributes['anthropic.request.id'])).size).toBe(3);
  });

  test('concurrent requests with one final options object are calls of their own', async () => {
    const client = stage.client(sdk);
    stage.api.enqueue(reply.error(529, { headers: { 'retry-after-ms': '1' } }));
    const options = { method: 'post' as const, path: '/v1/messages', body: REQUEST };
    await Promise.all([1, 2, 3].map(() => client.request(options)));
    const calls = await stage.telemetry.calls(3);
    expect(calls.map(({ attempts }) => attempts.length).sort((a, b) => a - b)).toEqual([1, 1, 2]);
  });

  test('the call is a child of the active span, and no span leaks into what follows', async () => {
    const { trace, context } = await import('@opentelemetry/api');
    const tracer = trace.getTracer('application');
    await tracer.startActiveSpan('application', async (root) => {
      const before = context.active();
      await stage.client(sdk).messages.create(REQUEST);
      expect(context.active()).toBe(before);
      root.end();
    });
    const { span } = await stage.telemetry.call();
    const root = stage.telemetry.spans.find(({ name }) => name === 'application');
    expect(span.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);
  });
});
