import type { Attributes, Context } from '@opentelemetry/api';
import type { CallFacts, Failure } from '../facts.ts';
import { guard } from '../guard.ts';
import { EVENTS, type AttributeBag, type EventName } from '../schema.ts';
import type { CallLabels } from './labels.ts';
import { statusMessage, type Recording } from './recording.ts';
import { seal } from './seal.ts';

/** OpenTelemetry's severity numbers. */
const SEVERITY = { WARN: 13, ERROR: 17 } as const;

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

/**
 * The log records of one call, where they are wanted. Each has a line that a person can read, and tells what needs a
 * person: that the call failed for good, that its stream hangs, that it waits for long.
 */
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
    const text = `${this.#whatRuns()} begins a wait of ${seconds} s before a retry: ${reason}`;
    this.#emit('anthropic.retry.long_wait', text, {
      'anthropic.retry.after': seconds,
      'error.type': reason,
    });
  }

  /** Its stream hangs, since so many seconds. */
  streamStalled(seconds: number): void {
    const text = `${this.#whatRuns()} hangs: no event for ${seconds.toFixed(1)} s`;
    this.#emit('anthropic.stream.stalled', text, {});
  }

  /** `anthropic.messages.create (claude-…) failed: 429 rate_limit_error [input_tokens] after 3 attempts and 1.2 s of waits, request req_…: message`. */
  failed(failure: Failure, { status, exhausted, attempts, waited }: FailedEnd): void {
    const { type, rateLimitCause, hint, code } = failure;
    const detail = status === 429 ? rateLimitCause : hint;
    const text = [
      `${this.#what()} failed: ${around('', status, ' ')}${type}${around(' [', detail, ']')}`,
      ` after ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}`,
      waited > 0 ? ` and ${waited.toFixed(1)} s of waits` : '',
      around(', request ', this.#requestId),
      around(': ', statusMessage(this.#recording.redactor, failure)),
    ].join('');
    this.#emit('anthropic.call.failed', text, {
      'error.type': type,
      'http.response.status_code': status,
      'anthropic.rate_limit.cause': rateLimitCause,
      'anthropic.error.hint': hint,
      'anthropic.error.code': code,
      'anthropic.retry.exhausted': exhausted || undefined,
    });
  }

  #what(): string {
    const { name, model } = this.#facts;
    return `${name}${around(' (', model, ')')}`;
  }

  #whatRuns(): string {
    return `${this.#what()}${around(', request ', this.#requestId, ',')}`;
  }

  #emit<Name extends EventName>(eventName: Name, text: string, bag: OwnAttributes<Name>): void {
    const logger = this.#recording.logger();
    if (!logger) return;
    const { redactor } = this.#recording;
    const attributes: Attributes = {
      ...this.#labels.genAi,
      ...seal(redactor, { ...bag, 'anthropic.request.id': this.#requestId }),
    };
    const { severity } = EVENTS[eventName];
    guard('log record', () => {
      logger.emit({
        severityNumber: SEVERITY[severity],
        severityText: severity,
        eventName,
        body: redactor.text(text),
        attributes,
        context: this.#context,
      });
    });
  }
}

/** A value with what stands around it; nothing where there is none. */
function around(before: string, value: string | number | undefined, after = ''): string {
  return value === undefined || value === '' ? '' : `${before}${value}${after}`;
}
