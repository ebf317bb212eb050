import { EventEmitter, once } from 'node:events';
import { inspect } from 'node:util';
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk';
import Anthropic, {
  APIConnectionError,
  APIConnectionTimeoutError,
  RateLimitError,
  type ClientOptions,
} from '@anthropic-ai/sdk';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reply, startFakeApi, type FakeApi } from '../../../src/demo/fake-api/index.ts';
import { documentedType } from '../../../src/diagnosis/statuses.ts';
import { SDKS } from '../../support/sdks.ts';

/** Of another model than the one that the server takes where none is named. */
/** Of a stream whose text comes in two pieces. */
const TYPES_OF_EVENTS = [
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
];

const PROMPT = {
  model: 'claude-opus-5-5',
  max_tokens: 64,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

let api: FakeApi;

beforeEach(async () => {
  api = await startFakeApi();
});

afterEach(async () => {
  await api.close();
});

function newClient(options: ClientOptions = {}): Anthropic {
  return new Anthropic({ baseURL: api.url, apiKey: 'test-key', maxRetries: 0, ...options });
}

/** The error that `promise` rejects with. */
async function failure(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

async function readStream(onEvent: (type: string) => void): Promise<void> {
  for await (const event of await newClient().messages.create({ ...PROMPT, stream: true })) {
    onEvent(event.type);
  }
}

function newBedrock(): AnthropicBedrock {
  return new AnthropicBedrock({
    baseURL: api.url,
    awsRegion: 'eu-west-1',
    apiKey: 'test-key',
    maxRetries: 0,
  });
}

function newVertex(): AnthropicVertex {
  const authClient = {
    getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer test' })),
    projectId: 'project',
  };
  return new AnthropicVertex({
    baseURL: `${api.url}/v1`,
    region: 'global',
    projectId: 'project',
    authClient: authClient as never,
    maxRetries: 0,
  });
}

function postWithoutKey(url: string): Promise<Response> {
  return fetch(`${url}/v1/messages`, { method: 'POST', body: JSON.stringify(PROMPT) });
}

/** The answer to a request without credentials. */
async function refusalOf(path: string): Promise<object> {
  const response = await fetch(`${api.url}${path}`, { method: 'POST', body: '{}' });
  const { headers, status } = response;
  return { status, headers: Object.fromEntries(headers), body: await response.json() };
}

/** What an answer says of the limits: what is left of each bucket, and when it is full again. */
async function limitsOfAnswer(): Promise<{ left: readonly string[]; reset: string }> {
  const { headers } = await newClient().messages.create(PROMPT).asResponse();
  const of = (bucket: string, what: string) => headers.get(`anthropic-ratelimit-${bucket}-${what}`);
  const left = ['requests', 'input-tokens', 'output-tokens', 'tokens'].map(
    (bucket) => `${of(bucket, 'remaining')} of ${of(bucket, 'limit')}`,
  );
  return { left, reset: of('tokens', 'reset') ?? '' };
}

describe.each(SDKS)('messages through SDK $version', ({ alias }) => {
  async function aliasClient(maxRetries = 0): Promise<Anthropic> {
    const module = (await import(alias)) as { default: typeof Anthropic };
    return new module.default({ baseURL: api.url, apiKey: 'test-key', maxRetries });
  }

  test('a message echoes the model and carries the identity headers', async () => {
    const client = await aliasClient();
    const { data, response } = await client.messages.create(PROMPT).withResponse();
    expect(data).toEqual({
      id: expect.stringMatching(/^msg_01\w{22}$/),
      type: 'message',
      role: 'assistant',
      model: PROMPT.model,
      content: [{ type: 'text', text: 'Hello! How can I help you today?' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 25,
        output_tokens: 12,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens_details: null,
        server_tool_use: null,
        service_tier: 'standard',
      },
    });
    expect(response.headers.get('request-id')).toMatch(/^req_01\w{22}$/);
    expect(response.headers.get('anthropic-organization-id')).toMatch(/^[\da-f-]{36}$/);
    expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('3999');
    expect(response.headers.get('anthropic-ratelimit-input-tokens-reset')).toMatch(/^\d{4}-.+T.+:\d\dZ$/);
  });

  test('a stream gives the text, the placeholder at its start, and the totals at its end', async () => {
    const usage = { input_tokens: 7, cache_read_input_tokens: 100, output_tokens: 40 };
    api.enqueue(reply.message({ text: ['Hel', 'lo'], usage }));
    const client = await aliasClient();
    const events = [];
    for await (const event of await client.messages.create({ ...PROMPT, stream: true })) {
      events.push(event);
    }
    expect(events.map((event) => event.type)).toEqual(TYPES_OF_EVENTS);
    expect(events[0]).toMatchObject({
      message: { content: [], stop_reason: null, usage: { output_tokens: 1, input_tokens: 7 } },
    });
    expect(events[5]).toMatchObject({ usage, delta: { stop_reason: 'end_turn' } });
  });

  test('the stream helper accumulates thinking, text and a tool call', async () => {
    api.enqueue(
      reply.stream({
        thinking: 'Let me see.',
        text: 'I look it up.',
        toolUse: { name: 'lookup', input: { city: 'Oslo', days: 3 } },
      }),
    );
    const client = await aliasClient();
    const final = await client.messages.stream(PROMPT).finalMessage();
    expect(final.content).toMatchObject([
      { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnbmF0dXJl' },
      { type: 'text', text: 'I look it up.' },
      { type: 'tool_use', input: { city: 'Oslo', days: 3 } },
    ]);
    expect(final.stop_reason).toBe('tool_use');
  });

  test('a 429 is retried after the time it asks for, and the retry succeeds', async () => {
    api.enqueue(reply.error(429, { headers: { 'retry-after-ms': '1' } }));
    const client = await aliasClient(1);
    await client.messages.create(PROMPT);
    expect(api.requests.map((request) => request.headers['x-stainless-retry-count'])).toEqual(['0', '1']);
  });

  test('an error carries status, type and request ID', async () => {
    api.enqueue(reply.error(529));
    const client = await aliasClient();
    const error = await failure(client.messages.create(PROMPT));
    expect(error).toMatchObject({
      status: 529,
      error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    });
    const { headers, error: body } = error as {
      headers: Headers | Record<string, string>;
      error: { request_id: string };
    };
    const sent = headers instanceof Headers ? headers.get('request-id') : headers['request-id'];
    expect(body.request_id).toBe(sent);
  });

  test('an error event in the middle of a stream fails the stream', async () => {
    api.enqueue(reply.stream({ text: 'never all of this' }, { ending: reply.streamError(4) }));
    const client = await aliasClient();
    const seen: string[] = [];
    const error = await failure(
      (async () => {
        for await (const event of await client.messages.create({ ...PROMPT, stream: true })) {
          seen.push(event.type);
        }
      })(),
    );
    expect(seen).toEqual(['message_start', 'content_block_start', 'content_block_delta']);
    expect(inspect(error)).toContain('overloaded_error');
  });
});

describe('ways to fail', () => {
  test('a cut stream delivers its first events, then breaks', async () => {
    api.enqueue(reply.stream({}, { ending: { kind: 'cut', after: 4 } }));
    const seen: string[] = [];
    const error = await failure(readStream((type) => seen.push(type)));
    expect(seen).toEqual(['message_start', 'content_block_start', 'content_block_delta']);
    expect(error).toMatchObject({ message: 'terminated', cause: { code: 'UND_ERR_SOCKET' } });
    expect(api.requests[0]?.aborted).toBe(false);
  });

  test('a truncated stream ends regularly without message_stop', async () => {
    api.enqueue(reply.stream({}, { ending: { kind: 'truncated' } }));
    const seen: string[] = [];
    await readStream((type) => seen.push(type));
    expect(seen.at(-1)).toBe('message_delta');
  });

  test('a stalled stream stays open until the client goes', async () => {
    api.enqueue(reply.stream({}, { ending: { kind: 'stall', after: 4 } }));
    const stream = await newClient().messages.create({ ...PROMPT, stream: true });
    let deltas = 0;
    for await (const event of stream) {
      deltas += event.type === 'content_block_delta' ? 1 : 0;
      if (deltas === 1) break;
    }
    const [request] = api.requests;
    await request?.closed;
    expect(request?.aborted).toBe(true);
  });

  test('a held answer comes when it is released', async () => {
    const gate = new EventEmitter();
    api.enqueue(reply.held(once(gate, 'open'), reply.message({ text: 'late' })));
    let isReleased = false;
    const held = newClient()
      .messages.create(PROMPT)
      .then(({ content }) => ({ content, isReleased }));
    await api.received(1);
    expect(api.requests[0]?.aborted).toBe(false);
    await newClient().messages.create(PROMPT);
    isReleased = true;
    gate.emit('open');
    expect(await held).toMatchObject({ content: [{ text: 'late' }], isReleased: true });
  });

  test('a held stream sends its headers, and the rest when it is released', async () => {
    const gate = new EventEmitter();
    api.enqueue(reply.stream({ text: ['a', 'b'] }, { hold: { after: 0, until: once(gate, 'open') } }));
    const response = await newClient()
      .messages.create({ ...PROMPT, stream: true })
      .asResponse();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'request-id': expect.stringMatching(/^req_01/),
    });
    let isReleased = false;
    const text = response.text().then((read) => ({ read, isReleased }));
    await newClient().messages.create(PROMPT);
    isReleased = true;
    gate.emit('open');
    const { read, ...rest } = await text;
    expect(rest).toEqual({ isReleased: true });
    expect(read).toMatch(/^event: message_start\n[^]*event: message_stop\n[^]*\n\n$/);
  });

  test.each([{}, { paceMs: 1 }])(
    'a stream that is held in its midst sends what is before (%j)',
    async (pace) => {
      const gate = new EventEmitter();
      const until = once(gate, 'open');
      api.enqueue(reply.stream({ text: ['a', 'b'] }, { hold: { after: 4, until }, ...pace }));
      const seen: string[] = [];
      await readStream((type) => {
        seen.push(type);
        if (seen.length === 3) gate.emit('open');
      });
      expect(seen).toEqual(TYPES_OF_EVENTS);
    },
  );

  test('no answer at all: the client times out', async () => {
    api.enqueue(reply.hang());
    const error = await failure(newClient({ timeout: 100 }).messages.create(PROMPT));
    expect(error).toBeInstanceOf(APIConnectionTimeoutError);
    await api.requests[0]?.closed;
    expect(api.requests[0]?.aborted).toBe(true);
  });

  test.each([
    [{ reset: false }, 'UND_ERR_SOCKET'],
    [{ reset: true }, 'ECONNRESET'],
  ])('a dropped connection (%o)', async (options, code) => {
    api.enqueue(reply.drop(options));
    const error = await failure(newClient().messages.create(PROMPT));
    expect(error).toBeInstanceOf(APIConnectionError);
    expect(error).toMatchObject({ cause: { cause: { code } } });
  });

  test('a raw answer is sent as it is, without headers of the API', async () => {
    const html = '<html>502 Bad Gateway</html>';
    api.enqueue(reply.raw({ status: 502, headers: { 'content-type': 'text/html' }, body: html }));
    const error = await failure(newClient().messages.create(PROMPT));
    expect(error).toMatchObject({ status: 502, requestID: null });
    expect(String(error)).toContain(html);
  });

  test('a 204 has no body', async () => {
    api.enqueue(reply.noContent());
    expect(await newClient().messages.create(PROMPT)).toBeNull();
  });

  test('a rate limit names its bucket in text and headers', async () => {
    api.enqueue(reply.rateLimited({ bucket: 'input-tokens', limit: 30_000, retryAfterSeconds: 9 }));
    const error = await failure(newClient().messages.create(PROMPT));
    expect(error).toBeInstanceOf(RateLimitError);
    const { headers, message } = error as RateLimitError;
    expect(message).toContain('of 30,000 input tokens per minute');
    expect(headers.get('retry-after')).toBe('9');
    expect(headers.get('anthropic-ratelimit-input-tokens-remaining')).toBe('0');
    expect(headers.get('anthropic-ratelimit-requests-remaining')).toBe('3999');
  });

  test.each([400, 401, 402, 403, 404, 409, 413, 429, 500, 503, 504, 529])(
    'a %s has the type that is documented for it',
    async (status) => {
      api.enqueue(reply.error(status, { requestId: 'req_of_the_body' }));
      const error = await failure(newClient().messages.create(PROMPT));
      const type = documentedType('api', status) ?? 'api_error';
      expect(error).toMatchObject({
        status,
        error: { type: 'error', error: { type, message: expect.any(String) }, request_id: 'req_of_the_body' },
      });
    },
  );

  test('details, request ID and a header to leave out can be given', async () => {
    api.enqueue(
      reply.error(429, {
        details: { error_code: 'enforced_spend_limit_reached' },
        requestId: null,
        headers: { 'request-id': null, 'x-should-retry': 'false' },
      }),
    );
    const error = await failure(newClient({ maxRetries: 2 }).messages.create(PROMPT));
    expect(error).toMatchObject({ requestID: null, errorCode: 'enforced_spend_limit_reached' });
    expect(api.requests).toHaveLength(1);
  });

  test('a fault of a default answer is an answer that says so', async () => {
    api.setDefault(() => {
      throw new Error('no idea');
    });
    const error = await failure(newClient({ maxRetries: 2 }).messages.create(PROMPT));
    expect(error).toMatchObject({ status: 500 });
    expect(String(error)).toContain('fake API: no idea');
  });
});

describe('built-in routing', () => {
  test('refuses a request without a key, and serves it when told so', async () => {
    const refused = await postWithoutKey(api.url);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });

    const open = await startFakeApi({ requireKey: false });
    try {
      expect((await postWithoutKey(open.url)).status).toBe(200);
    } finally {
      await open.close();
    }
  });

  test('tells with every answer what is left of the minute', async () => {
    const [first, second] = [await limitsOfAnswer(), await limitsOfAnswer()];
    expect([first.left, second.left]).toEqual([
      ['3999 of 4000', '399000 of 400000', '79000 of 80000', '479000 of 480000'],
      ['3998 of 4000', '398000 of 400000', '78000 of 80000', '478000 of 480000'],
    ]);
    expect(first.reset).toMatch(/^[\d-]+T[\d:]+Z$/);
    expect(second.reset).toBe(first.reset);
    expect(Date.parse(first.reset)).toBeGreaterThan(Date.now());
  });

  test('answers a body that lacks a field with 400', async () => {
    const error = await failure(newClient().post('/v1/messages', { body: { model: 'm', messages: [] } }));
    expect(error).toMatchObject({
      status: 400,
      message: expect.stringContaining('max_tokens: Field required'),
    });
  });

  test.each([
    ['get', '/v1/nowhere'],
    ['get', '/v1/models/one/more'],
    ['get', '/v1/v1/files'],
    ['get', '/v1/v1/messages/batches'],
    ['post', '/v1/v1/messages'],
    ['post', '/v1/v1/files'],
    ['post', '/v1/v1/messages/batches'],
    ['post', '/v1/messages/count_tokens/more'],
  ] as const)('answers an unknown path with 404: %s %s', async (method, path) => {
    expect(await failure(newClient()[method](path, method === 'post' ? { body: PROMPT } : {}))).toMatchObject(
      {
        status: 404,
        type: 'not_found_error',
        message: expect.stringContaining('Not Found'),
      },
    );
  });

  test('counts tokens, and serves the beta path', async () => {
    const { max_tokens: _, ...prompt } = PROMPT;
    expect(await newClient().messages.countTokens(prompt)).toEqual({ input_tokens: 25 });
    await newClient().beta.messages.create(PROMPT);
    await newClient().post('/v1/messages?beta=true', { body: PROMPT });
    expect(api.requests.map((request) => request.path)).toEqual([
      '/v1/messages/count_tokens',
      '/v1/messages',
      '/v1/messages?beta=true',
    ]);
  });

  test('lists models in pages, and retrieves one', async () => {
    const ids = [];
    for await (const model of newClient().models.list({ limit: 2 })) {
      ids.push(model.id);
    }
    expect(new Set(ids).size).toBe(5);
    expect(api.requests).toHaveLength(3);
    const backwards = await newClient().models.list({ limit: 2, before_id: ids[4] ?? '' });
    expect(backwards.data.map((model) => model.id)).toEqual(ids.slice(2, 4));
    expect(await newClient().models.retrieve(ids[0] ?? '')).toMatchObject({ id: ids[0] });
    expect(await failure(newClient().models.retrieve('gone'))).toMatchObject({ status: 404 });
  });

  test('pages say where they begin and end, and whether there is more', async () => {
    const models = Array.from({ length: 45 }, (_, index) => ({
      type: 'model' as const,
      id: `m${index}`,
      display_name: `Model ${index}`,
      created_at: '2026-01-01T00:00:00Z',
    }));
    const many = await startFakeApi({ models, requireKey: false });
    const get = (query: string) => fetch(`${many.url}/v1/models?${query}`);
    /** How many there are, the ends, and the next page. */
    const shape = async (query: string) => {
      const { data, ...rest } = (await (await get(query)).json()) as { data: { id: string }[] };
      return [data.length, ...Object.values(rest)];
    };
    try {
      expect(await shape('')).toEqual([20, true, 'm0', 'm19', 'm19']);
      expect(await shape('page=m19&limit=25')).toEqual([25, false, 'm20', 'm44', null]);
      expect(await shape('after_id=m44')).toEqual([0, false, null, null, null]);
      expect(await shape('before_id=m3')).toEqual([3, false, 'm0', 'm2', null]);
      expect(await shape('before_id=m9&limit=1')).toEqual([1, true, 'm8', 'm8', 'm8']);
      const statuses = ['0', '1', '1000', '1001', '1.5'].map(
        async (limit) => (await get(`limit=${limit}`)).status,
      );
      expect(await Promise.all(statuses)).toEqual([400, 200, 200, 400, 400]);
    } finally {
      await many.close();
    }
  });

  test('runs a batch from its creation to its results', async () => {
    const { batches } = newClient().messages;
    const created = await batches.create({
      requests: [
        { custom_id: 'good', params: PROMPT },
        { custom_id: 'bad', params: { ...PROMPT, messages: [] } },
      ],
    });
    const NONE = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
    expect(created).toEqual({
      id: expect.stringMatching(/^msgbatch_01\w{22}$/),
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { ...NONE, processing: 2 },
      created_at: expect.stringMatching(/Z$/),
      expires_at: new Date(Date.parse(created.created_at) + 86_400_000).toISOString(),
      ended_at: null,
      archived_at: null,
      cancel_initiated_at: null,
      results_url: null,
    });
    const results_url = `${api.url}/v1/messages/batches/${created.id}/results`;
    expect(await batches.retrieve(created.id)).toEqual({
      ...created,
      processing_status: 'ended',
      request_counts: { ...NONE, succeeded: 1, errored: 1 },
      ended_at: created.created_at,
      results_url,
    });
    const results = [];
    for await (const entry of await batches.results(created.id)) {
      results.push(entry);
    }
    const detail = { type: 'invalid_request_error', message: 'messages: at least one message is required' };
    const error = { type: 'error', error: detail, request_id: expect.stringMatching(/^req_01/) };
    expect(results).toEqual([
      {
        custom_id: 'good',
        result: { type: 'succeeded', message: expect.objectContaining({ model: PROMPT.model }) },
      },
      { custom_id: 'bad', result: { type: 'errored', error } },
    ]);
    const { headers } = await fetch(results_url, { headers: { 'x-api-key': 'test-key' } });
    expect([headers.get('content-type'), headers.get('request-id')]).toEqual([
      'application/x-jsonl',
      expect.stringMatching(/^req_01/),
    ]);

    const other = await batches.create({ requests: [{ custom_id: 'good', params: PROMPT }] });
    const canceling = { ...other, processing_status: 'canceling', cancel_initiated_at: other.created_at };
    expect(await batches.cancel(other.id)).toEqual(canceling);
    expect(await batches.retrieve(other.id)).toMatchObject({
      processing_status: 'ended',
      request_counts: { ...NONE, canceled: 1 },
    });
    for await (const entry of await batches.results(other.id)) {
      expect(entry).toEqual({ custom_id: 'good', result: { type: 'canceled' } });
    }
    expect((await batches.list()).data.map(({ id }) => id)).toEqual([other.id, created.id]);
    expect(await batches.delete(created.id)).toEqual({ id: created.id, type: 'message_batch_deleted' });
    expect(await failure(batches.cancel(created.id))).toMatchObject({ status: 404 });
    for (const body of [{}, { requests: [] }]) {
      expect(await failure(newClient().post('/v1/messages/batches', { body }))).toMatchObject({
        status: 400,
      });
    }
  });

  test('takes a file, and gives it back', async () => {
    const { files } = newClient().beta;
    const uploaded = await files.upload({
      file: new File(['some text'], 'note.txt', { type: 'text/plain' }),
    });
    expect(uploaded).toEqual({
      type: 'file',
      id: expect.stringMatching(/^file_01\w{22}$/),
      filename: 'note.txt',
      mime_type: 'text/plain',
      size_bytes: 9,
      created_at: expect.stringMatching(/Z$/),
      downloadable: true,
    });
    expect((await files.list()).data).toEqual([uploaded]);
    const download = await files.download(uploaded.id);
    expect(Object.fromEntries(download.headers)).toMatchObject({
      'content-type': 'text/plain',
      'request-id': expect.stringMatching(/^req_01/),
    });
    expect(await download.text()).toBe('some text');
    expect(await files.retrieveMetadata(uploaded.id)).toEqual(uploaded);
    expect(await files.delete(uploaded.id)).toEqual({ id: uploaded.id, type: 'file_deleted' });
    expect(await failure(files.retrieveMetadata(uploaded.id))).toMatchObject({ status: 404 });
    const untyped = await files.upload({ file: new File(['?'], 'blob', { type: '' }) });
    expect(untyped.mime_type).toBe('application/octet-stream');
    const form = new FormData();
    form.append('other', 'x');
    for (const body of ['{}', form]) {
      const headers = { 'x-api-key': 'test-key' };
      expect((await fetch(`${api.url}/v1/files`, { method: 'POST', headers, body })).status).toBe(400);
    }
  });
});

describe('other platforms', () => {
  test('Bedrock: a message and a stream in AWS framing', async () => {
    const model = 'anthropic.claude-sonnet-5-5-v1:0';
    const client = newBedrock();
    expect(await client.messages.create({ ...PROMPT, model })).toMatchObject({ model });
    const final = await client.messages.stream({ ...PROMPT, model }).finalMessage();
    expect(final).toMatchObject({ model, content: [{ text: 'Hello! How can I help you today?' }] });
    expect(api.requests.map((request) => request.path)).toEqual([
      `/model/${model}/invoke`,
      `/model/${model}/invoke-with-response-stream`,
    ]);
  });

  test('refuse a request without credentials in their own words', async () => {
    expect(await refusalOf('/model/some/invoke')).toMatchObject({
      status: 403,
      headers: {
        'x-amzn-errortype': 'MissingAuthenticationTokenException',
        'x-amzn-requestid': expect.stringMatching(/^[\da-f-]{36}$/),
      },
      body: { message: 'Missing Authentication Token' },
    });
    const project = '/v1/projects/p/locations/global';
    expect(await refusalOf(`${project}/publishers/anthropic/models/some:rawPredict`)).toMatchObject({
      status: 401,
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'request-id': expect.stringMatching(/^req_vrtx_01/),
      },
      body: [
        { error: { code: 401, status: 'UNAUTHENTICATED', message: expect.stringContaining('missing') } },
      ],
    });
  });

  test.each([
    [400, 'ValidationException'],
    [401, 'AccessDeniedException'],
    [403, 'AccessDeniedException'],
    [404, 'ResourceNotFoundException'],
    [429, 'ThrottlingException'],
    [500, 'InternalServerException'],
    [503, 'ServiceUnavailableException'],
    [529, 'ServiceUnavailableException'],
  ])('Bedrock: a %s is a %s, with the headers that are given', async (status, type) => {
    api.enqueue(reply.error(status, { headers: { 'retry-after': '7' } }));
    const error = await failure(newBedrock().messages.create(PROMPT));
    const { headers } = error as RateLimitError;
    expect([headers.get('x-amzn-errortype'), headers.get('retry-after')]).toEqual([type, '7']);
  });

  test('Bedrock: an error answer and an exception in a stream', async () => {
    api.enqueue(reply.error(429), reply.stream({}, { ending: reply.streamError(4) }));
    const client = newBedrock();
    expect(await failure(client.messages.create(PROMPT))).toMatchObject({ status: 429 });
    const error = await failure(client.messages.stream(PROMPT).finalMessage());
    expect(String(error)).toContain('Overloaded');
  });

  test('Vertex: a message, a stream and a count of tokens', async () => {
    const client = newVertex();
    expect(await client.messages.create(PROMPT)).toMatchObject({ model: PROMPT.model });
    expect((await client.messages.stream(PROMPT).finalMessage()).stop_reason).toBe('end_turn');
    const { max_tokens: _, ...prompt } = PROMPT;
    expect(await client.messages.countTokens(prompt)).toEqual({ input_tokens: 25 });
    expect(api.requests.map((request) => request.path.replace(/.*\/models\//, ''))).toEqual([
      `${PROMPT.model}:rawPredict`,
      `${PROMPT.model}:streamRawPredict`,
      'count-tokens:rawPredict',
    ]);
  });

  test('Foundry: a message and a stream', async () => {
    const client = new AnthropicFoundry({
      baseURL: `${api.url}/anthropic/`,
      apiKey: 'test-key',
      maxRetries: 0,
    });
    expect(await client.messages.create(PROMPT)).toMatchObject({ model: PROMPT.model });
    expect((await client.messages.stream(PROMPT).finalMessage()).stop_reason).toBe('end_turn');
  });
});

test('requests are recorded as sent', async () => {
  await newClient({ defaultHeaders: { 'X-Custom': 'Value' } }).messages.create(PROMPT);
  await api.received(1);
  const [request] = api.requests;
  expect(request).toMatchObject({ method: 'POST', path: '/v1/messages', json: PROMPT });
  expect(JSON.parse(request?.body ?? '')).toEqual(PROMPT);
  expect(request?.rawHeaders.find(([name]) => name.toLowerCase() === 'x-custom')?.[1]).toBe('Value');
});
