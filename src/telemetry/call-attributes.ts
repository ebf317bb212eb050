/** What a call span says of how the call ended. */
import type { Failure, Outcome, ResponseFacts } from '../facts.ts';
import type { SealedSpan } from './seal.ts';

/** What is known of a call at its end, beside how it ended. */
export interface CallTotals {
  readonly attempts: number;
  /** The response that the SDK handed on. */
  readonly response: ResponseFacts | undefined;
  /** Seconds slept in all, where the call slept. */
  readonly waited: number | undefined;
  /** The longest wait for an event of the stream, in seconds. */
  readonly longestGap: number | undefined;
}

/** What the SDK sets by itself on a native span. */
export function describeAsSdk(
  sealed: SealedSpan,
  outcome: Outcome,
  { attempts, response }: CallTotals,
): void {
  const { answer } = outcome;
  const failure = outcome.kind === 'failed' ? outcome.failure : undefined;
  if (attempts > 1) sealed.set('http.request.resend_count', attempts - 1);
  sealed.set('http.response.status_code', response?.status ?? failure?.status);
  sealed.set('anthropic.request.id', response?.requestId);
  sealed.set('anthropic.organization.id', response?.organizationId);
  sealed.set('anthropic.workspace.id', response?.workspaceId);
  if (answer) {
    sealed.set('gen_ai.response.id', answer.id);
    sealed.set('gen_ai.response.model', answer.model);
    sealed.set('anthropic.message.stop_reason', answer.stopReason);
    sealed.set('gen_ai.usage.input_tokens', answer.inputTokens);
    sealed.set('gen_ai.usage.output_tokens', answer.outputTokens);
    if (answer.attributes) sealed.setAll(answer.attributes);
  }
  sealed.set('error.type', failure?.type);
}

/** Mends what the SDK says of the end by itself. `inError`: it gave its span an error status. */
export function amendSdk(
  sealed: SealedSpan,
  outcome: Outcome,
  { response }: CallTotals,
  inError: boolean,
): void {
  if (response?.hasPlatformsId) sealed.set('anthropic.request.id', response.requestId);
  if (outcome.kind !== 'failed') return;
  const { type } = outcome.failure;
  // The same word as on the metrics: of a platform's error the SDK says the status alone. A guess overrules nothing.
  if (type !== 'client_error' || !inError) sealed.set('error.type', type);
}

/** What a native span lacks. */
export function describeBeyondSdk(
  sealed: SealedSpan,
  outcome: Outcome,
  { waited, longestGap }: CallTotals,
): void {
  const stopReason = outcome.answer?.stopReason;
  if (stopReason !== undefined) sealed.set('gen_ai.response.finish_reasons', [stopReason]);
  sealed.set('anthropic.retry.wait', waited);
  sealed.set('anthropic.stream.longest_gap', longestGap);
  switch (outcome.kind) {
    case 'failed':
      describeFailure(sealed, outcome.failure, outcome.exhausted);
      break;
    case 'canceled':
      sealed.set('anthropic.call.canceled', true);
      break;
    case 'succeeded':
    case 'unfinished':
      sealed.set('anthropic.call.ended_by', outcome.endedBy);
  }
}

function describeFailure(sealed: SealedSpan, failure: Failure, exhausted: boolean): void {
  sealed.setAll({
    'anthropic.rate_limit.cause': failure.rateLimitCause,
    'anthropic.error.code': failure.code,
    'anthropic.error.hint': failure.hint,
    'anthropic.error.field': failure.field,
    'anthropic.error.retryable': failure.retryable,
    'anthropic.request.shape': failure.requestShape,
    'anthropic.retry.exhausted': exhausted || undefined,
  });
}
