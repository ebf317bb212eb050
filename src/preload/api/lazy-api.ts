import {
  createNoopMeter,
  metrics,
  ProxyTracer,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  trace,
  type Context,
  type ContextManager,
  type Meter,
  type MeterProvider,
  type Span,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';

/** What stands behind the OpenTelemetry API. What is absent does nothing. */
export interface Backing {
  readonly trace?: TracerProvider | undefined;
  readonly metrics?: MeterProvider | undefined;
  readonly context?: ContextManager | undefined;
  readonly propagation?: TextMapPropagator | undefined;
}

interface Flushable {
  forceFlush(): Promise<void>;
}

/**
 * Registered with the OpenTelemetry API in place of an SDK, which is loaded and started when something is first
 * asked of the API: most processes under a preload, such as package managers, never ask. When the application
 * registers an SDK of its own, everything that was handed out before goes on to that one.
 */
export class LazyApi {
  readonly trace: TracerProvider = new LazyTracerProvider(this);
  readonly metrics: MeterProvider & Flushable = {
    getMeter: (...args): Meter => this.backing().metrics?.getMeter(...args) ?? createNoopMeter(),
    forceFlush: () => this.flush('metrics'),
  };
  readonly context: ContextManager = new LazyContextManager(this);
  readonly propagation: TextMapPropagator = new LazyPropagator(this);

  /** How many spans were asked for. */
  spans = 0;
  /** Changes when {@link backing} does. */
  generation = 0;

  readonly #start: () => Backing;
  readonly #delivered: (flush: () => Promise<void>) => Promise<unknown>;
  readonly #onFirstSpan: () => void;
  #backing: Backing | undefined;
  #isStarting = false;

  /**
   * @param delivered flushes, and resolves when what that sends has arrived, in bounded time; never rejects.
   * @param onFirstSpan called when the first span is asked for, with what is to make it in place; must not throw.
   */
  constructor(
    start: () => Backing,
    delivered: (flush: () => Promise<void>) => Promise<unknown>,
    onFirstSpan: () => void,
  ) {
    this.#start = start;
    this.#delivered = delivered;
    this.#onFirstSpan = onFirstSpan;
  }

  /** A span is asked for. */
  spanAsked(): Backing {
    const backing = this.backing();
    this.spans += 1;
    if (this.spans === 1) this.#onFirstSpan();
    return backing;
  }

  /** What the API's calls go to: it is started where it is not yet. */
  backing(): Backing {
    if (this.#backing) return this.#backing;
    // To start it may itself ask something of the API.
    if (this.#isStarting) return {};
    this.#isStarting = true;
    try {
      this.#use(this.#start());
    } finally {
      this.#isStarting = false;
    }
    return this.#backing ?? {};
  }

  /** What is behind already; starts nothing. */
  current(): Backing | undefined {
    return this.#backing;
  }

  /** As of a registered SDK's provider: applications call it before they end, or are frozen. */
  async flush(kind: 'trace' | 'metrics'): Promise<void> {
    const provider = this.#backing?.[kind] as Partial<Flushable> | undefined;
    await this.#delivered(async () => provider?.forceFlush?.());
  }

  /** From now on everything goes to what the application registered. */
  stepBack(): void {
    this.#use({
      trace: { getTracer: (...scope): Tracer => new ProxyTracer(this.#ofApplication, ...scope) },
      metrics: { getMeter: (...args): Meter => metrics.getMeterProvider().getMeter(...args) },
    });
  }

  /**
   * Asks whatever is registered when a span is started. Where that is nothing, the API's own provider leads back
   * here.
   */
  readonly #ofApplication = {
    getDelegateTracer: (...scope: Parameters<TracerProvider['getTracer']>): Tracer | undefined => {
      const provider = trace.getTracerProvider();
      const delegate = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
      return delegate === this.trace ? undefined : delegate.getTracer(...scope);
    },
  };

  #use(backing: Backing): void {
    this.#backing = backing;
    this.generation += 1;
  }
}

class LazyTracerProvider implements TracerProvider, Flushable {
  readonly #api: LazyApi;

  constructor(api: LazyApi) {
    this.#api = api;
  }

  getTracer(...scope: Parameters<TracerProvider['getTracer']>): Tracer {
    return new LazyTracer(this.#api, scope);
  }

  forceFlush(): Promise<void> {
    return this.#api.flush('trace');
  }
}

class LazyTracer implements Tracer {
  readonly #api: LazyApi;
  readonly #scope: Parameters<TracerProvider['getTracer']>;
  #tracer: Tracer | undefined;
  #generation = -1;

  constructor(api: LazyApi, scope: Parameters<TracerProvider['getTracer']>) {
    this.#api = api;
    this.#scope = scope;
  }

  startSpan(...args: Parameters<Tracer['startSpan']>): Span {
    return this.#resolve().startSpan(...args);
  }

  startActiveSpan<F extends (span: Span) => unknown>(...args: unknown[]): ReturnType<F> {
    const tracer = this.#resolve();
    return (tracer.startActiveSpan as (...all: unknown[]) => ReturnType<F>).apply(tracer, args);
  }

  #resolve(): Tracer {
    const backing = this.#api.spanAsked();
    if (this.#tracer === undefined || this.#generation !== this.#api.generation) {
      // The API's own provider, with nothing behind it, records nothing.
      const provider = backing.trace ?? new ProxyTracerProvider();
      this.#tracer = provider.getTracer(...this.#scope);
      this.#generation = this.#api.generation;
    }
    return this.#tracer;
  }
}

class LazyContextManager implements ContextManager {
  readonly #api: LazyApi;

  constructor(api: LazyApi) {
    this.#api = api;
  }

  /** Before the start no context can have been entered. */
  active(): Context {
    return this.#api.current()?.context?.active() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const manager = this.#api.backing().context;
    return manager ? manager.with(context, fn, thisArg, ...args) : fn.call(thisArg as never, ...args);
  }

  bind<T>(context: Context, target: T): T {
    return this.#api.backing().context?.bind(context, target) ?? target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#api.current()?.context?.disable();
    return this;
  }
}

class LazyPropagator implements TextMapPropagator {
  readonly #api: LazyApi;

  constructor(api: LazyApi) {
    this.#api = api;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#api.backing().propagation?.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return this.#api.backing().propagation?.extract(context, carrier, getter) ?? context;
  }

  fields(): string[] {
    return this.#api.backing().propagation?.fields() ?? [];
  }
}
