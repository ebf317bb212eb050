import type { Kind } from './kinds.ts';

/** Error types that the Claude API documents, and the two that its edge answers with: the class that each names. */
const KIND_OF_API_TYPE = {
  api_error: 'api_error',
  authentication_error: 'authentication',
  billing_error: 'billing',
  conflict_error: 'conflict',
  forbidden: 'permission',
  invalid_request_error: 'invalid_request',
  memory_path_conflict_error: 'conflict',
  memory_precondition_failed_error: 'conflict',
  not_found_error: 'not_found',
  overloaded_error: 'overloaded',
  permission_error: 'permission',
  rate_limit_error: 'rate_limit',
  request_too_large: 'request_too_large',
  timeout_error: 'timeout',
} as const satisfies Record<string, Kind>;

export type ApiErrorType = keyof typeof KIND_OF_API_TYPE;

export const API_ERROR_TYPES: ReadonlySet<string> = new Set(Object.keys(KIND_OF_API_TYPE));

/** What a type of the API looks like: there may be some that are newer than the table. */
export const API_TYPE_SHAPE = /^(?:[a-z]+_)+error$/;

/** What any error type looks like. */
export const TYPE_SHAPE = /^[A-Za-z][A-Za-z_]{2,63}$/;

/** Connection failures of one attempt, as `error.type` names them. */
export const CONNECTION_ERROR_TYPES = [
  'dns_error',
  'connection_refused',
  'connection_reset',
  'tls_error',
  'proxy_error',
  'connect_timeout',
  'headers_timeout',
  'body_timeout',
  'premature_close',
  'connection_error',
] as const;

export type ConnectionErrorType = (typeof CONNECTION_ERROR_TYPES)[number];

const CLIENT_ERROR_TYPES = ['client_timeout_error', 'client_error'] as const;

/** Types of the other platforms that serve Claude: Amazon Bedrock's exceptions, Google's status names. */
const KIND_OF_PLATFORM_TYPE = {
  AccessDeniedException: 'permission',
  ExpiredTokenException: 'authentication',
  InternalServerException: 'api_error',
  ModelErrorException: 'api_error',
  ModelNotReadyException: 'overloaded',
  ModelStreamErrorException: 'api_error',
  ModelTimeoutException: 'timeout',
  ResourceNotFoundException: 'not_found',
  ServiceQuotaExceededException: 'rate_limit',
  ServiceUnavailableException: 'overloaded',
  ThrottlingException: 'rate_limit',
  UnrecognizedClientException: 'authentication',
  ValidationException: 'invalid_request',
  ABORTED: 'conflict',
  CANCELLED: 'aborted',
  DEADLINE_EXCEEDED: 'timeout',
  FAILED_PRECONDITION: 'invalid_request',
  INTERNAL: 'api_error',
  INVALID_ARGUMENT: 'invalid_request',
  NOT_FOUND: 'not_found',
  PERMISSION_DENIED: 'permission',
  RESOURCE_EXHAUSTED: 'rate_limit',
  UNAUTHENTICATED: 'authentication',
  UNAVAILABLE: 'overloaded',
} as const satisfies Record<string, Kind>;

export type PlatformErrorType = keyof typeof KIND_OF_PLATFORM_TYPE;

const EXCEPTION_IN_STREAM = /^[a-z][A-Za-z]{2,54}Exception$/;

/** The one word for a type: in a stream, Amazon Bedrock writes its exceptions' names with a small first letter. */
export function plainType(type: string): string {
  return EXCEPTION_IN_STREAM.test(type) ? type.charAt(0).toUpperCase() + type.slice(1) : type;
}

/** Every word that `error.type` may have on a metric, besides HTTP statuses from 400 to 599. */
export const CLOSED_ERROR_TYPES: ReadonlySet<string> = new Set([
  ...API_ERROR_TYPES,
  ...CONNECTION_ERROR_TYPES,
  ...CLIENT_ERROR_TYPES,
  ...Object.keys(KIND_OF_PLATFORM_TYPE),
]);

/** The value for `error.type` on a metric: `type` where it is of the closed set, else `_OTHER`. */
export function closedErrorType(type: string): string {
  return CLOSED_ERROR_TYPES.has(type) || /^[45]\d\d$/.test(type) ? type : '_OTHER';
}

const KIND_OF_TYPE: ReadonlyMap<string, Kind> = new Map(
  Object.entries({ ...KIND_OF_API_TYPE, ...KIND_OF_PLATFORM_TYPE }),
);

/** Statuses that say more than the catch-all type `invalid_request_error` does. */
const STATUS_BEFORE_GENERIC_TYPE: ReadonlySet<number> = new Set([401, 402, 403, 404, 429]);

/** The class that an error type names; `undefined` for words of no documented meaning. */
export function kindOfType(type: string, status: number | undefined): Kind | undefined {
  if (type === 'invalid_request_error' && status !== undefined && STATUS_BEFORE_GENERIC_TYPE.has(status)) {
    return undefined;
  }
  return KIND_OF_TYPE.get(type);
}
