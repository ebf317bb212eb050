import { beforeAll, describe, expect, test } from 'vitest';
import { AnthropicInstrumentation } from '../../../src/instrumentation.ts';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { FAKE_KEY, MODEL, readAll, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';

const stage = setStage({ config: { enabled: false } });
const capturing = new AnthropicInstrumentation({
  enabled: false,
  captureMessageContent: true,
  maxContentLength: 2000,
});

const CONTENT_NAMES = [
  'gen_ai.system_instructions',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.tool.definitions',
];
const SECRET_REQUEST = {
  model: MODEL,
  max_tokens: 64,
  system: 'Be brief about the marmot.',
  messages: [{ role: 'user' as const, content: `My key is ${FAKE_KEY}; what does the marmot do?` }],
  tools: [{ name: 'dig', description: 'Digs like a marmot.', input_schema: { type: 'object' as const } }],
};
const ANSWER = { text: `The marmot sleeps. Your key was ${FAKE_KEY}.` };

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  beforeAll(async () => {
    sdk = await stage.load(build, false);
    client = stage.client(sdk);
  });
  const runs: readonly (readonly [name: string, run: () => Promise<unknown>])[] = [
    ['create', () => client.messages.create(SECRET_REQUEST)],
    ['a stream', async () => readAll(await client.messages.create({ ...SECRET_REQUEST, stream: true }))],
    ['messages.stream', () => client.messages.stream(SECRET_REQUEST).finalMessage()],
  ];

  test.each(runs)('off by default: %s leaves no content anywhere', async (_name, run) => {
    capturing.disable();
    stage.instrumentation.manuallyInstrument(sdk.default);
    stage.api.enqueue(reply.message(ANSWER));
    await run();
    const { span } = await stage.telemetry.call();
    for (const name of CONTENT_NAMES) expect(span.attributes).not.toHaveProperty(name);
    const exported = JSON.stringify([
      stage.telemetry.spans.map(({ attributes, status, events, name }) => [attributes, status, events, name]),
      await stage.telemetry.points(),
    ]);
    expect(exported).not.toContain('marmot');
    stage.instrumentation.disable();
  });

  test.each(runs)('on: %s, redacted, in the conventions’ form', async (_name, run) => {
    capturing.manuallyInstrument(sdk.default);
    stage.api.enqueue(reply.message(ANSWER));
    await run();
    const { span, attempts } = await stage.telemetry.call();
    const read = (name: string): unknown => JSON.parse(String(span.attributes[name]));
    expect(read('gen_ai.system_instructions')).toEqual([
      { type: 'text', content: 'Be brief about the marmot.' },
    ]);
    const redacted = expect.stringMatching(/^(?!.*AAAAAAAAAAAAAAAAAAAA).*marmot/) as string;
    expect(read('gen_ai.input.messages')).toEqual([
      { role: 'user', parts: [{ type: 'text', content: redacted }] },
    ]);
    expect(read('gen_ai.output.messages')).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: redacted }], finish_reason: 'stop' },
    ]);
    expect(read('gen_ai.tool.definitions')).toEqual([
      { type: 'function', name: 'dig', description: 'Digs like a marmot.', parameters: { type: 'object' } },
    ]);
    expect(JSON.stringify(stage.telemetry.spans.map(({ attributes }) => attributes))).not.toContain(FAKE_KEY);
    for (const name of CONTENT_NAMES) expect(attempts[0]?.attributes).not.toHaveProperty(name);
  });

  const PEOPLE = '/v1/organizations/users?limit=2&email=marmot%40example.com';

  test('off by default: a query with content is masked on the attempt and not on the call', async () => {
    capturing.disable();
    stage.instrumentation.manuallyInstrument(sdk.default);
    stage.api.enqueue(reply.json({ data: [] }));
    await client.get(PEOPLE);
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes).not.toHaveProperty('url.full');
    expect(span.attributes).not.toHaveProperty('url.query');
    expect(attempts[0]?.attributes['url.full']).toBe(
      `${stage.api.url}/v1/organizations/users?limit=2&email=REDACTED`,
    );
    stage.instrumentation.disable();
  });

  test('on: a query with content is told', async () => {
    capturing.manuallyInstrument(sdk.default);
    stage.api.enqueue(reply.json({ data: [] }));
    await client.get(PEOPLE);
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes['url.query']).toBe('limit=2&email=marmot%40example.com');
    expect(attempts[0]?.attributes['url.full']).toBe(`${stage.api.url}${PEOPLE}`);
  });

  test('on: of Messages alone, as the SDK has it', async () => {
    capturing.manuallyInstrument(sdk.default);
    const { model, messages, system } = SECRET_REQUEST;
    await client.messages.countTokens({ model, messages, system });
    const { span } = await stage.telemetry.call();
    for (const name of CONTENT_NAMES) expect(span.attributes).not.toHaveProperty(name);
  });

  test('on: what is long is cut', async () => {
    capturing.manuallyInstrument(sdk.default);
    const long = 'marmot '.repeat(2000);
    stage.api.enqueue(reply.message({ text: long }));
    await client.messages.create({ ...SECRET_REQUEST, messages: [{ role: 'user', content: long }] });
    const { span } = await stage.telemetry.call();
    for (const name of ['gen_ai.input.messages', 'gen_ai.output.messages']) {
      expect(String(span.attributes[name]).length).toBeLessThanOrEqual(2000 + 32);
    }
    expect(span.attributes['anthropic.content.truncated']).toBe(true);
  });

  test('on: an answer that is too long is cut, and what is not is whole', async () => {
    capturing.manuallyInstrument(sdk.default);
    for (const text of ['marmot '.repeat(2000), 'marmot']) {
      stage.api.enqueue(reply.message({ text }));
      await client.messages.create(SECRET_REQUEST);
      const { span } = await stage.telemetry.call();
      const isCut = !String(span.attributes['gen_ai.output.messages']).endsWith(']');
      expect(span.attributes['anthropic.content.truncated'] ?? false).toBe(isCut);
      expect(isCut).toBe(text.length > 2000);
      stage.telemetry.reset();
    }
  });

  test('on: an answer that is left off says that it is unfinished, and one that fails that it is in error', async () => {
    capturing.manuallyInstrument(sdk.default);
    const reasonOf = async (run: () => Promise<unknown>): Promise<unknown> => {
      await run().catch(() => {});
      const { span } = await stage.telemetry.call();
      stage.telemetry.reset();
      const [message] = JSON.parse(String(span.attributes['gen_ai.output.messages'])) as [object];
      return (message as { finish_reason?: unknown }).finish_reason;
    };
    const streamed = { ...SECRET_REQUEST, stream: true } as const;
    const leave = async () => {
      for await (const event of await client.messages.create(streamed)) {
        if (event.type === 'content_block_delta') break;
      }
    };
    expect(await reasonOf(leave)).toBe('unfinished');
    stage.api.enqueue(reply.stream({}, { ending: reply.streamError(4) }));
    expect(await reasonOf(async () => readAll(await client.messages.create(streamed)))).toBe('error');
  });

  test('on: a secret that the cut would halve is not halved', async () => {
    capturing.manuallyInstrument(sdk.default);
    for (const length of [1900, 1930, 1960]) {
      await client.messages.create({
        ...SECRET_REQUEST,
        messages: [{ role: 'user', content: `${'x '.repeat(length / 2)}${FAKE_KEY}` }],
      });
      const { span } = await stage.telemetry.call();
      const captured = span.attributes['gen_ai.input.messages'];
      expect(captured).toContain('x x x');
      expect(captured).not.toContain('AAAAAAAA');
      stage.telemetry.reset();
    }
  });

  test('on: tool calls, results and images', async () => {
    capturing.manuallyInstrument(sdk.default);
    stage.api.enqueue(
      reply.stream({ thinking: 'hm', text: 'I dig.', toolUse: { name: 'dig', input: { depth: 3 } } }),
    );
    await readAll(
      await client.messages.create({
        model: MODEL,
        max_tokens: 64,
        stream: true,
        messages: [
          { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'dig', input: { depth: 1 } }] },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 't1', content: 'dug' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJDREVG' } },
            ],
          },
        ],
      }),
    );
    const { span } = await stage.telemetry.call();
    const read = (name: string): unknown => JSON.parse(String(span.attributes[name]));
    expect(read('gen_ai.input.messages')).toMatchObject([
      { role: 'assistant', parts: [{ type: 'tool_call', id: 't1', name: 'dig', arguments: { depth: 1 } }] },
      { role: 'user', parts: [{ type: 'tool_call_response', id: 't1', response: 'dug' }, {}] },
    ]);
    expect(span.attributes['gen_ai.input.messages']).not.toContain('QUJDREVG');
    expect(read('gen_ai.output.messages')).toMatchObject([
      {
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'text', content: 'I dig.' },
          { type: 'tool_call', name: 'dig' },
        ],
      },
    ]);
    const [{ parts }] = read('gen_ai.output.messages') as [{ parts: { arguments?: unknown }[] }];
    expect(parts[2]?.arguments).toEqual({ depth: 3 });
  });

  test.each(['tool_use', 'server_tool_use', 'mcp_tool_use'])(
    'on: a streamed %s has the input that comes in pieces',
    async (type) => {
      capturing.manuallyInstrument(sdk.default);
      const usage = { input_tokens: 1, output_tokens: 1 };
      const piece = { type: 'content_block_delta', index: 0 };
      const events = [
        { type: 'message_start', message: { id: 'm', model: MODEL, content: [], usage } },
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type, id: 't1', name: 'dig', server_name: 'den', input: {} },
        },
        { ...piece, delta: { type: 'input_json_delta', partial_json: '{"dep' } },
        { ...piece, delta: { type: 'input_json_delta', partial_json: 'th":2}' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 3 } },
        { type: 'message_stop' },
      ];
      stage.api.enqueue(reply.stream({}, { events }));
      await client.messages.stream(REQUEST).finalMessage();
      const { span } = await stage.telemetry.call();
      expect(span.attributes['gen_ai.output.messages']).toContain('"arguments":{"depth":2}');
    },
  );

  test('on: tools that the API runs itself', async () => {
    capturing.manuallyInstrument(sdk.default);
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 2 };
    const found = { type: 'web_search_result', title: 'Marmots', encrypted_content: 'marmot' };
    const content = [
      { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'dens' } },
      { type: 'web_search_tool_result', tool_use_id: 's1', content: [found] },
      { type: 'mcp_tool_use', id: 'm1', name: 'dig', server_name: 'den', input: { depth: 2 } },
    ];
    const messages = [{ role: 'assistant', content }];
    await client.post('/v1/messages', { body: { model: MODEL, max_tokens: 1, messages, tools: [search] } });
    const { span } = await stage.telemetry.call();
    const read = (name: string): unknown => JSON.parse(String(span.attributes[name]));
    expect(read('gen_ai.tool.definitions')).toEqual([search]);
    expect(read('gen_ai.input.messages')).toEqual([
      {
        role: 'assistant',
        parts: [
          {
            type: 'server_tool_call',
            id: 's1',
            name: 'web_search',
            server_tool_call: { type: 'web_search', arguments: { query: 'dens' } },
          },
          {
            type: 'server_tool_call_response',
            id: 's1',
            server_tool_call_response: { type: 'web_search_tool_result' },
          },
          {
            type: 'server_tool_call',
            id: 'm1',
            name: 'dig',
            server_tool_call: { type: 'dig', arguments: { depth: 2 } },
          },
        ],
      },
    ]);
  });

  test.each([
    ['max_tokens', reply.stream({ text: 'I dig', stopReason: 'max_tokens' }), 'length'],
    ['tool_use', reply.stream({ toolUse: { name: 'dig', input: {} } }), 'tool_call'],
    [
      'a reason that the conventions do not know',
      reply.stream({ text: 'I', stopReason: 'pause_turn' }),
      'pause_turn',
    ],
    ['an error', reply.stream({ text: 'I dig' }, { ending: reply.streamError(3) }), 'error'],
  ])('on: why the answer ended: %s', async (_name, answer, expected) => {
    capturing.manuallyInstrument(sdk.default);
    stage.api.enqueue(answer);
    await readAll(await client.messages.create({ ...SECRET_REQUEST, stream: true })).catch(() => {});
    const { span } = await stage.telemetry.call();
    expect(JSON.parse(String(span.attributes['gen_ai.output.messages']))).toMatchObject([
      { finish_reason: expected },
    ]);
  });

  test('on: what a body is when it is sent, in the length of what is sent', async () => {
    capturing.manuallyInstrument(sdk.default);
    const tree = {
      name: 'root',
      children: [] as object[],
      toJSON: () => ({ name: 'root', token: 'hunter2' }),
    };
    let reads = 0;
    for (let index = 0; index < 12; index += 1) {
      tree.children.push({
        get parent() {
          reads += 1;
          if (reads > 1000) throw new Error('too many');
          return tree;
        },
      });
    }
    const block = { toJSON: () => ({ type: 'tool_use', id: 't1', name: 'dig', input: tree }) };
    const messages = [{ toJSON: () => ({ role: 'assistant', content: [block] }) }];
    await client.post('/v1/messages', { body: { model: MODEL, max_tokens: 1, messages } });
    const { span } = await stage.telemetry.call();
    expect(reads).toBe(0);
    expect(JSON.parse(String(span.attributes['gen_ai.input.messages']))).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'tool_call', id: 't1', name: 'dig', arguments: { name: 'root', token: '[REDACTED]' } },
        ],
      },
    ]);
  });

  test('on: a body that cannot be sent fails as it does alone', async () => {
    const circle: Record<string, unknown> = {};
    circle['a'] = circle;
    circle['b'] = circle;
    const content = [{ type: 'tool_use' as const, id: 't1', name: 'dig', input: circle }];
    const send = (): Promise<unknown> =>
      client.messages
        .create({ ...SECRET_REQUEST, messages: [{ role: 'assistant', content }] })
        .catch((error: unknown) => error);
    capturing.disable();
    const alone = await send();
    stage.telemetry.reset();
    capturing.manuallyInstrument(sdk.default);
    expect(await send()).toEqual(alone);
    const { span } = await stage.telemetry.call();
    expect(span.attributes).not.toHaveProperty('gen_ai.input.messages');
    expect(span.attributes).toHaveProperty('gen_ai.tool.definitions');
  });

  test('on: content of any shape breaks nothing', async () => {
    capturing.manuallyInstrument(sdk.default);
    for (const messages of [
      null,
      'text',
      [null],
      [7],
      [{ role: {}, content: { deep: [] } }],
      [{ content: [null, 3, {}] }],
    ]) {
      await client
        .post('/v1/messages', { body: { model: MODEL, max_tokens: 1, messages }, maxRetries: 0 })
        .catch(() => {});
      await stage.telemetry.call();
      stage.telemetry.reset();
    }
  });
});
