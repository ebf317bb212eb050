import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AnthropicInstrumentation } from '../../../src/instrumentation.ts';
import { EVENTS, type EventName, type EventSpec } from '../../../src/schema.ts';
import { AT_ONCE, FAKE_KEY, MODEL, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { NEWEST, SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';
import { select } from '../../support/telemetry.ts';

const stage = setStage({ config: { logFailures: true, stalledStreamAfter: 0.05, longWaitAfter: 0.005 } });
const logs = new InMemoryLogRecordExporter();

beforeAll(() => {
  stage.instrumentation.setLoggerProvider(
    new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] }),
  );
});
beforeEach(() => logs.reset());
afterEach(() => {
  for (const { event, attributes } of lines()) {
    const spec: EventSpec = EVENTS[event as EventName];
    expect(spec.attributes).toEqual(expect.arrayContaining(Object.keys(attributes)));
  }
});

interface Line {
  readonly event: string | undefined;
  readonly severity: string | undefined;
  readonly text: unknown;
  readonly attributes: Record<string, unknown>;
  readonly spanId: string | undefined;
}

function lines(): Line[] {
  return logs.getFinishedLogRecords().map((record) => ({
    event: record.eventName,
    severity: record.severityText,
    text: record.body,
    attributes: record.attributes,
    spanId: record.spanContext?.spanId,
  }));
}

const SECRET_WORDS = ['a-very-private-word', 'my_private_key_name'];

/** A request with a user's own words in every place where one can write them. */
const PRIVATE_REQUEST = {
  model: MODEL,
  max_tokens: 64,
  system: [
    { type: 'text' as const, text: SECRET_WORDS[0] ?? '', cache_control: { type: 'ephemeral' as const } },
  ],
  messages: [
    { role: 'user' as const, content: `${SECRET_WORDS[0]} one` },
    { role: 'assistant' as const, content: [{ type: 'text' as const, text: '' }] },
    { role: SECRET_WORDS[0] as 'user', content: [{ type: SECRET_WORDS[0] as 'text', text: '1234567' }] },
  ],
  stop_sequences: [SECRET_WORDS[0] ?? ''],
  tools: [{ name: SECRET_WORDS[0] ?? '', input_schema: { type: 'object' as const } }],
  [`${SECRET_WORDS[1]} with blanks`]: 1,
};

const BUILDS = SDK_BUILDS.filter(
  ({ version, build }) =>
    (version === '0.39.0' && build === 'cjs') || (version !== '0.60.0' && build === 'esm'),
);

describe.each(BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  beforeAll(async () => {
    sdk = await stage.load(build);
    client = stage.client(sdk);
  });

  test('a 400 tells the field, the hint, and the shape of the request without a word of the user’s', async () => {
    stage.api.enqueue(
      reply.error(400, { message: 'messages.1.content.0.text: cannot be set for empty text blocks' }),
    );
    await rejection(client.messages.create(PRIVATE_REQUEST));
    const { span } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'anthropic.error.field': 'messages.1.content.0.text',
      'anthropic.error.hint': expect.any(String) as string,
      'anthropic.error.retryable': false,
    });
    const shape = String(span.attributes['anthropic.request.shape']);
    expect(JSON.parse(shape)).toMatchObject({
      keys: expect.arrayContaining([
        'model',
        'max_tokens',
        'messages',
        'system',
        'tools',
        'other',
      ]) as string[],
      messages: ['user: text', 'assistant: text', 'other: other'],
      message_count: 3,
      message_characters: `${SECRET_WORDS[0]} one`.length + 7,
      system_characters: SECRET_WORDS[0]?.length,
      max_tokens: 64,
      tools: 1,
      thinking: false,
      cache_controls: 1,
      stop_sequences: 1,
    });
    for (const word of SECRET_WORDS) expect(shape).not.toContain(word);
  });

  test('other failures have no shape', async () => {
    stage.api.enqueue(reply.error(404));
    await rejection(client.messages.create(REQUEST));
    const { span } = await stage.telemetry.call();
    expect(span.attributes).not.toHaveProperty('anthropic.request.shape');
  });

  test.each([
    [`${FAKE_KEY}\n`.trim().replace('sk-', '"sk-'), 'quot'],
    ['your-api-key', 'placeholder'],
  ])('a refused key tells what is wrong with it, and nothing of it', async (apiKey, hint) => {
    stage.api.enqueue(reply.error(401));
    const refused = stage.client(sdk, { apiKey });
    await rejection(refused.messages.create(REQUEST));
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes['anthropic.error.hint']).toContain(hint);
    expect(
      JSON.stringify([span.attributes, span.status, attempts.map(({ attributes }) => attributes)]),
    ).not.toContain(apiKey);
  });

  test('a call that failed for good is one line, in its trace', async () => {
    stage.api.enqueue(
      reply.error(529, { headers: AT_ONCE }),
      reply.error(529, {
        headers: { ...AT_ONCE, 'request-id': 'req_last' },
        message: `Overloaded ${FAKE_KEY}`,
      }),
    );
    await rejection(client.messages.create(REQUEST, { maxRetries: 1 }));
    const { span } = await stage.telemetry.call();
    const [line, ...more] = lines();
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      event: 'anthropic.call.failed',
      severity: 'ERROR',
      spanId: span.spanContext().spanId,
      attributes: {
        'error.type': 'overloaded_error',
        'http.response.status_code': 529,
        'anthropic.request.id': 'req_last',
        'anthropic.retry.exhausted': true,
      },
    });
    expect(line?.text).toMatch(
      /^anthropic\.messages\.create \(.+\) failed: 529 overloaded_error .*after 2 attempts and \d+\.\d s of waits, request req_last: Overloaded/,
    );
    expect(JSON.stringify(line)).not.toContain(FAKE_KEY);
  });

  test('the line of a 429 names the limit, and a key in the name of the model is in no line', async () => {
    stage.api.enqueue(reply.error(429, { headers: { 'anthropic-ratelimit-requests-remaining': '0' } }));
    await rejection(client.messages.create({ ...REQUEST, model: FAKE_KEY }, { maxRetries: 0 }));
    await stage.telemetry.call();
    const [line] = lines();
    expect(line?.text).toMatch(/ failed: 429 rate_limit_error \[requests\] after 1 attempt\b/);
    expect(line?.attributes).toHaveProperty('anthropic.rate_limit.cause');
    expect(JSON.stringify(line)).not.toContain(FAKE_KEY);
  });

  test('the line of a stream that broke off has the status that the stream began with', async () => {
    stage.api.enqueue(reply.stream({}, { ending: { kind: 'truncated' } }));
    const stream = await client.messages.create({ ...REQUEST, stream: true });
    for await (const event of stream) void event;
    await stage.telemetry.call();
    expect(lines()).toMatchObject([
      {
        text: expect.stringContaining('failed: 200 api_error [truncated_stream] after 1 attempt') as string,
        attributes: { 'http.response.status_code': 200, 'anthropic.error.hint': 'truncated_stream' },
      },
    ]);
  });

  test('a call that a retry rescued, and one that its caller canceled, are no lines', async () => {
    stage.api.enqueue(reply.error(529, { headers: AT_ONCE }), reply.message());
    await client.messages.create(REQUEST);
    const controller = new AbortController();
    controller.abort();
    await rejection(client.messages.create(REQUEST, { signal: controller.signal }));
    await stage.telemetry.calls(2);
    expect(lines()).toEqual([]);
  });

  test('a stream that hangs is told while it hangs', async () => {
    stage.api.enqueue(reply.stream({}, { ending: { kind: 'stall', after: 4 } }));
    const before = (await stage.telemetry.points()).find(
      ({ name }) => name === 'anthropic.client.streams.stalled',
    );
    const stream = await client.messages.create({ ...REQUEST, stream: true });
    const reading = (async () => {
      for await (const event of stream) void event;
    })();
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!lines().some(({ event }) => event === 'anthropic.stream.stalled')) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
    expect(lines()[0]?.text).toMatch(
      /^anthropic\.messages\.create \(.+\), request req_\w+, hangs: no event for \d/,
    );
    expect(stage.telemetry.spans.filter(({ name }) => name.startsWith('anthropic.'))).toEqual([]);
    const [point] = select(await stage.telemetry.points(), 'anthropic.client.streams.stalled');
    expect(point?.value).toBe((before?.value ?? 0) + 1);
    stream.controller.abort();
    await reading;
    const { span } = await stage.telemetry.call();
    expect(span.attributes['anthropic.stream.stalled']).toBe(true);
    expect(span.attributes['anthropic.call.canceled']).toBe(true);
    expect(span.attributes['anthropic.stream.longest_gap']).toBeGreaterThan(0.05);
  });

  test('a stream that flows has its longest gap, and is not called stalled', async () => {
    const stream = await client.messages.create({ ...REQUEST, stream: true });
    for await (const event of stream) void event;
    const { span } = await stage.telemetry.call();
    expect(span.attributes['anthropic.stream.longest_gap']).toEqual(expect.any(Number));
    expect(span.attributes).not.toHaveProperty('anthropic.stream.stalled');
  });

  test('a long wait is told when it begins', async () => {
    const [before] = select(await stage.telemetry.points(), 'anthropic.client.retry.long_waits');
    stage.api.enqueue(reply.error(429, { headers: { 'retry-after-ms': '20' } }), reply.hang());
    const controller = new AbortController();
    const call = rejection(client.messages.create(REQUEST, { signal: controller.signal, maxRetries: 1 }));
    await stage.api.received(stage.api.requests.length + 2);
    const [point] = select(await stage.telemetry.points(), 'anthropic.client.retry.long_waits');
    expect(point?.value).toBe((before?.value ?? 0) + 1);
    expect(lines()).toMatchObject([
      { event: 'anthropic.retry.long_wait', severity: 'WARN', attributes: { 'anthropic.retry.after': 0.02 } },
    ]);
    expect(stage.telemetry.spans.filter(({ name }) => name.startsWith('anthropic.'))).toEqual([]);
    controller.abort();
    await call;
    await stage.telemetry.call();
  });
});

const IMPATIENT = SDK_BUILDS.filter(({ version }) => version === '0.39.0' || version === '0.60.0');

test.each(IMPATIENT)(
  'two minutes that a response asks for are no wait where the SDK does not obey: $version $build',
  async (build) => {
    const client = stage.client(await stage.load(build));
    const [before] = select(await stage.telemetry.points(), 'anthropic.client.retry.long_waits');
    stage.api.enqueue(reply.error(429, { headers: { 'retry-after': '120' } }));
    await client.messages.create(REQUEST);
    const { attempts } = await stage.telemetry.call();
    expect(attempts.map(({ attributes }) => attributes['anthropic.retry.after'])).toEqual([120, undefined]);
    expect(lines()).toEqual([]);
    const [point] = select(await stage.telemetry.points(), 'anthropic.client.retry.long_waits');
    expect(point?.value).toBe(before?.value);
  },
);

test('failures are logged where that is asked for alone', async () => {
  const instrumentation = new AnthropicInstrumentation({ enabled: false });
  instrumentation.setLoggerProvider(
    new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] }),
  );
  stage.instrumentation.disable();
  const sdk = await stage.load(NEWEST, false);
  instrumentation.manuallyInstrument(sdk.default);
  const fail = async (): Promise<void> => {
    stage.api.enqueue(reply.error(400));
    await rejection(stage.client(sdk).messages.create({ ...REQUEST, model: FAKE_KEY }));
    await stage.telemetry.call();
    stage.telemetry.reset();
  };
  await fail();
  expect(lines()).toEqual([]);
  instrumentation.setConfig({ enabled: false, logFailures: true });
  await fail();
  expect(lines().map(({ event }) => event)).toEqual(['anthropic.call.failed']);
  expect(JSON.stringify(lines())).toContain('[REDACTED]');
  expect(JSON.stringify(lines())).not.toContain(FAKE_KEY);
  instrumentation.disable();
});
