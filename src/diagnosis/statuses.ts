import type { Origin } from './api-error.ts';
import type { ApiErrorType, PlatformErrorType } from './error-types.ts';
import type { Kind } from './kinds.ts';

const TYPE_OF_STATUS: Readonly<Record<number, ApiErrorType>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The types that share a status with another. */
const MORE_TYPES: Partial<Record<ApiErrorType, number>> = {
  forbidden: 403,
  memory_path_conflict_error: 409,
  memory_precondition_failed_error: 409,
};

const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ...Object.entries(TYPE_OF_STATUS).map(([status, type]) => [type, Number(status)] as const),
  ...Object.entries(MORE_TYPES),
]);

const BEDROCK_TYPE_OF_STATUS: Readonly<Record<number, PlatformErrorType>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

const VERTEX_TYPE_OF_STATUS: Readonly<Record<number, PlatformErrorType>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/**
 * The API's documented type for a status, for attempts whose body is never read; the status as a string where the API
 * documents none.
 */
export function errorTypeOfStatus(status: number): string {
  return TYPE_OF_STATUS[status] ?? String(status);
}

/** The status that the API documents for a type. */
export function statusOfType(type: string): number | undefined {
  return STATUS_OF_TYPE.get(type);
}

/** The documented type for a status on the platform that wrote the answer; `undefined` where there is none. */
export function documentedType(origin: Origin, status: number): string | undefined {
  if (origin === 'bedrock') return BEDROCK_TYPE_OF_STATUS[status];
  if (origin === 'vertex') return VERTEX_TYPE_OF_STATUS[status];
  return TYPE_OF_STATUS[status];
}

const KIND_OF_STATUS: Readonly<Record<number, Kind>> = {
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not_found',
  405: 'not_found',
  407: 'gateway',
  408: 'timeout',
  409: 'conflict',
  413: 'request_too_large',
  429: 'rate_limit',
  499: 'aborted',
  500: 'api_error',
  504: 'timeout',
  529: 'overloaded',
};

/** The class that a status alone tells: the API's own for documented ones, a gateway's for other 5xx. */
export function kindOfStatus(status: number): Kind | undefined {
  const known = KIND_OF_STATUS[status];
  if (known !== undefined) return known;
  if (status >= 500) return 'gateway';
  return status >= 400 ? 'invalid_request' : undefined;
}
