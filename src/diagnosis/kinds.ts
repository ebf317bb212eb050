/** Files of `collector/runbooks/`, without their ending. */
export type Runbook =
  | 'authentication'
  | 'rate-limit'
  | 'invalid-request'
  | 'server-error'
  | 'connection'
  | 'stalled-stream'
  | 'telemetry-absent';

export interface KindRow {
  /** One sentence for people. */
  readonly meaning: string;
  /** What a repetition of the same request does, where no finer rule says: `null` is not known. */
  readonly retryable: boolean | null;
  readonly runbook: Runbook;
}

/** The classes of failure. */
export const KINDS = {
  rate_limit: {
    meaning: 'The API refused the request because a limit of the organization or workspace was reached.',
    retryable: true,
    runbook: 'rate-limit',
  },
  billing: {
    meaning: 'The API refused the request because of credit, payment or a spend limit.',
    retryable: false,
    runbook: 'rate-limit',
  },
  invalid_request: {
    meaning: 'The API refused the request as it was written.',
    retryable: false,
    runbook: 'invalid-request',
  },
  authentication: {
    meaning: 'The API did not accept the credential.',
    retryable: false,
    runbook: 'authentication',
  },
  permission: {
    meaning: 'The credential is known, but may not do this.',
    retryable: false,
    runbook: 'authentication',
  },
  not_found: {
    meaning: 'What the request names does not exist, or the credential cannot see it.',
    retryable: false,
    runbook: 'invalid-request',
  },
  request_too_large: {
    meaning: 'The request body has more bytes than the endpoint takes.',
    retryable: false,
    runbook: 'invalid-request',
  },
  conflict: {
    meaning: 'Another change to the same resource was in progress.',
    retryable: true,
    runbook: 'invalid-request',
  },
  content_filter: {
    meaning: 'The content policy stopped the answer.',
    retryable: false,
    runbook: 'invalid-request',
  },
  api_error: {
    meaning: 'The API failed on its own side.',
    retryable: true,
    runbook: 'server-error',
  },
  overloaded: {
    meaning: 'The API is overloaded for everyone at this moment.',
    retryable: true,
    runbook: 'server-error',
  },
  gateway: {
    meaning: 'Something in front of the API answered in its place.',
    retryable: null,
    runbook: 'server-error',
  },
  timeout: {
    meaning: 'The answer did not come in time.',
    retryable: true,
    runbook: 'connection',
  },
  connection: {
    meaning: 'No complete answer came over the network.',
    retryable: null,
    runbook: 'connection',
  },
  bad_response: {
    meaning: 'An answer came that the API did not write.',
    retryable: null,
    runbook: 'server-error',
  },
  client_config: {
    meaning: 'The client could not send the request as it is configured.',
    retryable: false,
    runbook: 'invalid-request',
  },
  aborted: {
    meaning: 'The caller canceled the request.',
    retryable: false,
    runbook: 'connection',
  },
  unknown: {
    meaning: 'The failure is of no known class.',
    retryable: null,
    runbook: 'server-error',
  },
} as const satisfies Record<string, KindRow>;

export type Kind = keyof typeof KINDS;

const KIND_OF_TYPE: Readonly<Record<string, Kind>> = {
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
  DEADLINE_EXCEEDED: 'timeout',
  FAILED_PRECONDITION: 'invalid_request',
  INTERNAL: 'api_error',
  INVALID_ARGUMENT: 'invalid_request',
  NOT_FOUND: 'not_found',
  PERMISSION_DENIED: 'permission',
  RESOURCE_EXHAUSTED: 'rate_limit',
  UNAUTHENTICATED: 'authentication',
  UNAVAILABLE: 'overloaded',
};

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
  529: 'overloaded',
};

/** Statuses that say more than the catch-all type `invalid_request_error` does. */
const STATUS_BEFORE_GENERIC_TYPE: ReadonlySet<number> = new Set([401, 402, 403, 404, 429]);

/** The class that an error type names; `undefined` for words of no documented meaning. */
export function kindOfType(type: string, status: number | undefined): Kind | undefined {
  if (type === 'invalid_request_error' && status !== undefined && STATUS_BEFORE_GENERIC_TYPE.has(status)) {
    return undefined;
  }
  return Object.hasOwn(KIND_OF_TYPE, type) ? KIND_OF_TYPE[type] : undefined;
}

/** The class that a status alone tells: the API's own for documented ones, a gateway's for other 5xx. */
export function kindOfStatus(status: number): Kind | undefined {
  const known = KIND_OF_STATUS[status];
  if (known !== undefined) return known;
  if (status === 504) return 'timeout';
  if (status >= 500) return 'gateway';
  return status >= 400 ? 'invalid_request' : undefined;
}
