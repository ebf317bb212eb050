import { reply, startFakeApi, type FakeApi, type Reply } from '../../../src/demo/fake-api/index.ts';
import { startApp, type App } from '../app/start.ts';

/** Plenty left of every limit, whatever the fake API has counted. */
const PLENTY = {
  'anthropic-ratelimit-requests-remaining': '3900',
  'anthropic-ratelimit-tokens-remaining': '470000',
  'anthropic-ratelimit-input-tokens-remaining': '390000',
  'anthropic-ratelimit-output-tokens-remaining': '78000',
};
/** Retried at once, so that nobody need wait for the SDK's backoff. */
const AT_ONCE = { ...PLENTY, 'retry-after-ms': '1' };
const FINAL = { ...PLENTY, 'x-should-retry': 'false' };
const GOOD = reply.message(
  { usage: { cache_read_input_tokens: 800, cache_creation_input_tokens: 100 } },
  PLENTY,
);

/** How the API answers a service in trouble, by turns, and the alerts that must fire. */
export const TROUBLES = {
  limited: {
    replies: [
      reply.error(429, {
        message: 'This request would exceed the rate limit of 400,000 input tokens per minute.',
        headers: { ...AT_ONCE, 'anthropic-ratelimit-input-tokens-remaining': '0' },
      }),
      GOOD,
    ],
    firing: ['RateLimited'],
    told: ['warnings: RateLimited'],
  },
  broken: {
    replies: [reply.error(500, { headers: AT_ONCE }), GOOD],
    firing: ['ServerErrors'],
    told: ['warnings: ServerErrors'],
  },
  busy: {
    replies: [reply.error(529, { headers: AT_ONCE }), GOOD],
    firing: ['Overloaded'],
    told: ['warnings: Overloaded'],
  },
  locked: {
    replies: [reply.error(401, { headers: PLENTY })],
    firing: ['AuthFailing'],
    told: ['pages: AuthFailing'],
  },
  // What another alert explains fires, and is not told.
  spent: {
    replies: [reply.error(429, { message: 'You have reached your API usage limits.', headers: FINAL })],
    firing: ['RateLimited', 'SpendLimit'],
    told: ['pages: SpendLimit'],
  },
  capped: {
    replies: [
      reply.error(400, {
        message: 'You have reached your specified workspace API usage limits.',
        headers: PLENTY,
      }),
    ],
    firing: ['SpendLimit'],
    told: ['pages: SpendLimit'],
  },
  drowned: {
    replies: [reply.error(529, { headers: AT_ONCE })],
    firing: ['Overloaded', 'RetriesExhausted'],
    told: ['pages: RetriesExhausted'],
  },
} as const satisfies Record<string, Trouble>;

interface Trouble {
  readonly replies: readonly Reply[];
  readonly firing: readonly string[];
  readonly told: readonly string[];
}

export type TroubleName = keyof typeof TROUBLES;

/** A service whose API is in trouble until it is told to recover. */
export interface TroubledService {
  readonly name: string;
  readonly trouble: TroubleName;
  recover(): void;
  stop(): Promise<void>;
}

/** Starts an application whose API is in trouble. */
export async function startTroubledService(options: {
  readonly trouble: TroubleName;
  readonly service: string;
  readonly otlp: string;
  /** Without metrics it only traces. */
  readonly metrics: boolean;
  readonly callsPerSecond: number;
}): Promise<TroubledService> {
  const api: FakeApi = await startFakeApi({ requireKey: false, record: false });
  const replies: readonly Reply[] = TROUBLES[options.trouble].replies;
  let turn = 0;
  api.setDefault(() => replies[turn++ % replies.length]);
  const app: App = startApp({
    service: options.service,
    api: api.url,
    otlp: options.otlp,
    metrics: options.metrics,
    callsPerSecond: options.callsPerSecond,
  });
  return {
    name: options.service,
    trouble: options.trouble,
    recover: () => api.setDefault(() => GOOD),
    stop: async () => {
      await app.stop();
      await api.close();
    },
  };
}
