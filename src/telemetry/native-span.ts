import type { Span } from '@opentelemetry/api';

/** Spans that carry a call already: a request that reuses another's options must not count as the same call. */
const ridden = new WeakSet<Span>();

/**
 * Takes part in a span that the SDK started: `beforeEnd` is called once, right before it ends, whoever ends
 * it. Gives `false` where the span does not record, is taken or cannot be written to: then it ends without us.
 */
export function rideSpan(span: Span, beforeEnd: () => void): boolean {
  if (!span.isRecording() || ridden.has(span)) return false;
  const end = span.end;
  try {
    span.end = function (this: Span, ...time) {
      span.end = end;
      beforeEnd();
      end.apply(this, time);
    };
  } catch {
    return false;
  }
  ridden.add(span);
  return true;
}

export function isRidden(span: Span): boolean {
  return ridden.has(span);
}
