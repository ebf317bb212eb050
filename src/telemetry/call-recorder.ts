import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { closedErrorType } from '../diagnosis/index.ts';
import type {
  AttemptFacts,
  AttemptObserver,
  CallFacts,
  CallObserver,
  Outcome,
  ResponseFacts,
} from '../facts.ts';
import { guard } from '../guard.ts';
import type { AttributeBag } from '../schema.ts';
import { AttemptRecorder } from './attempt-recorder.ts';
import { CallLog } from './call-log.ts';
import { answerContent, requestContent } from './content.ts';
import { ContextWithSpan } from './context-with-span.ts';
import type { CallLabels } from './labels.ts';
import { isRidden, rideSpan } from './native-span.ts';
import type { Recording } from './recording.ts';
import { SealedSpan } from './seal.ts';

/** Records one call: on the SDK's own span where there is one, else on a span of ours that looks the same. */
export class CallRecorder implements CallObserver {
  readonly context: Context;
  readonly endsItself: boolean;
  readonly #recording: Recording;
  readonly #facts: CallFacts;
  readonly #labels: CallLabels;
  readonly #startedAt = performance.now();
  /** The SDK sets the native attributes of its span itself. */
  readonly #isNative: boolean;
  readonly #span: Span | undefined;
  /** The same, where it records. */
  readonly #sealed: SealedSpan | undefined;
  #attempts = 0;
  #response: ResponseFacts | undefined;
  #waitedReason: string | undefined;
  #waited = 0;
  #hasWaited = false;
  /** The metric attributes of a stream's chunks, known from the first on. */
  #chunkAttributes: Attributes | undefined;
  #longestGap: number | undefined;
  #isEnded = false;
  /** We end the SDK's span in its place. */
  #endsNative = false;

  constructor(recording: Recording, facts: CallFacts, onNativeEnd: (inError: boolean) => Outcome) {
    this.#recording = recording;
    this.#facts = facts;
    this.#labels = recording.labels.of(facts);
    const active = context.active();
    const { native } = facts;
    this.#isNative = typeof native === 'object' && !isRidden(native.span);
    this.#span = this.#isNative ? (native as { span: Span }).span : this.#startSpan(active);
    this.context = this.#isNative || !this.#span ? active : new ContextWithSpan(active, this.#span);
    this.endsItself = this.#isNative && this.#ride(onNativeEnd);
    recording.metrics.callStarted(this.#labels);
    this.#sealed = this.#seal();
    const sealed = this.#sealed;
    if (sealed) guard('request', () => this.#recordRequest(sealed));
  }

  #seal(): SealedSpan | undefined {
    const span = this.#span;
    const records = span && guard('call span', () => span.isRecording());
    return records ? new SealedSpan(span, this.#recording.redactor) : undefined;
  }

  get capturesContent(): boolean {
    return this.#recording.capturesContent && this.#sealed !== undefined;
  }

  #ride(onNativeEnd: (inError: boolean) => Outcome): boolean {
    const span = this.#span;
    if (!span) return false;
    const finish = (): void => {
      guard('call end', () => this.#finish(onNativeEnd(isInError(span))));
    };
    return guard('native span', () => rideSpan(span, finish)) ?? false;
  }

  #startSpan(parent: Context): Span | undefined {
    const facts = this.#facts;
    if (facts.native === 'unsampled') return undefined;
    return guard('call span', () => {
      const attributes = { ...this.#labels.ofSpan(facts.route) };
      return this.#recording.tracer().startSpan(facts.name, { kind: SpanKind.CLIENT, attributes }, parent);
    });
  }

  #recordRequest(sealed: SealedSpan): void {
    const { redactor, capturesContent, maxContentLength } = this.#recording;
    if (!this.#isNative) this.#facts.describe(sealed);
    else if (this.#facts.provider !== 'anthropic') sealed.set('gen_ai.provider.name', this.#facts.provider);
    this.#facts.describeMore(sealed);
    if (capturesContent && this.#facts.operation === 'chat') {
      this.#setContent(requestContent(redactor, this.#facts.content(), maxContentLength));
    }
  }

  /** Content is redacted before it is cut; it does not pass the gate a second time. */
  #setContent(bag: AttributeBag): void {
    for (const [name, value] of Object.entries(bag))
      if (value !== undefined) this.#span?.setAttribute(name, value);
  }

  startAttempt(facts: AttemptFacts): AttemptObserver {
    this.#attempts += 1;
    const records = this.#sealed !== undefined;
    const target = this.#recording.targets.of(facts.url, facts.method, facts.template);
    if (this.#attempts === 1 && records && !this.#isNative)
      guard('request', () => this.#span?.setAttributes({ ...target.ofCall }));
    const active = context.active();
    const isActive = !this.#span || trace.getSpan(active) === this.#span;
    const parent = isActive ? active : new ContextWithSpan(active, this.#span);
    const injects = this.#recording.propagates && !this.#isNative;
    return new AttemptRecorder(
      this.#recording,
      this.#labels,
      facts,
      target,
      active,
      parent,
      records,
      injects,
    );
  }

  waiting({ asked, reason }: { readonly asked: number | undefined; readonly reason: string }): void {
    this.#waitedReason = reason;
    if (asked === undefined || asked <= this.#recording.longWaitAfter) return;
    this.#recording.metrics.longWaitBegan(this.#labels);
    this.#log().longWaitBegan(asked, reason);
  }

  get stalledStreamAfter(): number {
    return this.#recording.stalledStreamAfter;
  }

  stalled(seconds: number): void {
    this.#recording.metrics.streamStalled(this.#labels);
    this.#span?.setAttribute('anthropic.stream.stalled', true);
    this.#log().streamStalled(seconds);
  }

  longestGap(seconds: number): void {
    this.#longestGap = seconds;
  }

  /** Its log as of now. */
  #log(): CallLog {
    const parent = this.#span ? trace.setSpan(this.context, this.#span) : this.context;
    return new CallLog(this.#recording, this.#facts, this.#labels, parent, this.#response?.requestId);
  }

  waited(seconds: number): void {
    this.#waited += seconds;
    this.#hasWaited = true;
    this.#recording.metrics.record('anthropic.client.retry.wait', seconds, {
      ...this.#labels.counted,
      'error.type': closedErrorType(this.#waitedReason ?? 'client_error'),
    });
  }

  responded(response: ResponseFacts): void {
    this.#response = response;
  }

  firstChunk(model: string | undefined): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.#chunkAttributes = this.#labels.answered(model).duration;
    this.#recording.metrics.record(
      'gen_ai.client.operation.time_to_first_chunk',
      seconds,
      this.#chunkAttributes,
    );
    if (!this.#isNative) this.#span?.setAttribute('gen_ai.response.time_to_first_chunk', seconds);
  }

  chunk(seconds: number): void {
    this.#recording.metrics.record(
      'gen_ai.client.operation.time_per_output_chunk',
      seconds,
      this.#chunkAttributes ?? this.#labels.genAi,
    );
  }

  end(outcome: Outcome): void {
    const span = this.#span;
    // Where the native span is ridden and this is asked for, the SDK never comes to the end of the call.
    this.#endsNative = this.endsItself;
    this.#finish(outcome);
    if (span && (!this.#isNative || this.endsItself)) guard('call end', () => span.end());
  }

  #finish(outcome: Outcome): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    guard('call metrics', () => this.#measure(outcome));
    if (outcome.kind === 'failed') guard('call log', () => this.#logFailure(outcome));
    const sealed = this.#sealed;
    if (!sealed) return;
    guard('call attributes', () => this.#describeEnd(sealed, outcome));
    guard('call content', () => this.#recordAnswerContent(outcome));
    guard('call status', () => this.#setStatus(outcome));
  }

  #logFailure({ failure, exhausted }: Extract<Outcome, { kind: 'failed' }>): void {
    this.#log().failed(failure, {
      status: failure.status ?? this.#response?.status,
      exhausted,
      attempts: this.#attempts,
      waited: this.#waited,
    });
  }

  #recordAnswerContent({ kind, answer }: Outcome): void {
    const { redactor, capturesContent, maxContentLength } = this.#recording;
    if (answer?.content === undefined || !capturesContent) return;
    const stopReason = answer.stopReason ?? (kind === 'failed' ? 'error' : 'unfinished');
    this.#setContent(answerContent(redactor, answer.content, stopReason, maxContentLength));
  }

  /**
   * As the native span has it: `OK` on success, unset where the caller gave up. A stream that is no message has no
   * event that says it is whole: that it ended does not make it `OK`.
   */
  #setStatus(outcome: Outcome): void {
    if (outcome.kind === 'failed') {
      this.#span?.setStatus(this.#recording.errorStatus(outcome.failure));
    } else if (outcome.kind === 'succeeded' && (!this.#isNative || this.#endsNative)) {
      const { streaming, operation } = this.#facts;
      const isWhole = !streaming || operation === 'chat' || outcome.endedBy !== undefined;
      if (isWhole) this.#span?.setStatus({ code: SpanStatusCode.OK });
    }
  }

  #describeEnd(sealed: SealedSpan, outcome: Outcome): void {
    if (!this.#isNative || this.#endsNative) this.#describeNative(sealed, outcome);
    else if (this.#response?.hasPlatformsId) sealed.set('anthropic.request.id', this.#response.requestId);
    const stopReason = outcome.answer?.stopReason;
    if (stopReason !== undefined) sealed.set('gen_ai.response.finish_reasons', [stopReason]);
    if (this.#hasWaited) sealed.set('anthropic.retry.wait', this.#waited);
    sealed.set('anthropic.stream.longest_gap', this.#longestGap);
    switch (outcome.kind) {
      case 'failed':
        this.#describeFailure(sealed, outcome);
        break;
      case 'canceled':
        sealed.set('anthropic.call.canceled', true);
        break;
      case 'succeeded':
      case 'unfinished':
        sealed.set('anthropic.call.ended_by', outcome.endedBy);
    }
  }

  #describeFailure(sealed: SealedSpan, { failure, exhausted }: Extract<Outcome, { kind: 'failed' }>): void {
    sealed.setAll({
      'anthropic.rate_limit.cause': failure.rateLimitCause,
      'anthropic.error.code': failure.code,
      'anthropic.error.hint': failure.hint,
      'anthropic.error.field': failure.field,
      'anthropic.error.retryable': failure.retryable,
      'anthropic.request.shape': failure.requestShape,
      'anthropic.retry.exhausted': exhausted || undefined,
    });
    // The same word as on the metrics: of a platform's error the SDK says the status alone. A guess overrules nothing.
    if (this.#isNative && (failure.type !== 'client_error' || !isInError(this.#span)))
      sealed.set('error.type', failure.type);
  }

  /** What the SDK sets by itself on a native span. */
  #describeNative(sealed: SealedSpan, outcome: Outcome): void {
    const { answer } = outcome;
    const response = this.#response;
    const failure = outcome.kind === 'failed' ? outcome.failure : undefined;
    if (this.#attempts > 1) sealed.set('http.request.resend_count', this.#attempts - 1);
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

  #measure(outcome: Outcome): void {
    const { metrics } = this.#recording;
    const failure = outcome.kind === 'failed' ? outcome.failure : undefined;
    metrics.callEnded(this.#labels, {
      status: this.#response?.status ?? failure?.status,
      failure,
      exhausted: outcome.kind === 'failed' && outcome.exhausted,
    });
    if (outcome.kind === 'unfinished') return;
    const { answer } = outcome;
    const labels = this.#labels.answered(answer?.model);
    if (answer?.inputTokens !== undefined)
      metrics.record('gen_ai.client.token.usage', answer.inputTokens, labels.inputTokens);
    if (answer?.outputTokens !== undefined)
      metrics.record('gen_ai.client.token.usage', answer.outputTokens, labels.outputTokens);
    if (answer?.cacheReadTokens) metrics.cacheUsed(this.#labels, 'read', answer.cacheReadTokens);
    if (answer?.cacheWriteTokens) metrics.cacheUsed(this.#labels, 'write', answer.cacheWriteTokens);
    metrics.record(
      'gen_ai.client.operation.duration',
      (performance.now() - this.#startedAt) / 1000,
      failure ? { ...labels.duration, 'error.type': closedErrorType(failure.type) } : labels.duration,
    );
  }
}

/** Whether a span that the SDK is about to end has an error status: OpenTelemetry's own spans can be asked. */
function isInError(span: Span | undefined): boolean {
  return (span as { status?: { code?: unknown } } | undefined)?.status?.code === SpanStatusCode.ERROR;
}
