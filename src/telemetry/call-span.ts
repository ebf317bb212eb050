import { SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api';
import type { CallFacts, Outcome } from '../facts.ts';
import { guard } from '../guard.ts';
import type { AttributeBag } from '../schema.ts';
import { amendSdk, describeAsSdk, describeBeyondSdk, type CallTotals } from './call-attributes.ts';
import { answerContent, requestContent } from './content.ts';
import { ContextWithSpan } from './context-with-span.ts';
import { errorStatus, type Recording } from './recording.ts';
import { SealedSpan } from './seal.ts';
import type { Target } from './target.ts';

/**
 * The span of one call, of ours or the SDK's own. The two differ in who sets what the SDK sets by itself on its own.
 * There is none where the call is not sampled; then nothing is written.
 */
export abstract class CallSpan {
  /** The context to make the call in. */
  abstract readonly context: Context;
  /** The SDK ends the span itself, and how the call ended is asked for right before. */
  abstract readonly endsItself: boolean;
  /** The span is ours. */
  abstract readonly isOurs: boolean;
  protected readonly recording: Recording;
  protected readonly facts: CallFacts;
  protected readonly span: Span | undefined;
  /** The same, where it records. */
  protected readonly sealed: SealedSpan | undefined;

  constructor(recording: Recording, facts: CallFacts, span: Span | undefined) {
    this.recording = recording;
    this.facts = facts;
    this.span = span;
    const records = span && guard('call span', () => span.isRecording());
    this.sealed = records ? new SealedSpan(span, recording.redactor) : undefined;
  }

  get records(): boolean {
    return this.sealed !== undefined;
  }

  get capturesContent(): boolean {
    return this.recording.capturesContent && this.records;
  }

  /** `active` with the span. */
  parentIn(active: Context): Context {
    const { span } = this;
    return !span || trace.getSpan(active) === span ? active : new ContextWithSpan(active, span);
  }

  recordRequest(): void {
    const { sealed } = this;
    if (sealed) guard('request', () => this.#recordRequest(sealed));
  }

  #recordRequest(sealed: SealedSpan): void {
    const { redactor, maxContentLength } = this.recording;
    this.describeRequest(sealed);
    this.facts.describeMore(sealed);
    if (this.capturesContent && this.facts.operation === 'chat') {
      this.#setContent(requestContent(redactor, this.facts.content(), maxContentLength));
    }
  }

  /** The call's first attempt goes to `target`. */
  abstract attempted(target: Target): void;

  /** The first piece of the answer's content arrived, so many seconds after the call began. */
  abstract firstChunk(seconds: number): void;

  stalled(): void {
    this.sealed?.set('anthropic.stream.stalled', true);
  }

  /** Says how the call ended. `byUs`: the SDK does not come to its end. */
  finish(outcome: Outcome, totals: CallTotals, byUs: boolean): void {
    const { sealed } = this;
    if (!sealed) return;
    const standsIn = this.standsInForSdk(byUs);
    guard('call attributes', () => {
      if (standsIn) describeAsSdk(sealed, outcome, totals);
      else amendSdk(sealed, outcome, totals, isInError(this.span));
      describeBeyondSdk(sealed, outcome, totals);
    });
    guard('call content', () => this.#recordAnswerContent(outcome));
    guard('call status', () => this.#setStatus(outcome, standsIn));
  }

  /** Ends the span, where the SDK does not. */
  end(): void {
    const { span } = this;
    if (span && this.standsInForSdk(true)) guard('call end', () => span.end());
  }

  /** Whether what the SDK does at the end of its own span is ours to do. */
  protected abstract standsInForSdk(byUs: boolean): boolean;

  /** What is said of the request beyond `CallFacts.describeMore`. */
  protected abstract describeRequest(sealed: SealedSpan): void;

  #recordAnswerContent({ kind, answer }: Outcome): void {
    const { redactor, maxContentLength } = this.recording;
    if (answer?.content === undefined || !this.capturesContent) return;
    const stopReason = answer.stopReason ?? (kind === 'failed' ? 'error' : 'unfinished');
    this.#setContent(answerContent(redactor, answer.content, stopReason, maxContentLength));
  }

  /** Content is redacted before it is cut; it does not pass the gate a second time. */
  #setContent(bag: AttributeBag): void {
    for (const [name, value] of Object.entries(bag)) {
      if (value !== undefined) this.span?.setAttribute(name, value);
    }
  }

  /**
   * As the native span has it: `OK` on success, unset where the caller gave up. A stream that is no message has no
   * event that says it is whole: that it ended does not make it `OK`.
   */
  #setStatus(outcome: Outcome, standsIn: boolean): void {
    if (outcome.kind === 'failed') {
      this.span?.setStatus(errorStatus(this.recording.redactor, outcome.failure));
    } else if (outcome.kind === 'succeeded' && standsIn) {
      const { streaming, operation } = this.facts;
      const isWhole = !streaming || operation === 'chat' || outcome.endedBy !== undefined;
      if (isWhole) this.span?.setStatus({ code: SpanStatusCode.OK });
    }
  }
}

/** Whether a span has an error status: OpenTelemetry's own spans can be asked. */
export function isInError(span: Span | undefined): boolean {
  return (span as { status?: { code?: unknown } } | undefined)?.status?.code === SpanStatusCode.ERROR;
}
