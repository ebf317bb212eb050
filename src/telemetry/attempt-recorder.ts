import { context, propagation, SpanKind, trace, type Context, type Span } from '@opentelemetry/api';
import type { AttemptFacts, AttemptObserver, Failure, ResponseFacts } from '../facts.ts';
import { guard } from '../guard.ts';
import { closedErrorType } from '../diagnosis/index.ts';
import { AttemptContext } from './attempt-context.ts';
import type { CallSpan } from './call-span.ts';
import type { CallLabels } from './labels.ts';
import { describeRateLimits } from './rate-limit-attributes.ts';
import { errorStatus, type Recording } from './recording.ts';
import { seal, SealedSpan } from './seal.ts';
import type { Target } from './target.ts';

/** Records one attempt: its span, from the request to the response's headers, and its metrics. */
export class AttemptRecorder implements AttemptObserver {
  readonly context: AttemptContext;
  readonly injected: Readonly<Record<string, string>> | undefined;
  readonly #recording: Recording;
  readonly #labels: CallLabels;
  readonly #facts: AttemptFacts;
  readonly #target: Target;
  readonly #span: Span | undefined;
  readonly #startedAt = performance.now();
  #endedAt: number | undefined;
  #response: ResponseFacts | undefined;
  #isEnded = false;

  /** Where the call's span does not record, there are metrics alone. */
  constructor(recording: Recording, labels: CallLabels, call: CallSpan, facts: AttemptFacts, target: Target) {
    this.#recording = recording;
    this.#labels = labels;
    this.#facts = facts;
    this.#target = target;
    const active = context.active();
    this.#span = call.records
      ? guard('attempt span', () => this.#startSpan(call.parentIn(active)))
      : undefined;
    this.context = new AttemptContext(active, this.#span);
    const injects = recording.propagates && call.isOurs;
    this.injected = injects ? guard('propagation', () => this.#inject(active)) : undefined;
  }

  #inject(active: Context): Record<string, string> {
    const carrier: Record<string, string> = {};
    propagation.inject(this.#span ? trace.setSpan(active, this.#span) : active, carrier);
    return carrier;
  }

  #startSpan(parent: Context): Span {
    const { resendCount, retryWait, retryReason } = this.#facts;
    const { name, ofAttempt } = this.#target;
    const attributes =
      resendCount === 0
        ? { ...ofAttempt }
        : {
            ...seal(this.#recording.redactor, {
              'http.request.resend_count': resendCount,
              'anthropic.retry.wait': retryWait,
              'anthropic.retry.reason': retryReason,
            }),
            ...ofAttempt,
          };
    return this.#recording.tracer().startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  }

  responded(response: ResponseFacts): void {
    this.#response = response;
    this.#endedAt = performance.now();
    for (const limit of response.rateLimits) this.#recording.metrics.heardRateLimit(this.#labels, limit);
  }

  end({ failure, canceled }: { failure?: Failure | undefined; canceled?: boolean }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#endedAt ??= performance.now();
    this.#measure(failure);
    if (!canceled) {
      this.#recording.metrics.attemptEnded(this.#labels, { status: this.#response?.status, failure });
    }
    const span = this.#span;
    if (span) guard('attempt end', () => this.#endSpan(span, failure));
  }

  #measure(failure: Failure | undefined): void {
    if (this.context.wasMeasured) return;
    const status = this.#response?.status;
    this.#recording.metrics.record(
      'http.client.request.duration',
      ((this.#endedAt ?? this.#startedAt) - this.#startedAt) / 1000,
      this.#target.measured(status, failure && closedErrorType(failure.type)),
    );
  }

  #endSpan(span: Span, failure: Failure | undefined): void {
    try {
      if (span.isRecording()) {
        const sealed = new SealedSpan(span, this.#recording.redactor);
        if (this.#response) describeResponse(sealed, this.#response);
        if (failure) {
          describeFailure(sealed, failure);
          span.setStatus(errorStatus(this.#recording.redactor, failure));
        }
      }
    } finally {
      span.end(this.#endedAt);
    }
  }
}

function describeResponse(sealed: SealedSpan, response: ResponseFacts): void {
  sealed.set('http.response.status_code', response.status);
  sealed.set('anthropic.request.id', response.requestId);
  sealed.set('anthropic.retry.after', response.retryAfter);
  describeRateLimits(sealed, response.rateLimits);
}

function describeFailure(sealed: SealedSpan, failure: Failure): void {
  sealed.set('error.type', failure.type);
  sealed.set('anthropic.rate_limit.cause', failure.rateLimitCause);
  sealed.set('anthropic.error.code', failure.code);
}
