import type { Span } from '@opentelemetry/api';
import { hiddenProperty } from '../hidden-property.ts';

/** Of a span that carries a call already: a request that reuses another's options must not count as the same call. */
const ridden = hiddenProperty<true>();

/**
 * Takes part in a span that the SDK started: `beforeEnd` is called once, right before it ends, whoever ends
 * it. Gives `false` where the span does not record, is taken or cannot be written to: then it ends without us.
 */
export function rideSpan(span: Span, beforeEnd: () => void): boolean {
  if (!span.isRecording() || isRidden(span)) return false;
  const end = span.end;
  // Named first: written right into the property it would be old at once for V8, and keep the call until all garbage
  // is collected.
  const endRidden: Span['end'] = function (this: Span, ...time) {
    span.end = end;
    beforeEnd();
    end.apply(this, time);
  };
  try {
    span.end = endRidden;
    ridden.set(span, true);
  } catch {
    return false;
  }
  return true;
}

export function isRidden(span: Span): boolean {
  return ridden.get(span) === true;
}
