/** Reads a response's status line and headers. Its body is never touched. */
import type { RateLimit, ResponseFacts } from '../facts.ts';
import type { RATE_LIMIT_FIELDS } from '../schema.ts';
import type { HeadersLike, ResponseLike } from './shapes.ts';

const RATE_LIMIT_HEADER = /^anthropic-(?:ratelimit-)?([a-z0-9-]+)-(limit|remaining|reset)$/;
const WHOLE_NUMBER = /^\d{1,15}$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;
/** A bucket's name becomes part of an attribute's name: a server that makes up names must not make up attributes without end. */
const MAX_BUCKETS = 24;

function textHeader(headers: HeadersLike, name: string): string | undefined {
  return headers.get(name) || undefined;
}

/** The wait that a response asks for, in seconds, read as the SDK reads it: `retry-after-ms`, else `retry-after` in seconds or as a date. */
function retryAfter(headers: HeadersLike, now: number): number | undefined {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds / 1000);
  const value = headers.get('retry-after');
  if (!value) return undefined;
  const seconds = Number.parseFloat(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

function setField(limit: RateLimit, field: string, value: string): void {
  if (field === 'reset') {
    if (RFC_3339.test(value) && !Number.isNaN(Date.parse(value))) limit.reset = value;
  } else if (WHOLE_NUMBER.test(value)) {
    limit[field === 'limit' ? 'limit' : 'remaining'] = Number(value);
  }
}

/** The bucket whose `field` the header `name` has. */
export function rateLimitBucket(name: string, field: keyof typeof RATE_LIMIT_FIELDS): string | undefined {
  const match = RATE_LIMIT_HEADER.exec(name);
  return match?.[2] === field ? match[1]?.replaceAll('-', '_') : undefined;
}

/** The rate-limit headers, by bucket. Matched by prefix, so that a bucket that is new is seen too. */
function rateLimits(headers: HeadersLike): readonly RateLimit[] {
  const buckets = new Map<string, RateLimit>();
  for (const [name, value] of headers) {
    if (!name.startsWith('anthropic-')) continue;
    const match = RATE_LIMIT_HEADER.exec(name);
    if (!match) continue;
    const [, rawBucket = '', field = ''] = match;
    const bucket = rawBucket.replaceAll('-', '_');
    let limit = buckets.get(bucket);
    if (!limit) {
      if (buckets.size >= MAX_BUCKETS) continue;
      buckets.set(bucket, (limit = { bucket }));
    }
    setField(limit, field, value);
  }
  return [...buckets.values()].filter(
    ({ limit, remaining, reset }) => limit !== undefined || remaining !== undefined || reset !== undefined,
  );
}

/** The facts of a response. Throws what the response's own accessors throw. */
export function readResponse(response: ResponseLike): ResponseFacts {
  const { headers, status } = response;
  return {
    status,
    requestId: textHeader(headers, 'request-id'),
    organizationId: textHeader(headers, 'anthropic-organization-id'),
    workspaceId: textHeader(headers, 'anthropic-workspace-id'),
    retryAfter: retryAfter(headers, Date.now()),
    rateLimits: rateLimits(headers),
  };
}

/** Whether the SDK retries a response like this while it has retries left. */
export function isRetried(status: number, shouldRetry: string | null): boolean {
  if (shouldRetry === 'true') return true;
  if (shouldRetry === 'false') return false;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}
