import type { Attributes, ObservableResult } from '@opentelemetry/api';
import type { RateLimit } from '../facts.ts';
import { SeriesTable } from './series-table.ts';

/** How long a bucket without a reset time is believed. */
const BELIEVED_MS = 60_000;
/** How long one is believed that names a later reset than any limit has. */
const LONGEST_WINDOW_MS = 86_400_000;
const MAX_BUCKETS = 2000;
/** When they are full, how long nobody looks again for buckets that have reset: a look costs some 0.5 ms. */
const LOOK_AGAIN_MS = 1000;

interface Bucket {
  readonly attributes: Attributes;
  limit: number | undefined;
  remaining: number | undefined;
  /** When it is gone, as the API wrote it, or in milliseconds once it was asked for: few of many are. */
  goneAt: string | number;
}

function isGone(bucket: Bucket, now: number): boolean {
  if (typeof bucket.goneAt === 'string') {
    bucket.goneAt = Math.min(Date.parse(bucket.goneAt), now + LONGEST_WINDOW_MS);
  }
  return !(bucket.goneAt > now);
}

/** The rate limits as last heard. A bucket is gone once it has reset: what is left of it is then unknown. */
export class RateLimitGauges {
  readonly #buckets = new SeriesTable<Bucket>();
  #lookedAt = -Infinity;

  /** Takes in what was heard of one bucket of `key`, which has these attributes. */
  heard(key: string, { bucket: name, limit, remaining, reset }: RateLimit, attributes: Attributes): void {
    const bucket = this.#buckets.get(key, name) ?? this.#start(key, name, attributes);
    if (!bucket) return;
    bucket.limit = limit;
    bucket.remaining = remaining;
    bucket.goneAt = reset ?? Date.now() + BELIEVED_MS;
  }

  #start(key: string, name: string, attributes: Attributes): Bucket | undefined {
    if (!this.#hasRoom()) return undefined;
    return this.#buckets.add(key, name, {
      attributes: { ...attributes, 'anthropic.ratelimit.bucket': name },
      limit: undefined,
      remaining: undefined,
      goneAt: 0,
    });
  }

  /** Makes room, where there is none, by what has reset. */
  #hasRoom(): boolean {
    if (this.#buckets.rows.length < MAX_BUCKETS) return true;
    const now = Date.now();
    if (now - this.#lookedAt < LOOK_AGAIN_MS) return false;
    this.#lookedAt = now;
    this.#buckets.drop((bucket) => isGone(bucket, now));
    return this.#buckets.rows.length < MAX_BUCKETS;
  }

  #observe(result: ObservableResult, field: 'limit' | 'remaining'): void {
    const now = Date.now();
    for (const bucket of this.#buckets.rows) {
      const value = bucket[field];
      if (value !== undefined && !isGone(bucket, now)) result.observe(value, bucket.attributes);
    }
  }

  readonly observeLimit = (result: ObservableResult): void => this.#observe(result, 'limit');
  readonly observeRemaining = (result: ObservableResult): void => this.#observe(result, 'remaining');
}
