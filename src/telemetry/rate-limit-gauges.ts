import type { Attributes, ObservableResult } from '@opentelemetry/api';
import type { RateLimit } from '../facts.ts';

/** How long a bucket without a reset time is believed. */
const BELIEVED_MS = 60_000;
const MAX_BUCKETS = 2000;

interface Bucket {
  readonly attributes: Attributes;
  limit: number | undefined;
  remaining: number | undefined;
  goneAt: number;
}

/** The rate limits as last heard. A bucket is gone once it has reset: what is left of it is then unknown. */
export class RateLimitGauges {
  readonly #buckets = new Map<string, Bucket>();

  heard(
    key: string,
    { bucket: name, limit, remaining, resetAt }: RateLimit,
    attributes: () => Attributes,
  ): void {
    const id = `${name}|${key}`;
    let bucket = this.#buckets.get(id);
    if (!bucket) {
      if (this.#buckets.size >= MAX_BUCKETS) return;
      bucket = { attributes: attributes(), limit, remaining, goneAt: 0 };
      this.#buckets.set(id, bucket);
    }
    bucket.limit = limit;
    bucket.remaining = remaining;
    bucket.goneAt = resetAt ?? Date.now() + BELIEVED_MS;
  }

  #observe(result: ObservableResult, field: 'limit' | 'remaining'): void {
    const now = Date.now();
    for (const bucket of this.#buckets.values()) {
      const value = bucket[field];
      if (value !== undefined && bucket.goneAt > now) result.observe(value, bucket.attributes);
    }
  }

  readonly observeLimit = (result: ObservableResult): void => this.#observe(result, 'limit');
  readonly observeRemaining = (result: ObservableResult): void => this.#observe(result, 'remaining');
}
