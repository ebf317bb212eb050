import { context, metrics, propagation, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import type { NodeSDK } from '@opentelemetry/sdk-node';
import type { Environment, ResolvedConfig } from '../config.ts';
import { failed, guard } from '../guard.ts';
import { AnthropicInstrumentation } from '../instrumentation.ts';
import { createRedactor } from '../redaction/index.ts';
import { nameOf, say } from '../say.ts';
import { ApiRegistry, registrations, type ApiKind } from './api/registry.ts';
import { watchDeparture, watchSignals } from './end/departure.ts';
import { environmentAttributes } from './environment.ts';
import { Flusher, type Retiring } from './end/flusher.ts';
import { LazyApi, type Backing } from './api/lazy-api.ts';
import { LossNotice } from './pipeline/loss-notice.ts';
import { load } from './modules.ts';
import { Sender } from './otlp/sender.ts';
import { createPipeline, type Pipeline } from './pipeline/pipeline.ts';
import { SdkLoadWatcher } from './sdk-load-watcher.ts';
import { sayUnreadFile, sayWrongValues } from './standard-variables.ts';
import { LONGEST_TIMER_MS } from '../longest-timer.ts';

/** Our OpenTelemetry SDK while it runs. */
interface Running {
  readonly sdk: NodeSDK;
  readonly pipeline: Pipeline;
  readonly endSignals: () => void;
}

/** The kinds that we register with the OpenTelemetry API. */
const OURS = ['trace', 'metrics', 'logs', 'context', 'propagation'] as const satisfies readonly ApiKind[];

/**
 * The instrumentation with an OpenTelemetry SDK of its own, for an application that has none. The SDK is
 * started when something is first asked of it, and steps back when the application registers one.
 */
export class Preload {
  readonly #config: ResolvedConfig;
  readonly #env: Environment;
  readonly #instrumentation: AnthropicInstrumentation | undefined;
  readonly #notice = new LossNotice();
  readonly #sender = new Sender(
    ({ url }, { reason }) => this.#notice.give(url, reason),
    () => this.#flusher.arrived(),
  );
  readonly #api = new LazyApi(
    () => this.#startSdk(),
    // Log records go along: the application may have no API for them, so no provider to flush.
    (flush) =>
      this.#flusher.deliver(
        async () => void (await Promise.all([flush(), this.#running?.pipeline.flushLogs()])),
      ),
    () => this.#running && sayUnreadFile(this.#env),
  );
  readonly #flusher: Flusher;
  #loadWatcher: SdkLoadWatcher | undefined;
  /** Of the Anthropic SDK that was loaded first. */
  #sdkVersion: string | undefined;
  #registry: ApiRegistry | undefined;
  #running: Running | undefined;
  /** Our SDK after it stepped back, until what it had to send has arrived. */
  #retiring: Retiring | undefined;

  constructor(config: ResolvedConfig, env: Environment, isInstrumenting: boolean) {
    this.#config = config;
    this.#env = env;
    this.#instrumentation = isInstrumenting ? new AnthropicInstrumentation(givenBy(config)) : undefined;
    this.#flusher = new Flusher(
      {
        running: () => this.#running?.pipeline,
        retiring: () => this.#retiring,
        spans: () => this.#api.spans,
        endOpenCalls: () => this.#instrumentation?.endOpenCalls(),
      },
      this.#sender,
      this.#notice,
      Math.min(config.flushTimeout, LONGEST_TIMER_MS),
    );
  }

  start(): void {
    const present = registrations();
    if (present?.trace !== undefined || present?.metrics !== undefined) {
      this.#follow();
      // Nothing of ours is sent: calls that are open end while the other SDK can still export them.
      watchDeparture(this.#flusher);
      return;
    }
    // Before the registrations: what is asked of the API when an instrumentation is made would start the SDK.
    this.#loadWatcher = new SdkLoadWatcher((version) => {
      this.#sdkVersion ??= version;
      this.#api.backing();
    });
    // Where the application has registered one of these already, it stays.
    context.setGlobalContextManager(this.#api.context);
    propagation.setGlobalPropagator(this.#api.propagation);
    metrics.setGlobalMeterProvider(this.#api.metrics);
    trace.setGlobalTracerProvider(this.#api.trace);
    this.#registry = new ApiRegistry((kind) => guard('step back', () => this.#makeWay(kind)));
    watchDeparture(this.#flusher);
  }

  /** The application registers something of the kind. */
  #makeWay(kind: ApiKind): void {
    if (kind === 'context' || kind === 'propagation') {
      this.#registry?.release(kind);
      return;
    }
    for (const ours of OURS) this.#registry?.release(ours);
    const { context: ownContexts } = this.#api.current() ?? {};
    this.#loadWatcher?.disable();
    this.#api.stepBack();
    ownContexts?.disable();
    this.#retire();
    // The application's registrations follow within the same synchronous step.
    queueMicrotask(() => {
      this.#follow();
      if (registrations()?.[kind] === undefined) sayRefused(kind);
    });
  }

  /** Sends what was ended before, and shuts our SDK down. What is shut down can no longer be flushed at once. */
  #retire(): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    const { sdk, pipeline, endSignals } = running;
    guard('ports', () => pipeline.closePorts());
    const done = pipeline
      .settle()
      // Alone in its turn of the event loop: it hands on what there is before anything of the application runs.
      .then(
        () =>
          new Promise((resolve) => setImmediate(() => resolve(guard('shutdown', () => this.#shutDown(sdk))))),
      )
      .catch((problem: unknown) => failed('shutdown', problem))
      .then(() => this.#sender.idle())
      .then(() => {
        endSignals();
        this.#retiring = undefined;
      });
    this.#retiring = { pipeline, done };
  }

  #shutDown(sdk: NodeSDK): Promise<void> {
    if (this.#retiring) this.#retiring.pipeline = undefined;
    return sdk.shutdown();
  }

  /** Lets the instrumentation use what is registered now. */
  #follow(): void {
    if (this.#instrumentation) registerInstrumentations({ instrumentations: [this.#instrumentation] });
  }

  #startSdk(): Backing {
    try {
      sayWrongValues(this.#env);
      const redactor = createRedactor(this.#config.redact);
      const pipeline = createPipeline({
        env: this.#env,
        redactor,
        sender: this.#sender,
        notice: this.#notice,
      });
      const { spanProcessors, metricReaders, logRecordProcessors } = pipeline;
      const { NodeSDK } = load.sdk();
      const { defaultResource, resourceFromAttributes } = load.resources();
      const environment = resourceFromAttributes(environmentAttributes(this.#sdkVersion));
      const resource = defaultResource().merge(environment);
      const sdk = new NodeSDK({ resource, spanProcessors, metricReaders, logRecordProcessors });
      const captured = this.#capture(sdk);
      this.#running = { sdk, pipeline, endSignals: watchSignals(this.#flusher) };
      queueMicrotask(() => this.#follow());
      return captured;
    } catch (problem) {
      say(`OpenTelemetry could not be started (${nameOf(problem)}); the application runs without it`);
      return {};
    }
  }

  /** Starts the SDK, and takes what it registers to stand behind what is registered already. */
  #capture(sdk: NodeSDK): Backing {
    const captured = this.#registry?.capture(() => sdk.start()) ?? {};
    // Of the API's own provider, which hands on to the one that was registered last, there is one for each copy
    // of the API, and the SDK may have the same copy.
    const own = registrations()?.trace;
    // By its shape, since the SDK may have another copy: of API 1.10, CommonJS and ES modules have one each.
    const proxy = captured.trace as Partial<ProxyTracerProvider> | undefined;
    const tracerProvider = proxy?.getDelegate?.() ?? proxy;
    if (own instanceof ProxyTracerProvider) own.setDelegate(this.#api.trace);
    return { ...captured, trace: tracerProvider } as Backing;
  }
}

/** The options that the instrumentation takes in code. */
function givenBy({ flushTimeout: _flushTimeout, enabled: _enabled, ...given }: ResolvedConfig) {
  return given;
}

/** The preload made way, and nobody came: a copy of the API registers nothing where another version did first. */
function sayRefused(kind: ApiKind): void {
  say(
    `the application's own ${kind} provider was not registered, so there is no ${kind} at all. Does the application ` +
      'use another version of @opentelemetry/api than the preload? "npm ls @opentelemetry/api" tells; install one.',
  );
}
