/** A `fetch` that answers at once: what is left of a call's time is the SDK's and the instrumentation's. */

const MODEL = 'claude-example-5';
const USAGE = {
  input_tokens: 12,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 24,
  service_tier: 'standard',
};

/** As the API sends them, rate limits and all. */
const HEADERS = {
  'request-id': 'req_011CTestTestTestTestTest',
  'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
  ...Object.fromEntries(
    ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((bucket) => [
      [`anthropic-ratelimit-${bucket}-limit`, '4000'],
      [`anthropic-ratelimit-${bucket}-remaining`, '3999'],
      [`anthropic-ratelimit-${bucket}-reset`, '2030-01-01T00:00:00Z'],
    ]),
  ),
  'cf-ray': '0000000000000000-FRA',
  date: 'Sun, 22 Nov 2026 12:00:00 GMT',
};

const MESSAGE = JSON.stringify({
  id: 'msg_01TestTestTestTestTest',
  type: 'message',
  role: 'assistant',
  model: MODEL,
  content: [{ type: 'text', text: 'An answer of an ordinary length, as it were.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: USAGE,
});

/** @param {{ readonly type: string }} event */
function frame(event) {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** As many events come together: in one piece they would measure how an old SDK copies what it has not read. */
const EVENTS_IN_CHUNK = 5;

/**
 * @param {number} deltas how many pieces of text the streamed answer has
 * @returns {readonly Uint8Array[]} what arrives at once
 */
function streamChunks(deltas) {
  const message = { ...JSON.parse(MESSAGE), content: [], stop_reason: null };
  const delta = frame({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: 'a few words ' },
  });
  const frames = [
    frame({ type: 'message_start', message }),
    frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...Array.from({ length: deltas }, () => delta),
    frame({ type: 'content_block_stop', index: 0 }),
    frame({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 24 },
    }),
    frame({ type: 'message_stop' }),
  ];
  const chunks = [];
  for (let first = 0; first < frames.length; first += EVENTS_IN_CHUNK) {
    chunks.push(new TextEncoder().encode(frames.slice(first, first + EVENTS_IN_CHUNK).join('')));
  }
  return chunks;
}

/** @param {readonly Uint8Array[]} chunks */
function streamOf(chunks) {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next];
      next += 1;
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

/**
 * @param {number | undefined} deltas for a streamed answer
 * @returns {() => Promise<Response>}
 */
export function cannedFetch(deltas) {
  if (deltas === undefined) {
    const init = { headers: { ...HEADERS, 'content-type': 'application/json' } };
    return () => Promise.resolve(new Response(MESSAGE, init));
  }
  const chunks = streamChunks(deltas);
  const init = { headers: { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' } };
  return () => Promise.resolve(new Response(streamOf(chunks), init));
}

export const REQUEST = /** @type {const} */ ({
  model: MODEL,
  max_tokens: 1024,
  temperature: 0.5,
  messages: [{ role: 'user', content: 'A question of an ordinary length, as it were?' }],
});
