import { randomUUID } from 'node:crypto';
import type { Exchange } from './types.ts';

type HeaderTable = Record<string, string>;

/** Limits per minute of the fake organization, by the bucket's name in the headers. */
const LIMITS = [
  ['requests', 4_000],
  ['input-tokens', 400_000],
  ['output-tokens', 80_000],
  ['tokens', 480_000],
] as const;

const WINDOW_MS = 60_000;
/** What a request takes from each token bucket; the API rounds what remains to thousands. */
const TOKENS_PER_REQUEST = 1_000;

/** The rate-limit state and the identity that one server's answers carry. */
export class UsualHeaders {
  readonly #organizationId = randomUUID();
  #windowStart = Date.now();
  #requests = 0;

  /** The headers that the platform of `exchange` sends with every answer. */
  next(exchange: Exchange): HeaderTable {
    switch (exchange.wire) {
      case 'anthropic':
        return {
          'request-id': exchange.requestId,
          'anthropic-organization-id': this.#organizationId,
          ...this.#rateLimits(),
        };
      case 'vertex':
        return { 'request-id': exchange.requestId };
      default:
        return { 'x-amzn-requestid': exchange.requestId };
    }
  }

  #rateLimits(): HeaderTable {
    const now = Date.now();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#requests = 0;
    }
    this.#requests += 1;
    const reset = new Date(this.#windowStart + WINDOW_MS).toISOString().replace(/\.\d+Z$/, 'Z');
    const headers: HeaderTable = {};
    for (const [bucket, limit] of LIMITS) {
      const used = this.#requests * (bucket === 'requests' ? 1 : TOKENS_PER_REQUEST);
      headers[`anthropic-ratelimit-${bucket}-limit`] = String(limit);
      headers[`anthropic-ratelimit-${bucket}-remaining`] = String(Math.max(limit - used, 0));
      headers[`anthropic-ratelimit-${bucket}-reset`] = reset;
    }
    return headers;
  }
}
