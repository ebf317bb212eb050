import type { RateLimitCause } from '../schema.ts';
import type { Diagnosis } from './diagnose.ts';
import { hintRow } from './hints.ts';
import { KINDS, type Advice } from './kinds.ts';

const MEANING_OF_CAUSE: Readonly<Record<RateLimitCause, string | undefined>> = {
  requests: 'The limit on requests per minute was reached.',
  input_tokens: 'The limit on input tokens per minute was reached.',
  output_tokens: 'The limit on output tokens per minute was reached.',
  tokens: 'The limit on tokens was reached.',
  acceleration: 'Usage grew faster than the API allows; the limits themselves were not reached.',
  spend: 'A spend limit or the credit is used up; waiting does not help before it is raised or renewed.',
  unknown: undefined,
};

/** For an `error.type` of the SDK's own that tells no more. */
const CLIENT_ERROR: Advice = {
  meaning:
    'Neither the API nor the connection failed: the SDK did, or code of the application that it called.',
  check: 'The message and the stack, in the log of the application: options, middleware, listeners, parsing.',
  fix: 'Correct what the stack names.',
  runbook: 'invalid-request',
};

/** What to say and do about a failure, in the words of the closed tables. */
export function adviceFor({
  kind,
  hint,
  cause,
  errorType,
}: Pick<Diagnosis, 'kind' | 'hint' | 'cause' | 'errorType'>): Advice {
  if (kind === 'unknown' && hint === undefined && errorType === 'client_error') return CLIENT_ERROR;
  const ofKind = KINDS[kind];
  const row = hint === undefined ? undefined : hintRow(hint);
  if (row) return { meaning: row.meaning, check: row.check, fix: row.fix, runbook: row.runbook };
  const meaning = (cause && MEANING_OF_CAUSE[cause]) ?? ofKind.meaning;
  return { meaning, check: ofKind.check, fix: ofKind.fix, runbook: ofKind.runbook };
}

/** Whether a retry of the same request helps, in words. */
export function retryText(retryable: boolean | undefined): string {
  if (retryable === undefined) return 'not known';
  return retryable
    ? 'yes: the same request can succeed later'
    : 'no: it will fail again until something changes';
}
