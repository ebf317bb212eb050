import { CONNECTION_ERROR_TYPES } from '../diagnosis/index.ts';
import type { RateLimitCause } from '../schema.ts';

/** What an attempt or a call may end as. */
interface BornSeries {
  readonly status?: number;
  /** `error.type`, where it failed. */
  readonly type?: string;
  readonly cause?: RateLimitCause;
  /** What ends so: `exhausted` are calls that no retry was left to. */
  readonly of: readonly ('attempts' | 'calls' | 'exhausted')[];
}

const CALLS = ['calls'] as const;
const ATTEMPTS = ['attempts'] as const;
const BOTH = ['attempts', 'calls'] as const;
const RETRIED = ['attempts', 'calls', 'exhausted'] as const;

/**
 * The series that people alert on: they exist at zero from a model's first call, so that a rate sees the first burst.
 * Calls alone fail after a status of 200, or by the SDK itself; attempts alone tell one failed connection from another.
 */
export const BORN_SERIES: readonly BornSeries[] = [
  { status: 200, of: BOTH },
  { status: 200, type: 'api_error', of: CALLS },
  { status: 200, type: 'overloaded_error', of: CALLS },
  { status: 200, type: 'client_error', of: CALLS },
  { type: 'client_error', of: CALLS },
  { status: 400, type: 'invalid_request_error', of: BOTH },
  { status: 400, type: 'invalid_request_error', cause: 'spend', of: BOTH },
  { status: 401, type: 'authentication_error', of: BOTH },
  { status: 403, type: 'permission_error', of: BOTH },
  { status: 429, type: 'rate_limit_error', cause: 'requests', of: RETRIED },
  { status: 429, type: 'rate_limit_error', cause: 'input_tokens', of: RETRIED },
  { status: 429, type: 'rate_limit_error', cause: 'output_tokens', of: RETRIED },
  { status: 429, type: 'rate_limit_error', cause: 'tokens', of: RETRIED },
  { status: 429, type: 'rate_limit_error', cause: 'acceleration', of: RETRIED },
  { status: 429, type: 'rate_limit_error', cause: 'spend', of: RETRIED },
  { status: 429, type: 'rate_limit_error', cause: 'unknown', of: RETRIED },
  { status: 500, type: 'api_error', of: RETRIED },
  { status: 529, type: 'overloaded_error', of: RETRIED },
  { type: 'connection_error', of: RETRIED },
  { type: 'client_timeout_error', of: RETRIED },
  ...CONNECTION_ERROR_TYPES.filter((type) => type !== 'connection_error').map((type) => ({
    type,
    of: ATTEMPTS,
  })),
];
