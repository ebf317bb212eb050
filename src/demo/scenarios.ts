import type Anthropic from '@anthropic-ai/sdk';
import * as reply from './fake-api/replies.ts';
import type { Reply } from './fake-api/types.ts';

/** One API call, what the fake API answers to its attempts, and what there is to see. */
export interface Scenario {
  readonly title: string;
  /** One for each attempt. */
  readonly replies: readonly Reply[];
  /** The call, as an application makes it. Rejects as the SDK does. */
  readonly run: (client: Anthropic) => Promise<void>;
}

/** A key that looks like one to people and to a redaction, and opens nothing. */
export const DEMO_KEY = `sk-ant-api03-${'A'.repeat(95)}`;

const PROMPT = {
  model: 'claude-sonnet-5-5',
  max_tokens: 1024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
};

const ANSWER = {
  text: 'Air scatters blue light more than red light.',
  usage: { input_tokens: 14, cache_read_input_tokens: 2_048, output_tokens: 186 },
};

/** Milliseconds between two events of a stream, and until the caller cancels. */
const PACE_MS = 15;
const CANCEL_AFTER_MS = 250;

/** What the demo plays, in this order. */
export const SCENARIOS: readonly Scenario[] = [
  {
    title: 'A good call',
    replies: [reply.message(ANSWER)],
    run: create,
  },
  {
    title: 'A stream',
    replies: [reply.stream(ANSWER, { paceMs: PACE_MS })],
    run: readStream,
  },
  {
    title: 'A rate limit that a retry recovered from',
    replies: [
      reply.rateLimited({ bucket: 'requests', limit: 50, retryAfterSeconds: 1 }),
      reply.message(ANSWER),
    ],
    run: create,
  },
  {
    title: 'An overload that no retry recovered from',
    replies: [reply.error(529), reply.error(529), reply.error(529)],
    run: create,
  },
  {
    title: 'A request that the API refuses',
    replies: [
      reply.error(400, {
        message:
          'max_tokens: 200000 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-5-5',
      }),
    ],
    async run(client) {
      await client.messages.create({ ...PROMPT, max_tokens: 200_000 }, { timeout: 10_000 });
    },
  },
  {
    title: 'A wrong key, which the API repeats in its message',
    replies: [reply.error(401, { message: `invalid x-api-key: ${DEMO_KEY}` })],
    run: create,
  },
  {
    title: 'A stream that fails half-way, with HTTP status 200',
    replies: [reply.stream(ANSWER, { paceMs: PACE_MS, ending: reply.streamError(6) })],
    run: readStream,
  },
  {
    title: 'A stream whose connection breaks',
    replies: [reply.stream(ANSWER, { paceMs: PACE_MS, ending: { kind: 'cut', after: 6 } })],
    run: readStream,
  },
  {
    title: 'A call that its caller cancels',
    replies: [reply.hang()],
    async run(client) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), CANCEL_AFTER_MS);
      await client.messages.create(PROMPT, { signal: controller.signal });
    },
  },
];

async function create(client: Anthropic): Promise<void> {
  await client.messages.create(PROMPT);
}

async function readStream(client: Anthropic): Promise<void> {
  await client.messages.stream(PROMPT).finalMessage();
}
