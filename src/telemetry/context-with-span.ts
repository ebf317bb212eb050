import { trace, type Context, type Span } from '@opentelemetry/api';

/** The key under which OpenTelemetry's API keeps the active span: what it asks a context for. */
let spanKey: symbol | undefined;
trace.getSpan({
  getValue: (key) => void (spanKey = key),
  setValue(): Context {
    return this;
  },
  deleteValue(): Context {
    return this;
  },
});

/** `trace.setSpan(parent, span)`, but reading through to `parent`: a copy of it costs more than a span. */
export class ContextWithSpan implements Context {
  readonly #parent: Context;
  readonly #span: Span;

  constructor(parent: Context, span: Span) {
    this.#parent = parent;
    this.#span = span;
  }

  getValue(key: symbol): unknown {
    return key === spanKey ? this.#span : this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    const parent = this.#parent.setValue(key, value);
    return key === spanKey ? parent : new ContextWithSpan(parent, this.#span);
  }

  deleteValue(key: symbol): Context {
    const parent = this.#parent.deleteValue(key);
    return key === spanKey ? parent : new ContextWithSpan(parent, this.#span);
  }
}
