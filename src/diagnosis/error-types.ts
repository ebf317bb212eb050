/** Error types that the Claude API documents, and the two that its edge answers with. */
export const API_ERROR_TYPES: ReadonlySet<string> = new Set([
  'api_error',
  'authentication_error',
  'billing_error',
  'conflict_error',
  'forbidden',
  'invalid_request_error',
  'memory_path_conflict_error',
  'memory_precondition_failed_error',
  'not_found_error',
  'overloaded_error',
  'permission_error',
  'rate_limit_error',
  'request_too_large',
  'timeout_error',
]);

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
const PLATFORM_ERROR_TYPES = [
  'AccessDeniedException',
  'ExpiredTokenException',
  'InternalServerException',
  'ModelErrorException',
  'ModelNotReadyException',
  'ModelStreamErrorException',
  'ModelTimeoutException',
  'ResourceNotFoundException',
  'ServiceQuotaExceededException',
  'ServiceUnavailableException',
  'ThrottlingException',
  'UnrecognizedClientException',
  'ValidationException',
  'ABORTED',
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'FAILED_PRECONDITION',
  'INTERNAL',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'UNAUTHENTICATED',
  'UNAVAILABLE',
] as const;

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
  ...PLATFORM_ERROR_TYPES,
]);

/** The value for `error.type` on a metric: `type` where it is of the closed set, else `_OTHER`. */
export function closedErrorType(type: string): string {
  return CLOSED_ERROR_TYPES.has(type) || /^[45]\d\d$/.test(type) ? type : '_OTHER';
}
