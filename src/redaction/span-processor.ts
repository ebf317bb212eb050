import type { Context } from '@opentelemetry/api';

import type { Redactor } from './redactor.ts';
import type { ReadableSpan, SpanProcessor } from './telemetry.ts';
import { redactSpan } from './views.ts';

/**
 * Hands ended spans of any instrumentation on to a processor, without their secrets. The spans themselves,
 * and so what the application's other processors see, stay as they are.
 */
export class RedactingSpanProcessor<Started, Ended extends ReadableSpan> implements SpanProcessor<
  Started,
  Ended
> {
  /** Present only where the processor behind has one. */
  declare readonly onEnding?: (span: Started) => void;
  readonly #delegate: SpanProcessor<Started, Ended>;
  readonly #redactor: Redactor;

  constructor(delegate: SpanProcessor<Started, Ended>, redactor: Redactor) {
    this.#delegate = delegate;
    this.#redactor = redactor;
    if (delegate.onEnding !== undefined) this.onEnding = (span) => delegate.onEnding?.(span);
  }

  onStart(span: Started, parentContext: Context): void {
    this.#delegate.onStart(span, parentContext);
  }

  onEnd(span: Ended): void {
    this.#delegate.onEnd(redactSpan(span, this.#redactor));
  }

  forceFlush(): Promise<void> {
    return this.#delegate.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#delegate.shutdown();
  }
}
