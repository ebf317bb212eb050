import type { Diagnosis } from '../../../diagnosis/index.ts';

export type CallName = 'known-good request' | 'controlled failure';

/** One of the two requests, and what came of it. */
export interface ApiCall {
  readonly name: CallName;
  readonly startedAt: Date;
  /** Milliseconds. */
  readonly ms: number;
  /** HTTP status; absent where no answer came. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** Seconds by which this machine's clock is ahead of the answer's `Date`; absent where it has none. */
  readonly skew: number | undefined;
  readonly model: string;
  /** What the request looked like: its parts and sizes, none of its texts. */
  readonly shape: string | undefined;
  readonly usage: { readonly input: number; readonly output: number } | undefined;
  /** What is left of each rate limit that the answer names, as `requests 49 of 50`. */
  readonly headroom: readonly string[];
  readonly diagnosis: Diagnosis | undefined;
  /** What the API or the SDK said. Not redacted. */
  readonly message: string | undefined;
}
