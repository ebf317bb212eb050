/** Reads a response's status line and headers. Its body is never touched. */
import type { RateLimit, ResponseFacts } from '../facts.ts';
import { Memo } from '../memo.ts';
import type { RATE_LIMIT_FIELDS } from '../schema.ts';
import { identifier, type ResponseLike } from './shapes.ts';

const RATE_LIMIT_HEADER = /^anthropic-(?:ratelimit-)?([a-z0-9-]+)-(limit|remaining|reset)$/;
const WHOLE_NUMBER = /^\d{1,15}$/;
/** Of this century: what is told of another is no time at which a window resets. */
const RFC_3339 =
  /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;
/** A bucket's name becomes part of an attribute's name: a server that makes up names must not make up attributes without end. */
const MAX_BUCKETS = 24;

/** What of a response is read from its headers as text. */
type TextField =
  'requestId' | 'platformsRequestId' | 'organizationId' | 'workspaceId' | 'retryAfter' | 'retryAfterMs';

const TEXT_HEADERS: ReadonlyMap<string, TextField> = new Map([
  ['request-id', 'requestId'],
  // Amazon Bedrock's, and Azure's: what the platform's support asks for where the API gave no ID.
  ['x-amzn-requestid', 'platformsRequestId'],
  ['apim-request-id', 'platformsRequestId'],
  ['anthropic-organization-id', 'organizationId'],
  ['anthropic-workspace-id', 'workspaceId'],
  ['retry-after', 'retryAfter'],
  ['retry-after-ms', 'retryAfterMs'],
]);

interface BucketField {
  readonly bucket: string;
  readonly field: keyof typeof RATE_LIMIT_FIELDS;
}

/** What a header says, by its name: the same few names come with every response. */
const meanings = new Memo<string, TextField | BucketField | null>(500);

function meaningOf(name: string): TextField | BucketField | null {
  const known = meanings.get(name);
  if (known !== undefined) return known;
  const plain = name.toLowerCase();
  return meanings.add(name, TEXT_HEADERS.get(plain) ?? bucketField(plain));
}

function bucketField(name: string): BucketField | null {
  const [, bucket, field] = RATE_LIMIT_HEADER.exec(name) ?? [];
  if (bucket === undefined) return null;
  return { bucket: bucket.replaceAll('-', '_'), field: field as BucketField['field'] };
}

/**
 * The wait that a response asks for, in seconds, read as the SDK reads it: `retry-after-ms`, else, or where that is 0,
 * `retry-after` in seconds or as a date.
 */
function retryWait(retryAfterMs: string | undefined, retryAfter: string | undefined): number | undefined {
  const milliseconds = Number.parseFloat(retryAfterMs ?? '');
  if (Number.isFinite(milliseconds) && (milliseconds !== 0 || !retryAfter)) {
    return Math.max(0, milliseconds / 1000);
  }
  if (!retryAfter) return undefined;
  const seconds = Number.parseFloat(retryAfter);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

/** Whether a time in the form above is one: February has no 30th. */
function isTime(text: string): boolean {
  if (!RFC_3339.test(text)) return false;
  const day = text.slice(8, 10);
  return day <= '28' || new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === Number(day);
}

/** A malformed value leaves the field absent. */
function setField(limit: RateLimit, field: BucketField['field'], value: string): void {
  if (field === 'reset') {
    if (isTime(value)) limit.reset = value;
  } else if (WHOLE_NUMBER.test(value)) {
    limit[field] = Number(value);
  }
}

/** The bucket whose `field` the header `name` has. */
export function rateLimitBucket(name: string, field: BucketField['field']): string | undefined {
  const known = bucketField(name);
  return known?.field === field ? known.bucket : undefined;
}

function limitOf(limits: RateLimit[], bucket: string): RateLimit | undefined {
  for (const known of limits) if (known.bucket === bucket) return known;
  if (limits.length >= MAX_BUCKETS) return undefined;
  const limit = { bucket, limit: undefined, remaining: undefined, reset: undefined };
  limits.push(limit);
  return limit;
}

function addLimit(limits: RateLimit[], { bucket, field }: BucketField, value: string): void {
  const limit = limitOf(limits, bucket);
  if (limit) setField(limit, field, value);
}

function isEmpty({ limit, remaining, reset }: RateLimit): boolean {
  return limit === undefined && remaining === undefined && reset === undefined;
}

/**
 * The facts of a response, its headers read in one pass. Rate-limit headers are matched by prefix, so that a
 * bucket that is new is seen too. Throws what the response's own accessors throw.
 */
export function readResponse(response: ResponseLike): ResponseFacts {
  const texts: { [Field in TextField]?: string } = {};
  const limits: RateLimit[] = [];
  for (const [name, value] of response.headers) {
    const meaning = meaningOf(name);
    if (meaning === null || value === '') continue;
    if (typeof meaning === 'string') texts[meaning] = value;
    else addLimit(limits, meaning, value);
  }
  const requestId = identifier(texts.requestId);
  const platformsId = identifier(texts.platformsRequestId);
  return {
    status: response.status,
    requestId: requestId ?? platformsId,
    hasPlatformsId: requestId === undefined && platformsId !== undefined,
    organizationId: identifier(texts.organizationId),
    workspaceId: identifier(texts.workspaceId),
    retryAfter: retryWait(texts.retryAfterMs, texts.retryAfter),
    rateLimits: limits.some(isEmpty) ? limits.filter((limit) => !isEmpty(limit)) : limits,
  };
}

/** Whether the SDK retries a response like this while it has retries left. */
export function isRetried(status: number, shouldRetry: string | null): boolean {
  if (shouldRetry === 'true') return true;
  if (shouldRetry === 'false') return false;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}
