import type { Attributes, Context } from '@opentelemetry/api';
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
import { AttemptRecorder } from './attempt-recorder.ts';
import { CallLog } from './call-log.ts';
import type { CallSpan } from './call-span.ts';
import type { CallLabels } from './labels.ts';
import { NativeSpan } from './native-span.ts';
import { OwnSpan } from './own-span.ts';
import type { Recording } from './recording.ts';
import { isRidden } from './ride.ts';

/** Records one call: its span, its metrics and its log. */
export class CallRecorder implements CallObserver {
  readonly #recording: Recording;
  readonly #facts: CallFacts;
  readonly #labels: CallLabels;
  readonly #startedAt = performance.now();
  readonly #span: CallSpan;
  #attempts = 0;
  #response: ResponseFacts | undefined;
  #waitedReason: string | undefined;
  #waited: number | undefined;
  /** The metric attributes of a stream's chunks, known from the first on. */
  #chunkAttributes: Attributes | undefined;
  #longestGap: number | undefined;
  #isEnded = false;

  constructor(recording: Recording, facts: CallFacts, onNativeEnd: (inError: boolean) => Outcome) {
    this.#recording = recording;
    this.#facts = facts;
    this.#labels = recording.labels.of(facts);
    const { native } = facts;
    this.#span =
      typeof native === 'object' && !isRidden(native.span)
        ? new NativeSpan(recording, facts, native.span, (inError) =>
            this.#finish(onNativeEnd(inError), false),
          )
        : new OwnSpan(recording, facts, this.#labels);
    recording.metrics.callStarted(this.#labels);
    this.#span.recordRequest();
  }

  get context(): Context {
    return this.#span.context;
  }

  get endsItself(): boolean {
    return this.#span.endsItself;
  }

  get capturesContent(): boolean {
    return this.#span.capturesContent;
  }

  startAttempt(facts: AttemptFacts): AttemptObserver {
    const target = this.#recording.targets.of(facts.url, facts.method, facts.template);
    if (this.#attempts === 0) this.#span.attempted(target);
    this.#attempts += 1;
    return new AttemptRecorder(this.#recording, this.#labels, this.#span, facts, target);
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
    this.#span.stalled();
    this.#log().streamStalled(seconds);
  }

  longestGap(seconds: number): void {
    this.#longestGap = seconds;
  }

  /** Its log as of now. */
  #log(): CallLog {
    const parent = this.#span.parentIn(this.context);
    return new CallLog(this.#recording, this.#facts, this.#labels, parent, this.#response?.requestId);
  }

  waited(seconds: number): void {
    this.#waited = (this.#waited ?? 0) + seconds;
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
    this.#span.firstChunk(seconds);
  }

  chunk(seconds: number): void {
    this.#recording.metrics.record(
      'gen_ai.client.operation.time_per_output_chunk',
      seconds,
      this.#chunkAttributes ?? this.#labels.genAi,
    );
  }

  end(outcome: Outcome): void {
    if (this.#isEnded) return;
    this.#finish(outcome, true);
    this.#span.end();
  }

  /** `byUs`: where the SDK ends the span itself, it never comes to the end of this call. */
  #finish(outcome: Outcome, byUs: boolean): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    guard('call metrics', () => this.#measure(outcome));
    if (outcome.kind === 'failed') guard('call log', () => this.#logFailure(outcome));
    const totals = {
      attempts: this.#attempts,
      response: this.#response,
      waited: this.#waited,
      longestGap: this.#longestGap,
    };
    this.#span.finish(outcome, totals, byUs);
  }

  #logFailure({ failure, exhausted }: Extract<Outcome, { kind: 'failed' }>): void {
    this.#log().failed(failure, {
      status: failure.status ?? this.#response?.status,
      exhausted,
      attempts: this.#attempts,
      waited: this.#waited ?? 0,
    });
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
    if (answer?.inputTokens !== undefined) {
      metrics.record('gen_ai.client.token.usage', answer.inputTokens, labels.inputTokens);
    }
    if (answer?.outputTokens !== undefined) {
      metrics.record('gen_ai.client.token.usage', answer.outputTokens, labels.outputTokens);
    }
    if (answer?.cacheReadTokens) metrics.cacheUsed(this.#labels, 'read', answer.cacheReadTokens);
    if (answer?.cacheWriteTokens) metrics.cacheUsed(this.#labels, 'write', answer.cacheWriteTokens);
    metrics.record(
      'gen_ai.client.operation.duration',
      (performance.now() - this.#startedAt) / 1000,
      failure ? { ...labels.duration, 'error.type': closedErrorType(failure.type) } : labels.duration,
    );
  }
}
