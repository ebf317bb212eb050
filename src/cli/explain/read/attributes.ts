import {
  API_ERROR_TYPES,
  API_TYPE_SHAPE,
  CONNECTION_ERROR_TYPES,
  hintRow,
  statusOfType,
  TYPE_SHAPE,
  type FailureFacts,
  type HintId,
} from '../../../diagnosis/index.ts';
import { RATE_LIMIT_CAUSES, type AttributeName, type RateLimitCause } from '../../../schema.ts';
import type { Stated } from '../incident.ts';

export type AttributeRecord = Readonly<Record<string, unknown>>;

const CAUSES: ReadonlySet<string> = new Set(RATE_LIMIT_CAUSES);

export function textAttribute(attributes: AttributeRecord, name: AttributeName): string | undefined {
  const value = attributes[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Numbers come as texts in some exports. */
function numberAttribute(attributes: AttributeRecord, name: AttributeName): number | undefined {
  const value = attributes[name];
  const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function hintOf(text: string | undefined): HintId | undefined {
  return text !== undefined && hintRow(text) ? (text as HintId) : undefined;
}

export function causeOf(text: string | undefined): RateLimitCause | undefined {
  return text !== undefined && CAUSES.has(text) ? (text as RateLimitCause) : undefined;
}

/** What the attributes say in words of the closed tables; others are passed over. */
export function statedIn(attributes: AttributeRecord): Stated {
  const hint = hintOf(textAttribute(attributes, 'anthropic.error.hint'));
  const cause = causeOf(textAttribute(attributes, 'anthropic.rate_limit.cause'));
  const retryable = attributes['anthropic.error.retryable'];
  const errorType = textAttribute(attributes, 'error.type');
  const code = textAttribute(attributes, 'anthropic.error.code');
  const field = textAttribute(attributes, 'anthropic.error.field');
  const isRetryable = retryable === true || retryable === 'true';
  return {
    ...(hint && { hint }),
    ...(cause && { cause }),
    ...((isRetryable || retryable === false || retryable === 'false') && { retryable: isRetryable }),
    ...(errorType !== undefined && TYPE_SHAPE.test(errorType) && { errorType }),
    ...(code !== undefined && { code }),
    ...(field !== undefined && { field }),
  };
}

/** The error class that the SDK throws for an `error.type` without an answer. */
const THROWN: ReadonlyMap<string, string> = new Map([
  ...CONNECTION_ERROR_TYPES.map((type) => [type, 'APIConnectionError'] as const),
  ['client_timeout_error', 'APIConnectionTimeoutError'],
  ['client_error', 'Error'],
]);

/**
 * The facts that attributes and a status message hold, in the form in which a thrown error would have them.
 *
 * @param inner what the last attempt says, where the call itself knows only that no answer came.
 */
export function factsIn(
  attributes: AttributeRecord,
  message: string,
  inner: AttributeRecord = {},
): FailureFacts {
  const type = textAttribute(attributes, 'error.type');
  const usual = type === undefined ? undefined : statusOfType(type);
  const status = numberAttribute(attributes, 'http.response.status_code') ?? usual;
  const code = textAttribute(attributes, 'anthropic.error.code');
  const thrown = type === undefined ? undefined : THROWN.get(type);
  const isOfApi = type !== undefined && (API_ERROR_TYPES.has(type) || API_TYPE_SHAPE.test(type));
  if (status !== undefined && isOfApi && thrown === undefined) {
    const details = code === undefined ? {} : { details: { error_code: code } };
    const body = { type: 'error', error: { type, message, ...details } };
    // With a good status the error came in the stream, and was thrown.
    return status >= 400 ? { status, body } : { status, body, message, error: body };
  }
  if (status !== undefined && status >= 400 && thrown === undefined) {
    return { status, message: message || undefined };
  }
  const innerCode = code ?? textAttribute(inner, 'anthropic.error.code');
  const cause = innerCode === undefined ? {} : { cause: { name: 'Error', code: innerCode, message: '' } };
  return { message, error: { name: thrown ?? 'Error', message, ...cause } };
}
