import type {
  ErrorDetail,
  ErrorReply,
  MessageSpec,
  Reply,
  ReplyHeaders,
  StreamEnding,
  StreamReply,
} from './types.ts';

/** Error type and message that the API gives with a status. */
const ERRORS: Readonly<Record<number, ErrorDetail>> = {
  400: { type: 'invalid_request_error', message: 'max_tokens: Field required' },
  401: { type: 'authentication_error', message: 'invalid x-api-key' },
  402: { type: 'billing_error', message: 'Your credit balance is too low to access the Anthropic API.' },
  403: { type: 'permission_error', message: 'Your API key does not have permission to use this resource.' },
  404: { type: 'not_found_error', message: 'Not Found' },
  409: { type: 'conflict_error', message: 'The resource is in a state that does not allow this.' },
  413: { type: 'request_too_large', message: 'Request exceeds the maximum size' },
  429: { type: 'rate_limit_error', message: 'Rate limited. Please try again later.' },
  500: { type: 'api_error', message: 'Internal server error' },
  503: { type: 'api_error', message: 'Service unavailable' },
  504: { type: 'timeout_error', message: 'Request timed out' },
  529: { type: 'overloaded_error', message: 'Overloaded' },
};

/** Units of the rate-limit buckets, as the API's messages name them. */
const BUCKETS = {
  requests: 'requests per minute',
  'input-tokens': 'input tokens per minute',
  'output-tokens': 'output tokens per minute',
} as const;

/** A message: as JSON, or as a stream where the request asks for one. */
export function message(spec: MessageSpec = {}, headers: ReplyHeaders = {}): Reply {
  return { kind: 'message', message: spec, headers };
}

/** A message stream, whatever the request asks for. It is complete unless `ending` says otherwise. */
export function stream(
  spec: MessageSpec = {},
  options: Omit<StreamReply, 'kind' | 'message' | 'ending'> & { readonly ending?: StreamEnding } = {},
): Reply {
  return { kind: 'stream', message: spec, ...options, ending: options.ending ?? { kind: 'complete' } };
}

/** An `error` event with the API's type and message for `status`, 529 by default. */
export function streamError(after: number, status = 529): StreamEnding {
  return { kind: 'error', after, error: errorDetail(status) };
}

/** An error answer. `type` and `message` are by default those that the API gives with `status`. */
export function error(
  status: number,
  options: Partial<ErrorDetail> & Pick<ErrorReply, 'requestId' | 'headers'> = {},
): Reply {
  const { requestId, headers = {}, ...detail } = options;
  return {
    kind: 'error',
    status,
    error: { ...errorDetail(status), ...detail },
    headers,
    ...(requestId !== undefined && { requestId }),
  };
}

/** A 429 of one bucket: its message, its bucket at zero, and `retry-after` in whole seconds. */
export function rateLimited(options: {
  readonly bucket: keyof typeof BUCKETS;
  readonly limit: number;
  readonly retryAfterSeconds: number;
}): Reply {
  const { bucket, limit, retryAfterSeconds } = options;
  const perMinute = `${limit.toLocaleString('en-US')} ${BUCKETS[bucket]}`;
  return error(429, {
    message: `This request would exceed your organization's rate limit of ${perMinute}.`,
    headers: {
      'retry-after': String(retryAfterSeconds),
      [`anthropic-ratelimit-${bucket}-limit`]: String(limit),
      [`anthropic-ratelimit-${bucket}-remaining`]: '0',
      'x-should-retry': 'true',
    },
  });
}

/** Exactly this answer, with no header of the API: what a proxy, an edge or a broken server sends. */
export function raw(options: {
  readonly status: number;
  readonly headers?: ReplyHeaders;
  readonly body?: string | Uint8Array;
}): Reply {
  return { kind: 'raw', status: options.status, headers: options.headers ?? {}, body: options.body ?? '' };
}

/** A JSON body with the API's usual headers. */
export function json(body: unknown, status = 200, headers: ReplyHeaders = {}): Reply {
  return { kind: 'json', status, body, headers };
}

/** A 204 without a body. */
export function noContent(): Reply {
  return raw({ status: 204 });
}

/** No answer at all; the connection stays open. */
export function hang(): Reply {
  return { kind: 'hang' };
}

/** Closes the connection before any header; with `reset`, by a TCP reset. */
export function drop(options: { readonly reset?: boolean } = {}): Reply {
  return { kind: 'drop', reset: options.reset ?? false };
}

/** `reply`, not before `until` has resolved. */
export function held(until: Promise<unknown>, reply: Reply): Reply {
  return { kind: 'held', until, reply };
}

function errorDetail(status: number): ErrorDetail {
  return ERRORS[status] ?? { type: status < 500 ? 'invalid_request_error' : 'api_error', message: 'Error' };
}
