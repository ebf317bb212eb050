import type { Attributes, ObservableResult } from '@opentelemetry/api';
import type { RateLimit } from '../facts.ts';
import { SeriesTable } from './series-table.ts';

/** How long a bucket without a reset time is believed. */
const BELIEVED_MS = 60_000;
const MAX_BUCKETS = 2000;

interface Bucket {
  readonly attributes: Attributes;
  limit: number | undefined;
  remaining: number | undefined;
  /** When it is gone, as the API wrote it or in milliseconds. Read when it is asked for: few of many are. */
  goneAt: string | number;
}

/** The rate limits as last heard. A bucket is gone once it has reset: what is left of it is then unknown. */
export class RateLimitGauges {
  readonly #buckets = new SeriesTable<Bucket>();

  /** Takes in what was heard of one bucket of `key`, which has these attributes. */
  heard(key: string, { bucket: name, limit, remaining, reset }: RateLimit, attributes: Attributes): void {
    const bucket = this.#buckets.get(key, name) ?? this.#start(key, name, attributes);
    if (!bucket) return;
    bucket.limit = limit;
    bucket.remaining = remaining;
    bucket.goneAt = reset ?? Date.now() + BELIEVED_MS;
  }

  #start(key: string, name: string, attributes: Attributes): Bucket | undefined {
    if (this.#buckets.rows.length >= MAX_BUCKETS) return undefined;
    return this.#buckets.add(key, name, {
      attributes: { ...attributes, 'anthropic.ratelimit.bucket': name },
      limit: undefined,
      remaining: undefined,
      goneAt: 0,
    });
  }

  #observe(result: ObservableResult, field: 'limit' | 'remaining'): void {
    const now = Date.now();
    for (const { attributes, [field]: value, goneAt } of this.#buckets.rows) {
      const isKnown = value !== undefined && (typeof goneAt === 'string' ? Date.parse(goneAt) : goneAt) > now;
      if (isKnown) result.observe(value, attributes);
    }
  }

  readonly observeLimit = (result: ObservableResult): void => this.#observe(result, 'limit');
  readonly observeRemaining = (result: ObservableResult): void => this.#observe(result, 'remaining');
}
