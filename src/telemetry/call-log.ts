import type { Attributes, Context } from '@opentelemetry/api';
import type { CallFacts, Failure } from '../facts.ts';
import type { AttributeBag, EVENTS, EventName } from '../schema.ts';
import type { CallLabels } from './labels.ts';
import { emitLine, failureText } from './log-records.ts';
import { statusMessage, type Recording } from './recording.ts';
import { seal } from './seal.ts';

/** How a call failed for good. */
interface FailedEnd {
  readonly status: number | undefined;
  readonly exhausted: boolean;
  readonly attempts: number;
  /** Seconds slept in all. */
  readonly waited: number;
}

/** What an event says beyond the call's labels. */
type OwnAttributes<Name extends EventName> = Pick<AttributeBag, (typeof EVENTS)[Name]['attributes'][number]>;

/** What log records say of one call, where they are wanted. */
export class CallLog {
  readonly #recording: Recording;
  readonly #facts: CallFacts;
  readonly #labels: CallLabels;
  readonly #context: Context;
  readonly #requestId: string | undefined;

  /** @param context has the call's span. */
  constructor(
    recording: Recording,
    facts: CallFacts,
    labels: CallLabels,
    context: Context,
    requestId: string | undefined,
  ) {
    this.#recording = recording;
    this.#facts = facts;
    this.#labels = labels;
    this.#context = context;
    this.#requestId = requestId;
  }

  /** The call sleeps before a retry, for so many seconds. */
  longWaitBegan(seconds: number, reason: string): void {
    const text = `${this.#what()} begins a wait of ${seconds} s before a retry: ${reason}`;
    this.#emit('anthropic.retry.long_wait', text, {
      'anthropic.retry.after': seconds,
      'error.type': reason,
    });
  }

  /** Its stream hangs, since so many seconds. */
  streamStalled(seconds: number): void {
    const text = `${this.#what()} hangs: no event for ${seconds.toFixed(1)} s`;
    this.#emit('anthropic.stream.stalled', text, {});
  }

  failed(failure: Failure, { status, exhausted, attempts, waited }: FailedEnd): void {
    const { type, rateLimitCause, hint, code } = failure;
    const text = failureText({
      name: this.#facts.name,
      model: this.#facts.model,
      status,
      type,
      detail: status === 429 ? rateLimitCause : hint,
      attempts,
      waited,
      requestId: this.#requestId,
      message: statusMessage(this.#recording.redactor, failure),
    });
    this.#emit('anthropic.call.failed', text, {
      'error.type': type,
      'http.response.status_code': status,
      'anthropic.rate_limit.cause': rateLimitCause,
      'anthropic.error.hint': hint,
      'anthropic.error.code': code,
      'anthropic.retry.exhausted': exhausted || undefined,
    });
  }

  /** The call in a line. */
  #what(): string {
    const { name, model } = this.#facts;
    const request = this.#requestId === undefined ? '' : `, request ${this.#requestId},`;
    return `${name}${model === undefined ? '' : ` (${model})`}${request}`;
  }

  #emit<Name extends EventName>(eventName: Name, text: string, bag: OwnAttributes<Name>): void {
    const logger = this.#recording.logger();
    if (!logger) return;
    const { redactor } = this.#recording;
    const attributes: Attributes = {
      ...this.#labels.genAi,
      ...seal(redactor, { ...bag, 'anthropic.request.id': this.#requestId }),
    };
    emitLine(logger, { eventName, text: redactor.text(text), attributes, context: this.#context });
  }
}
