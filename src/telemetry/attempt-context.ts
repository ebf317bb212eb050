import http from 'node:http';
import { channel } from 'node:diagnostics_channel';
import { createContextKey, type Context, type Span } from '@opentelemetry/api';
import { ContextWithSpan } from './context-with-span.ts';

/** The key by which OpenTelemetry's tracers and propagators know that they are to stand back. Every copy of its core has the same. */
const SUPPRESS_TRACING_KEY = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

const undiciRequests = channel('undici:request:create');

/** Whether an HTTP instrumentation is at work that would make a second span of an attempt. */
function isHttpInstrumented(): boolean {
  return undiciRequests.hasSubscribers || (http.request as { __wrapped?: unknown }).__wrapped === true;
}

/**
 * The context in which `fetch` is called: the attempt's span is active in it, and an HTTP instrumentation
 * makes no span and no `traceparent` of its own, since the attempt has its span already.
 */
export class AttemptContext implements Context {
  readonly #parent: Context;
  readonly #suppresses = isHttpInstrumented();
  /** A tracer or a propagator asked: an HTTP instrumentation handles this attempt, and measures it. */
  wasMeasured = false;

  constructor(parent: Context, span: Span | undefined) {
    this.#parent = span ? new ContextWithSpan(parent, span) : parent;
  }

  getValue(key: symbol): unknown {
    if (key === SUPPRESS_TRACING_KEY && this.#suppresses) return (this.wasMeasured = true);
    return this.#parent.getValue(key);
  }

  #plain(): Context {
    return this.#suppresses ? this.#parent.setValue(SUPPRESS_TRACING_KEY, true) : this.#parent;
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#plain().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#plain().deleteValue(key);
  }
}
