import type { RateLimitCause } from '../schema.ts';
import { type ApiError, readApiError } from './api-error.ts';
import { connectionVerdict } from './connection.ts';
import { kindOfType, type ConnectionErrorType } from './error-types.ts';
import type { CredentialFacts, FailureFacts } from './failure-facts.ts';
import { faultFrames, faultText } from './fault.ts';
import { fieldOf } from './field.ts';
import { HINTS, type HintId } from './hints.ts';
import type { Condition, HintRow, Verdict } from './hints/row.ts';
import type { Kind } from './kinds.ts';
import { causeOf } from './rate-limit.ts';
import { retryable } from './retryable.ts';
import { documentedType, kindOfStatus } from './statuses.ts';

/** The outcome. Holds ids of closed tables and strings of checked shape only: no user's text, no secret. */
export interface Diagnosis {
  readonly kind: Kind;
  /** The type that the response names, else the documented one of its status; absent where neither is known. */
  readonly errorType?: string;
  /** The API's error code (`ramp_limit_exceeded`), or the system's (`ECONNRESET`, `CERT_HAS_EXPIRED`). */
  readonly code?: string;
  readonly cause?: RateLimitCause;
  readonly hint?: HintId;
  /** Path of the request's offending part, as the API names it (`messages.3.content`). */
  readonly field?: string;
  /** Whether the same request can succeed later by itself; absent where that is not known. */
  readonly retryable?: boolean;
}

/** What the table's conditions look at. */
interface Signals {
  readonly error: ApiError;
  readonly thrown: string;
  readonly connection: ConnectionErrorType | undefined;
  readonly systemCode: string | undefined;
  readonly stage: Condition['stage'] | undefined;
  readonly credential: CredentialFacts | undefined;
  readonly cause: RateLimitCause;
}

const OVERLOADED = /^overloaded\b/im;
const UNWRAPPED_CONNECTION = /\bAPIConnectionError\b|\bConnection error\.|\bfetch failed\b/;

/** A recorded stream that began and has no end. */
function isCutStream({ body }: FailureFacts): boolean {
  return (
    typeof body === 'string' && /^\s{0,8}event: ?message_start\b/.test(body) && !body.includes('message_stop')
  );
}

function stageOf(facts: FailureFacts, error: ApiError): Signals['stage'] {
  if (error.midStream) return 'mid_stream';
  if (isCutStream(facts)) return 'cut_stream';
  const isError = error.origin === 'api' || error.origin === 'edge';
  return isError && error.status === 200 && facts.body !== undefined ? 'in_200' : undefined;
}

/** An answer came; else what was thrown tells the failure. A foreign object inside a text proves no answer. */
function isAnswer({ status, structured, origin }: ApiError): boolean {
  return (status !== undefined && status >= 400) || (structured && origin !== 'gateway');
}

function signalsOf(facts: FailureFacts): Signals {
  const error = readApiError(facts);
  const answered = isAnswer(error);
  const frames = answered ? [] : faultFrames(facts.error ?? facts.message);
  const verdict = connectionVerdict(frames);
  return {
    error,
    thrown: faultText(frames),
    connection: verdict?.type,
    systemCode: verdict?.code ?? frames.findLast((frame) => frame.code !== undefined)?.code,
    stage: stageOf(facts, error),
    credential: facts.credential,
    cause: causeOf(error, facts.headers),
  };
}

function holds(condition: Condition, signals: Signals): boolean {
  const { error } = signals;
  const { status, origin, type, code, message, thrown, connection, stage, credential } = condition;
  return (
    (status === undefined || (error.status !== undefined && status.includes(error.status))) &&
    (origin === undefined || origin.includes(error.origin)) &&
    (stage === undefined || stage === signals.stage) &&
    (connection === undefined ||
      (signals.connection !== undefined && connection.includes(signals.connection))) &&
    (type === undefined || error.types.some((one) => type.test(one))) &&
    (code === undefined || (error.code !== undefined && code.test(error.code))) &&
    (credential === undefined || (signals.credential !== undefined && credential(signals.credential))) &&
    (message === undefined || (error.text !== '' && message.test(error.text))) &&
    (thrown === undefined || (signals.thrown !== '' && thrown.test(signals.thrown)))
  );
}

interface Match extends Verdict {
  readonly id: HintId;
}

function matchHint(signals: Signals): Match | undefined {
  for (const row of HINTS) {
    const conditions: readonly Condition[] = row.match;
    const condition = conditions.find((one) => holds(one, signals));
    if (condition !== undefined) return { ...verdictOf(row), ...verdictOf(condition), id: row.id };
  }
  return undefined;
}

function verdictOf({ kind, cause, field, retryable: verdict }: HintRow | Condition): Verdict {
  return {
    ...(kind !== undefined && { kind }),
    ...(cause !== undefined && { cause }),
    ...(field !== undefined && { field }),
    ...(verdict !== undefined && { retryable: verdict }),
  };
}

function isPage(error: ApiError): boolean {
  return (
    error.origin === 'html' && error.status !== undefined && ![404, 405, 413, 429].includes(error.status)
  );
}

function kindOf(signals: Signals): Kind {
  const { error } = signals;
  const named = error.types.map((type) => kindOfType(type, error.status)).find((kind) => kind !== undefined);
  if (named === 'api_error' && OVERLOADED.test(error.text)) return 'overloaded';
  if (named !== undefined) return named;
  if (isPage(error)) return 'gateway';
  const { status } = error;
  const foreign = error.origin === 'text' || error.origin === 'gateway';
  if (status !== undefined && status >= 500 && foreign) return 'gateway';
  const byStatus = status === undefined ? undefined : kindOfStatus(status);
  if (byStatus !== undefined) return byStatus;
  if (signals.connection !== undefined || UNWRAPPED_CONNECTION.test(signals.thrown)) return 'connection';
  return kindOfText(signals);
}

/** For texts that come without status and type: a line of a log. */
function kindOfText(signals: Signals): Kind {
  if (signals.cause !== 'unknown') return 'rate_limit';
  const { text } = signals.error;
  if (OVERLOADED.test(text)) return 'overloaded';
  return /^internal server error\b/im.test(text) ? 'api_error' : 'unknown';
}

/** Classes whose plain form needs no hint: nothing in the request or the set-up is to be changed. */
const PLAIN: ReadonlySet<Kind> = new Set(['overloaded', 'api_error', 'timeout', 'conflict']);

function hintOf(match: Match | undefined, kind: Kind, signals: Signals): HintId | undefined {
  if (match !== undefined) return match.id;
  const spoken = signals.error.text !== '' || signals.thrown !== '';
  if (!spoken || (kind === 'rate_limit' && signals.cause !== 'unknown')) return undefined;
  return PLAIN.has(kind) ? undefined : 'unknown';
}

function errorTypeOf(error: ApiError, kind: Kind): string | undefined {
  if (error.type !== undefined) return error.type;
  if (kind === 'gateway' || error.status === undefined) return undefined;
  const silent = !error.structured && error.origin !== 'html' && error.origin !== 'text';
  const platform = error.origin === 'bedrock' || error.origin === 'vertex';
  return silent || platform ? documentedType(error.origin, error.status) : undefined;
}

const FIELD_KINDS: ReadonlySet<Kind> = new Set(['invalid_request', 'not_found', 'request_too_large']);

function fieldIn(error: ApiError, kind: Kind, match: Match | undefined): string | undefined {
  if (error.wrapped) return undefined;
  return (FIELD_KINDS.has(kind) ? fieldOf(error.message) : undefined) ?? match?.field;
}

function causeIn(signals: Signals, kind: Kind, match: Match | undefined): RateLimitCause | undefined {
  const limited = kind === 'rate_limit' || signals.error.status === 429;
  if (!limited) return match?.cause;
  return signals.cause === 'unknown' ? (match?.cause ?? 'unknown') : signals.cause;
}

/**
 * The class of a failure, its cause and the next move, from facts alone. Never throws; reads nothing but the facts; a
 * text that no table knows gives the hint `unknown`. Costs tens of microseconds: for failures only.
 */
export function diagnose(facts: FailureFacts): Diagnosis {
  const signals = signalsOf(facts);
  const { error } = signals;
  const match = matchHint(signals);
  const kind = match?.kind ?? kindOf(signals);
  const cause = causeIn(signals, kind, match);
  const errorType = errorTypeOf(error, kind);
  const code = error.code ?? signals.systemCode;
  const hint = hintOf(match, kind, signals);
  const field = fieldIn(error, kind, match);
  const verdict = retryable({ kind, cause, hint: match?.retryable }, facts.headers);
  return {
    kind,
    ...(errorType !== undefined && { errorType }),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && { cause }),
    ...(hint !== undefined && { hint }),
    ...(field !== undefined && { field }),
    ...(verdict !== undefined && { retryable: verdict }),
  };
}
