import type { RateLimitCause } from '../schema.ts';
import type { FailureFacts } from './failure-facts.ts';
import { KINDS, type Kind } from './kinds.ts';
import { readHeader } from './safe.ts';

interface Known {
  readonly kind: Kind;
  readonly cause: RateLimitCause | undefined;
  /** What the hint says: `null` is not known, absent nothing. */
  readonly hint: boolean | null | undefined;
}

/** Classes that a server may declare hopeless with `x-should-retry: false`. */
const SERVER_KNOWS: ReadonlySet<Kind> = new Set([
  'rate_limit',
  'api_error',
  'gateway',
  'timeout',
  'overloaded',
]);

/**
 * Whether the same request can succeed later by itself; `undefined` where that is not known. The hint's word counts
 * before the cause of a rate limit, that before the server's header, that before the class's rule.
 */
export function retryable(known: Known, headers: FailureFacts['headers']): boolean | undefined {
  if (known.hint !== undefined) return known.hint ?? undefined;
  if (known.cause === 'spend') return false;
  if (known.cause !== undefined && known.cause !== 'unknown') return true;
  if (SERVER_KNOWS.has(known.kind) && readHeader(headers, 'x-should-retry') === 'false') return false;
  return KINDS[known.kind].retryable ?? undefined;
}
