export { adviceFor, retryText } from './advice.ts';
export { readApiError } from './api-error.ts';
export { connectionErrorCode, connectionErrorType } from './connection.ts';
export { credentialFacts } from './credential.ts';
export { diagnose, type Diagnosis } from './diagnose.ts';
export {
  API_ERROR_TYPES,
  API_TYPE_SHAPE,
  CLOSED_ERROR_TYPES,
  CONNECTION_ERROR_TYPES,
  type ConnectionErrorType,
  closedErrorType,
  plainType,
  TYPE_SHAPE,
} from './error-types.ts';
export type { CredentialFacts, FailureFacts } from './failure-facts.ts';
export { HINTS, type HintId, hintRow } from './hints.ts';
export type { HintRow } from './hints/row.ts';
export { KINDS, type Advice, type Kind, type Runbook } from './kinds.ts';
export { rateLimitCause } from './rate-limit.ts';
export { errorTypeOfStatus, statusOfType } from './statuses.ts';
export { failureFacts } from './thrown.ts';
