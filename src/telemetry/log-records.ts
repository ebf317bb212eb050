/** One line a person can read for what needs a person: a call that failed for good, a stream that hangs, a long wait. */
import type { Attributes, Context } from '@opentelemetry/api';
import { guard } from '../guard.ts';
import { EVENTS, type EventName } from '../schema.ts';

/** OpenTelemetry's severity numbers. */
const SEVERITY = { WARN: 13, ERROR: 17 } as const;

export interface Line {
  readonly eventName: EventName;
  /** Redacted. */
  readonly text: string;
  /** Redacted. */
  readonly attributes: Attributes;
  /** Has the call's span, so that the record belongs to its trace. */
  readonly context: Context;
}

/** The part of OpenTelemetry's logger that is used: both of its lines have it. */
export interface Logger {
  emit(record: {
    severityNumber: number;
    severityText: string;
    eventName: string;
    body: string;
    attributes: Attributes;
    context: Context;
  }): void;
}

export function emitLine(logger: Logger, { eventName, text, attributes, context }: Line): void {
  const { severity } = EVENTS[eventName];
  guard('log record', () => {
    logger.emit({
      severityNumber: SEVERITY[severity],
      severityText: severity,
      eventName,
      body: text,
      attributes,
      context,
    });
  });
}

interface FailedCall {
  readonly name: string;
  readonly model: string | undefined;
  readonly status: number | undefined;
  readonly type: string;
  readonly detail: string | undefined;
  readonly attempts: number;
  readonly waited: number;
  readonly requestId: string | undefined;
  readonly message: string;
}

/** `anthropic.messages.create (claude-…) failed: 429 rate_limit_error [input_tokens] after 3 attempts and 1.2 s of waits, request req_…: message`. */
export function failureText(call: FailedCall): string {
  const model = call.model === undefined ? '' : ` (${call.model})`;
  const status = call.status === undefined ? '' : `${call.status} `;
  const detail = call.detail === undefined ? '' : ` [${call.detail}]`;
  const attempts = call.attempts === 1 ? '1 attempt' : `${call.attempts} attempts`;
  const waits = call.waited > 0 ? ` and ${call.waited.toFixed(1)} s of waits` : '';
  const request = call.requestId === undefined ? '' : `, request ${call.requestId}`;
  const message = call.message === '' ? '' : `: ${call.message}`;
  return `${call.name}${model} failed: ${status}${call.type}${detail} after ${attempts}${waits}${request}${message}`;
}
