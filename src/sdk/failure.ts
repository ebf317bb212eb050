/** Says what a failure is, in the words of the native spans, from what the SDK threw. */
import {
  connectionErrorCode,
  connectionErrorType,
  credentialFacts,
  diagnose,
  errorTypeOfStatus,
  failureFacts,
  plainType,
  rateLimitCause,
  readApiError,
  type CredentialFacts,
  type Diagnosis,
  type HintId,
} from '../diagnosis/index.ts';
import type { Failure, ResponseFacts } from '../facts.ts';
import { guard } from '../guard.ts';
import type { RateLimitCause } from '../schema.ts';
import { betasOf } from './read-request.ts';
import { rateLimitBucket } from './read-response.ts';
import { requestShape } from './request-shape.ts';
import { dig, identifier, type Client, type RequestOptions } from './shapes.ts';

type ErrorClassName = 'APIConnectionTimeoutError' | 'APIConnectionError' | 'APIError' | 'APIUserAbortError';

/** Whether `error` is an instance of one of the error classes of `client`'s copy of the SDK. */
function isA(client: Client, className: ErrorClassName, error: unknown): boolean {
  const errorClass = dig(client, ['constructor', className]);
  return (
    typeof errorClass === 'function' && (guard('error class', () => error instanceof errorClass) ?? false)
  );
}

function isAbort(error: unknown): boolean {
  return dig(error, ['name']) === 'AbortError';
}

/** Whether `error` says that the caller gave the call up. */
export function isCancel(client: Client, error: unknown): boolean {
  return isA(client, 'APIUserAbortError', error) || isAbort(error);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The native `error.type` of what a call failed with; where that is the bare status, the platform's word if it said one. */
function typeOfError(
  client: Client,
  error: unknown,
  status: number | undefined,
  envelopeType: string | undefined,
): string {
  if (isA(client, 'APIConnectionTimeoutError', error)) return 'client_timeout_error';
  // Before 0.50 an error event of a stream is thrown as a connection error that carries the API's envelope.
  if (isA(client, 'APIConnectionError', error)) return envelopeType ?? 'connection_error';
  if (isA(client, 'APIError', error)) {
    return (
      identifier(text(dig(error, ['type']))) ??
      envelopeType ??
      (status === undefined ? 'client_error' : String(status))
    );
  }
  return 'client_error';
}

/** The credential of a client that was refused: its shape, none of its text. */
function credentialOf(client: Client, status: number | undefined): CredentialFacts | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const { apiKey, authToken } = client;
  if (typeof apiKey === 'string') return credentialFacts('x-api-key', apiKey);
  return credentialFacts('authorization', typeof authToken === 'string' ? authToken : undefined);
}

/** What a call with `options` failed with. */
export function callFailure(client: Client, error: unknown, options: RequestOptions | undefined): Failure {
  const thrown = failureFacts(error);
  const { status, body } = thrown;
  const facts = { ...thrown, credential: credentialOf(client, status) };
  const apiError = readApiError(facts);
  const envelopeType = identifier(text(dig(body, ['error', 'type']))) ?? apiError.type;
  const type = plainType(typeOfError(client, error, status, envelopeType));
  const diagnosis = diagnose(facts);
  return {
    type,
    message: apiError.message ?? thrown.message,
    status,
    rateLimitCause: causeOf(status, diagnosis),
    code: diagnosis.code,
    hint: diagnosis.hint,
    field: diagnosis.field,
    retryable: diagnosis.retryable,
    requestShape:
      status === 400 && options ? requestShape(options.body, betasOf(client, options)) : undefined,
  };
}

/** The limit that a 429 ran into; with any other status, money alone is one. */
function causeOf(status: number | undefined, { kind, cause }: Diagnosis): RateLimitCause | undefined {
  if (status === 429) return cause ?? 'unknown';
  return kind === 'billing' || cause === 'spend' ? 'spend' : undefined;
}

const NOTHING_MORE = {
  status: undefined,
  rateLimitCause: undefined,
  message: undefined,
  code: undefined,
  hint: undefined,
  field: undefined,
  retryable: undefined,
} as const;

/** What an attempt failed with whose response's body nobody reads: by the documented type of its status. */
export function responseFailure(response: ResponseFacts): Failure {
  const { status } = response;
  return {
    ...NOTHING_MORE,
    type: errorTypeOfStatus(status),
    status,
    rateLimitCause: status === 429 ? rateLimitCause({ headers: readHeaders(response) }) : undefined,
  };
}

/** The headers as far as they were read: the response itself is not held for this. */
function readHeaders(response: ResponseFacts): { get(name: string): string | null } {
  return {
    get: (name) => {
      const bucket = rateLimitBucket(name, 'remaining');
      const remaining = response.rateLimits.find((limit) => limit.bucket === bucket)?.remaining;
      return remaining === undefined ? null : String(remaining);
    },
  };
}

/** What an attempt failed with that got no response. */
export function connectionFailure(error: unknown): Failure {
  return {
    ...NOTHING_MORE,
    type: isAbort(error) ? 'client_timeout_error' : connectionErrorType(error),
    message: text(dig(error, ['cause', 'message'])) ?? text(dig(error, ['message'])),
    code: connectionErrorCode(error),
  };
}

/** A stream that ended before the API said that the message is whole: the native words. */
export const TRUNCATED_STREAM: Failure = {
  ...NOTHING_MORE,
  type: 'api_error',
  message: 'The stream ended before message_stop.',
  hint: 'truncated_stream' satisfies HintId,
  retryable: true,
};

/** A failure of the SDK's own helper, of which nothing is known but that it failed. */
export const CLIENT_FAILURE: Failure = { ...NOTHING_MORE, type: 'client_error' };
