import { SpanStatusCode } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { openable, readAll, rejection, REQUEST, setStage, STREAMED } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';

const stage = setStage();

const USAGE = {
  input_tokens: 5,
  output_tokens: 40,
  cache_read_input_tokens: 1000,
  cache_creation_input_tokens: 200,
} as const;
/** A server that sends so many events, of which the third is a ping that the SDK keeps to itself, and then nothing. */
const stalled = (after: number) => reply.stream({ usage: USAGE }, { ending: { kind: 'stall', after } });

const messageDelta = (usage: object) => ({
  type: 'message_delta',
  delta: { stop_reason: 'max_tokens' },
  usage,
});
const secondReadOf = async (anthropic: Anthropic): Promise<string> => {
  const stream = await anthropic.messages.create(STREAMED);
  await readAll(stream);
  return (await rejection(readAll(stream))).message;
};

/** The span of the second call, which asked for a batch's results. */
const resultsSpan = async () => {
  const [, results] = await stage.telemetry.calls(2);
  expect(results?.span.name).toBe('anthropic.messages.batches.results');
  expect(results?.attempts).toHaveLength(1);
  return results?.span as NonNullable<typeof results>['span'];
};

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  beforeAll(async () => {
    sdk = await stage.load(build);
    client = stage.client(sdk);
  });

  test('read to the end: the totals of message_delta, with the cache in the input', async () => {
    stage.api.enqueue(reply.stream({ usage: USAGE, id: 'msg_1', model: 'claude-sonnet-5-5-20261001' }));
    const events = await readAll(await client.messages.create(STREAMED));
    expect(events.at(-1)?.type).toBe('message_stop');
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.id': 'msg_1',
      'gen_ai.response.model': 'claude-sonnet-5-5-20261001',
      'gen_ai.response.finish_reasons': ['end_turn'],
      'anthropic.message.stop_reason': 'end_turn',
      'gen_ai.usage.input_tokens': 1205,
      'gen_ai.usage.output_tokens': 40,
      'gen_ai.usage.cache_read.input_tokens': 1000,
      'gen_ai.usage.cache_write.input_tokens': 200,
    });
    expect(span.attributes['gen_ai.response.time_to_first_chunk']).toBeTypeOf('number');
    expect(span.status.code).toBe(SpanStatusCode.OK);
    expect(span.attributes).not.toHaveProperty('anthropic.call.ended_by');
    for (const name of Object.keys(attempts[0]?.attributes ?? {})) expect(name).not.toMatch(/^gen_ai\./);
  });

  if (build.has.parse) {
    test('a streamed tool runner’s, read by the runner', async () => {
      stage.api.enqueue(reply.stream({ usage: USAGE, id: 'msg_1' }));
      await client.beta.messages.toolRunner({ ...STREAMED, tools: [] }).runUntilDone();
      const { span } = await stage.telemetry.call();
      expect(span.attributes).toMatchObject({
        'gen_ai.response.finish_reasons': ['end_turn'],
        'gen_ai.usage.output_tokens': 40,
      });
      expect(span.status.code).toBe(SpanStatusCode.OK);
      expect(span.attributes).not.toHaveProperty('anthropic.call.ended_by');
    });
  }

  if (build.has.parse) {
    test('a streamed tool runner’s that breaks off, on a span of ours', async () => {
      const own = stage.client(sdk, build.has.nativeSpans ? { openTelemetry: false } : {});
      stage.api.enqueue(reply.stream({ usage: USAGE }, { ending: reply.streamError(3) }));
      await rejection(own.beta.messages.toolRunner({ ...STREAMED, tools: [] }).runUntilDone());
      const { span } = await stage.telemetry.call();
      expect(span.attributes['error.type']).toBe('overloaded_error');
    });
  }

  test('totals of message_delta that differ from those of message_start replace them', async () => {
    const start = {
      type: 'message_start',
      message: { id: 'm', model: 'x', usage: { input_tokens: 1, output_tokens: 7 } },
    };
    stage.api.enqueue(
      reply.stream(
        {},
        {
          events: [
            start,
            messageDelta({ output_tokens: 20 }),
            messageDelta({ input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 30 }),
            { type: 'message_stop' },
          ],
        },
      ),
    );
    await readAll(await client.messages.create(STREAMED));
    const { span } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 30,
      'gen_ai.response.finish_reasons': ['max_tokens'],
    });
  });

  test('an error event in a stream with status 200 is an error, by its type', async () => {
    stage.api.enqueue(reply.stream({ usage: USAGE }, { ending: reply.streamError(4) }));
    const error = await rejection(readAll(await client.messages.create(STREAMED)));
    expect(error).toBeInstanceOf(sdk.APIError);
    const { span, attempts } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'http.response.status_code': 200,
      'error.type': 'overloaded_error',
      'gen_ai.usage.input_tokens': 1205,
    });
    expect(span.attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
    expect(span.attributes).not.toHaveProperty('anthropic.retry.exhausted');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'Overloaded' });
    expect(attempts[0]?.status.code).toBe(SpanStatusCode.UNSET);
    expect(attempts[0]?.attributes).not.toHaveProperty('error.type');
  });

  test('a connection that is cut in mid-stream is an error, and claims no output', async () => {
    stage.api.enqueue(reply.stream({ usage: USAGE }, { ending: { kind: 'cut', after: 4 } }));
    const error = await rejection(readAll(await client.messages.create(STREAMED)));
    expect(error).toBeInstanceOf(Error);
    const { span } = await stage.telemetry.call();
    expect(span.attributes['error.type']).toBe('client_error');
    expect(span.attributes['gen_ai.usage.input_tokens']).toBe(1205);
    expect(span.attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
    expect(span.attributes).not.toHaveProperty('anthropic.message.stop_reason');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('a stream without message_stop is an error, though the application sees none', async () => {
    stage.api.enqueue(reply.stream({ usage: USAGE }, { ending: { kind: 'truncated', after: 4 } }));
    await readAll(await client.messages.create(STREAMED));
    const { span } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({
      'error.type': 'api_error',
      'anthropic.error.hint': 'truncated_stream',
      'anthropic.error.retryable': true,
    });
    expect(span.attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
    expect(span.attributes).not.toHaveProperty('gen_ai.response.finish_reasons');
    expect(span.status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'The stream ended before message_stop.',
    });
  });

  test('a stream that ends after message_delta has its totals, and is an error', async () => {
    stage.api.enqueue(reply.stream({ usage: USAGE }, { ending: { kind: 'truncated' } }));
    await readAll(await client.messages.create(STREAMED));
    const { span } = await stage.telemetry.call();
    expect(span.attributes).toMatchObject({ 'error.type': 'api_error', 'gen_ai.usage.output_tokens': 40 });
  });

  test('an empty stream is an error', async () => {
    stage.api.enqueue(reply.stream({}, { events: [] }));
    await readAll(await client.messages.create(STREAMED));
    const { span } = await stage.telemetry.call();
    expect(span.attributes['error.type']).toBe('api_error');
  });

  test('a stream that is no message: nothing says that it is whole, and its status stays unset', async () => {
    stage.api.enqueue(reply.stream({}, { events: [{ type: 'session.updated' }] }));
    await readAll(await client.get<AsyncIterable<unknown>>('/v1/events', { stream: true }));
    const { span } = await stage.telemetry.call();
    expect(span.name).toBe('anthropic.get');
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).not.toHaveProperty('anthropic.call.canceled');
  });

  /** Ends of a read that the caller brought about. */
  const CANCELS: Readonly<Record<string, () => Promise<unknown>>> = {
    break: async () => {
      for await (const event of await client.messages.create(STREAMED)) {
        if (event.type === 'content_block_delta') break;
      }
    },
    'a throw in the loop': () =>
      rejection(
        (async () => {
          for await (const event of await client.messages.create(STREAMED)) {
            if (event.type === 'content_block_delta') throw new TypeError('mine');
          }
        })(),
      ),
    'controller.abort()': async () => {
      const stream = await client.messages.create(STREAMED);
      for await (const event of stream) if (event.type === 'content_block_delta') stream.controller.abort();
    },
    'the abort signal': async () => {
      const controller = new AbortController();
      const stream = await client.messages.create(STREAMED, { signal: controller.signal });
      for await (const event of stream) if (event.type === 'content_block_delta') controller.abort();
    },
    'iterator.return()': async () => {
      const iterator = (await client.messages.create(STREAMED))[Symbol.asyncIterator]();
      for (let count = 0; count < 3; count += 1) await iterator.next();
      await iterator.return?.();
    },
    'messages.stream and stream.abort()': async () => {
      const stream = client.messages.stream(REQUEST);
      stream.on('text', () => stream.abort());
      const error = await rejection(stream.finalMessage());
      expect(error).toBeInstanceOf(sdk.APIUserAbortError);
    },
    'messages.stream and its controller': async () => {
      const stream = client.messages.stream(REQUEST);
      stream.on('text', () => stream.controller.abort());
      await rejection(stream.done());
    },
    'messages.stream and break': async () => {
      for await (const event of client.messages.stream(REQUEST)) {
        if (event.type === 'content_block_delta') break;
      }
    },
    'messages.stream and the abort signal': async () => {
      const controller = new AbortController();
      const stream = client.messages.stream(REQUEST, { signal: controller.signal });
      stream.on('text', () => controller.abort());
      await rejection(stream.finalMessage());
    },
  };

  test.each(Object.keys(CANCELS))(
    'canceled by %s: no error, no output total, and the server notices',
    async (name) => {
      const seen = stage.api.requests.length;
      stage.api.enqueue(stalled(4));
      await CANCELS[name]?.();
      const { span, attempts } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
      expect(span.attributes).not.toHaveProperty('error.type');
      expect(span.attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
      expect(span.attributes['gen_ai.usage.input_tokens']).toBe(1205);
      expect(attempts).toHaveLength(1);
      await stage.api.requests[seen]?.closed;
      expect(stage.api.requests[seen]?.aborted).toBe(true);
    },
  );

  test('the longest gap is that of the longest wait, not of the last one', async () => {
    const { opened, open } = openable();
    stage.api.enqueue(reply.stream({}, { hold: { after: 4, until: opened } }));
    const reading = readAll(await client.messages.create(STREAMED));
    setTimeout(open, 200);
    await reading;
    const { span } = await stage.telemetry.call();
    expect(span.attributes['anthropic.stream.longest_gap']).toBeGreaterThan(0.1);
  });

  test('aborted while a read is pending', async () => {
    stage.api.enqueue(stalled(4));
    const controller = new AbortController();
    const stream = await client.messages.create(STREAMED, { signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    for (let count = 0; count < 3; count += 1) await iterator.next();
    const pending = iterator.next().then(
      (result) => result.done,
      (error: unknown) => error,
    );
    controller.abort();
    await pending;
    const { span } = await stage.telemetry.call();
    expect(span.attributes['anthropic.call.canceled']).toBe(true);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('aborted before it was read at all', async () => {
    stage.api.enqueue(stalled(4));
    const stream = await client.messages.create(STREAMED);
    stream.controller.abort();
    const { span } = await stage.telemetry.call();
    expect(span.attributes['anthropic.call.canceled']).toBe(true);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('tee(): both branches whole, one span', async () => {
    const [left, right] = (await client.messages.create(STREAMED)).tee();
    const [a, b] = await Promise.all([readAll(left), readAll(right)]);
    expect(a).toEqual(b);
    const { span } = await stage.telemetry.call();
    expect(span.attributes['gen_ai.usage.output_tokens']).toBe(12);
    expect(span.status.code).toBe(SpanStatusCode.OK);
  });

  test('toReadableStream(): read to the end', async () => {
    const stream = await client.messages.create(STREAMED);
    const text = await new Response(stream.toReadableStream() as ReadableStream).text();
    expect(text.trim().split('\n').at(-1)).toContain('message_stop');
    const { span } = await stage.telemetry.call();
    expect(span.status.code).toBe(SpanStatusCode.OK);
    expect(span.attributes['gen_ai.usage.output_tokens']).toBe(12);
  });

  test('toReadableStream(): canceled', async () => {
    stage.api.enqueue(stalled(4));
    const reader = (
      (await client.messages.create(STREAMED)).toReadableStream() as ReadableStream
    ).getReader();
    await reader.read();
    await reader.cancel();
    const { span } = await stage.telemetry.call();
    expect(span.attributes['anthropic.call.canceled']).toBe(true);
  });

  test('a second iteration fails as it does without us, and adds no span', async () => {
    const instrumented = await secondReadOf(client);
    await stage.telemetry.call();
    stage.instrumentation.disable();
    const plain = await secondReadOf(stage.client(sdk));
    stage.instrumentation.manuallyInstrument(sdk.default);
    expect(instrumented).toBe(plain);
  });

  test('read by hand with iterator.next()', async () => {
    const iterator = (await client.messages.create(STREAMED))[Symbol.asyncIterator]();
    while (!(await iterator.next()).done);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    const { span } = await stage.telemetry.call();
    expect(span.status.code).toBe(SpanStatusCode.OK);
  });

  test('several reads at once', async () => {
    const iterator = (await client.messages.create(STREAMED))[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 40 }, () => iterator.next()));
    expect(results.at(-1)?.done).toBe(true);
    const { span } = await stage.telemetry.call();
    expect(span.status.code).toBe(SpanStatusCode.OK);
    expect(span.attributes['gen_ai.usage.output_tokens']).toBe(12);
  });

  test('MessageStream keeps its events and its helpers', async () => {
    const seen: string[] = [];
    const stream = client.messages.stream(REQUEST);
    for (const name of ['connect', 'message', 'finalMessage', 'contentBlock', 'end'] as const) {
      stream.on(name, () => seen.push(name));
    }
    let text = '';
    stream.on('text', (delta) => (text += delta));
    expect(await stream.finalText()).toBe(text);
    expect(seen).toEqual(['connect', 'contentBlock', 'message', 'finalMessage', 'end']);
    const { span } = await stage.telemetry.call();
    expect(span.attributes['gen_ai.usage.output_tokens']).toBe(12);
  });

  test('messages.stream that the API refuses', async () => {
    stage.api.enqueue(reply.error(400));
    const error = await rejection(client.messages.stream(REQUEST).finalMessage());
    expect(error).toBeInstanceOf(sdk.BadRequestError);
    const { span } = await stage.telemetry.call();
    expect(span.attributes['error.type']).toBe('invalid_request_error');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('messages.stream that fails in mid-stream', async () => {
    stage.api.enqueue(reply.stream({ usage: USAGE }, { ending: reply.streamError(4) }));
    await rejection(client.messages.stream(REQUEST).finalMessage());
    const { span } = await stage.telemetry.call();
    expect(span.attributes['error.type']).toBe('overloaded_error');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
  });

  /** The "connect" of an older SDK is not heard of: its call ends when it is collected. */
  const LISTENERS = [
    ['text', 'default', {}],
    ['message', 'default', {}],
    ...(build.has.nativeSpans
      ? ([
          ['connect', 'default', {}],
          ['connect', 'no native', { openTelemetry: false }],
        ] as const)
      : []),
  ] as const;
  test.each(LISTENERS)(
    'messages.stream whose listener for "%s" throws is an error (%s spans)',
    async (event, _spans, options) => {
      const stream = stage.client(sdk, options).messages.stream(REQUEST);
      stream.on(event, () => {
        throw new TypeError('mine');
      });
      await rejection(stream.done());
      const { span } = await stage.telemetry.call();
      expect(span.attributes['error.type']).toBe('client_error');
      expect(span.attributes).not.toHaveProperty('anthropic.call.canceled');
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
    },
  );

  if (build.has.nativeSpans) {
    test.each([{}, { openTelemetry: false } as const])(
      'messages.stream that its caller aborts before it is read is canceled (client: %j)',
      async (options) => {
        const controller = new AbortController();
        const stream = stage.client(sdk, options).messages.stream(REQUEST, { signal: controller.signal });
        stream.on('connect', () => controller.abort());
        await rejection(stream.done());
        const { span } = await stage.telemetry.call();
        expect(span.attributes['anthropic.call.canceled']).toBe(true);
        expect(span.attributes).not.toHaveProperty('error.type');
        expect(span.status.code).toBe(SpanStatusCode.UNSET);
      },
    );
  }

  describe('the results of a batch', () => {
    const LINES = ['one', 'two', 'three'].map((custom_id) => JSON.stringify({ custom_id }));
    type Headers = Parameters<typeof reply.raw>[0]['headers'];
    const resultsOf = (body: string, headers: Headers = {}) => {
      const id = 'msgbatch_1';
      const url = `${stage.api.url}/v1/messages/batches/${id}/results`;
      stage.api.enqueue(
        reply.json({ id, type: 'message_batch', processing_status: 'ended', results_url: url }),
        reply.raw({ status: 200, headers: { 'content-type': 'application/x-jsonl', ...headers }, body }),
      );
      return client.messages.batches.results(id);
    };
    test('read to the end', async () => {
      const ids = (await readAll(await resultsOf(LINES.join('\n')))).map(({ custom_id }) => custom_id);
      expect(ids).toEqual(['one', 'two', 'three']);
      const span = await resultsSpan();
      expect(span.status).toEqual({ code: SpanStatusCode.OK });
      expect(span.attributes).not.toHaveProperty('anthropic.call.canceled');
    });

    const LEFT: Readonly<Record<string, () => Promise<unknown>>> = {
      break: async () => {
        for await (const line of await resultsOf(LINES.join('\n'))) if (line.custom_id === 'two') break;
      },
      'a throw in the loop': async () => {
        const results = await resultsOf(LINES.join('\n'));
        const read = async () => {
          for await (const line of results) throw new TypeError(line.custom_id);
        };
        expect((await rejection(read())).message).toBe('one');
      },
      'controller.abort() before they are read': async () => {
        (await resultsOf(LINES.join('\n'))).controller.abort();
      },
      'controller.abort() while a read is pending': async () => {
        const results = await resultsOf(`${LINES[0]}\n`, { 'content-length': '1000' });
        const iterator = results[Symbol.asyncIterator]();
        await iterator.next();
        const pending = rejection(iterator.next());
        results.controller.abort();
        expect((await pending).name).toBe('AbortError');
      },
    };

    test.each(Object.keys(LEFT))('left off by %s: canceled, and no error', async (way) => {
      await LEFT[way]?.();
      const span = await resultsSpan();
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
      expect(span.attributes).not.toHaveProperty('error.type');
      expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    });

    test('that break off in mid-line are an error', async () => {
      const error = await rejection(readAll(await resultsOf(`${LINES[0]}\n{"custom_id":`)));
      expect(error).toBeInstanceOf(SyntaxError);
      const span = await resultsSpan();
      expect(span.attributes['error.type']).toBe('client_error');
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
    });
  });

  describe('answers that are not read to their end', () => {
    test('.asResponse() ends the call, and leaves the body to the application', async () => {
      const response = await client.messages.create(REQUEST).asResponse();
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.ended_by']).toBe('response');
      expect(span.attributes['http.response.status_code']).toBe(200);
      expect(span.status.code).toBe(SpanStatusCode.OK);
      expect(((await response.json()) as { type: string }).type).toBe('message');
    });

    test('.asResponse() of a stream', async () => {
      const response = await client.messages.create(STREAMED).asResponse();
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.ended_by']).toBe('response');
      expect(await response.text()).toContain('message_stop');
    });

    test('.asResponse() of a call that fails', async () => {
      stage.api.enqueue(reply.error(404));
      await rejection(client.messages.create(REQUEST).asResponse());
      const { span } = await stage.telemetry.call();
      expect(span.attributes['error.type']).toBe('not_found_error');
      expect(span.attributes).not.toHaveProperty('anthropic.call.ended_by');
    });

    test('.withResponse() has the data, the response and the request ID, and one whole span', async () => {
      const result = await client.messages.create(REQUEST).withResponse();
      expect(result.data.type).toBe('message');
      expect(result.response.headers.get('request-id')).toBe(result.request_id);
      const { span } = await stage.telemetry.call();
      expect(span.attributes['gen_ai.usage.output_tokens']).toBe(12);
      expect(span.attributes).not.toHaveProperty('anthropic.call.ended_by');
    });

    test('.withResponse() of a stream', async () => {
      const { data } = await client.messages.create(STREAMED).withResponse();
      await readAll(data);
      const { span } = await stage.telemetry.call();
      expect(span.attributes['gen_ai.usage.output_tokens']).toBe(12);
      expect(span.status.code).toBe(SpanStatusCode.OK);
    });

    test('a call that nobody awaits ends at the flush', async () => {
      const seen = stage.api.requests.length;
      void client.messages.create(REQUEST);
      await stage.api.received(seen + 1);
      await stage.telemetry.attempt();
      stage.instrumentation.endOpenCalls();
      const { span, attempts } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.ended_by']).toBe('flush');
      expect(span.attributes).not.toHaveProperty('anthropic.call.canceled');
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
      expect(attempts).toHaveLength(1);
    });

    test('a stream that nobody reads ends at the flush', async () => {
      stage.api.enqueue(stalled(4));
      const stream = await client.messages.create(STREAMED);
      stage.instrumentation.endOpenCalls();
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.ended_by']).toBe('flush');
      expect(span.attributes).not.toHaveProperty('anthropic.call.canceled');
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
      stream.controller.abort();
      await stage.telemetry.call();
    });

    test('a stream that is half read ends at the flush, with what is known of it', async () => {
      stage.api.enqueue(stalled(4));
      const stream = await client.messages.create(STREAMED);
      const iterator = stream[Symbol.asyncIterator]();
      for (let count = 0; count < 3; count += 1) await iterator.next();
      stage.instrumentation.endOpenCalls();
      const { span } = await stage.telemetry.call();
      expect(span.attributes).toMatchObject({
        'anthropic.call.ended_by': 'flush',
        'gen_ai.usage.input_tokens': 1205,
      });
      expect(span.attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
      await iterator.return?.();
      await stage.telemetry.call();
    });

    test('a call in its request, and one in its sleep, end at the flush', async () => {
      const seen = stage.api.requests.length;
      const controller = new AbortController();
      stage.api.enqueue(reply.hang());
      const failed = rejection(client.messages.create(REQUEST, { signal: controller.signal }));
      await stage.api.received(seen + 1);
      stage.instrumentation.endOpenCalls();
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.ended_by']).toBe('flush');
      controller.abort();
      await failed;
      await stage.telemetry.call();
    });
  });

  test('a large answer is not awaited by us: .asResponse() resolves before the body is there', async () => {
    const rest = openable();
    stage.api.enqueue(reply.stream({}, { hold: { after: 1, until: rest.opened } }));
    const response = await client.messages.create(REQUEST).asResponse();
    rest.open();
    expect(await response.text()).toContain('message_stop');
    await stage.telemetry.call();
  });
});
