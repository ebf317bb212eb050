import { context, metrics, propagation, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import type { NodeSDK } from '@opentelemetry/sdk-node';
import type { Environment, ResolvedConfig } from '../config.ts';
import { failed, guard } from '../guard.ts';
import { AnthropicInstrumentation } from '../instrumentation.ts';
import { createRedactor } from '../redaction/index.ts';
import { ApiRegistry, registrations, type ApiKind } from './api-registry.ts';
import { watchDeparture, watchSignals } from './departure.ts';
import { environmentAttributes } from './environment.ts';
import { LazyApi, type Backing } from './lazy-api.ts';
import { LossNotice } from './loss-notice.ts';
import { load } from './modules.ts';
import { canPostSynchronously, postSynchronously, TIMED_OUT } from './otlp/post-synchronously.ts';
import type { Letter } from './otlp/letter.ts';
import { Sender } from './otlp/sender.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { nameOf, say } from '../say.ts';
import { SdkLoadWatcher } from './sdk-load-watcher.ts';
import { sayUnreadFile, sayWrongValues } from './standard-variables.ts';
import { LONGEST_TIMER_MS } from './timers.ts';

/** Our OpenTelemetry SDK while it runs. */
interface Running {
  readonly sdk: NodeSDK;
  readonly pipeline: Pipeline;
  readonly endSignals: () => void;
}

/** How long a flush waits that follows one which was in vain: what it sends itself may arrive all the same. */
const OVERDUE_PATIENCE_MS = 250;

/** The kinds that we register with the OpenTelemetry API. */
const OURS = ['trace', 'metrics', 'logs', 'context', 'propagation'] as const satisfies readonly ApiKind[];

/**
 * The instrumentation with an OpenTelemetry SDK of its own, for an application that has none. The SDK is
 * started when something is first asked of it, and steps back when the application registers one.
 */
export class Preload {
  readonly #config: ResolvedConfig;
  readonly #flushTimeout: number;
  readonly #env: Environment;
  readonly #instrumentation: AnthropicInstrumentation | undefined;
  readonly #notice = new LossNotice();
  readonly #sender = new Sender(
    ({ url }, { reason }) => this.#notice.give(url, reason),
    () => {
      this.#isOverdue = false;
      this.#isUnreachable = false;
    },
  );
  readonly #api = new LazyApi(
    () => this.#startSdk(),
    (flush) =>
      this.#delivered(
        // Log records go along: the application may have no API for them, so no provider to flush.
        async () => void (await Promise.all([flush(), this.#running?.pipeline.flushLogs()])),
        this.#isOverdue ? Math.min(OVERDUE_PATIENCE_MS, this.#flushTimeout) : this.#flushTimeout,
      ),
    () => this.#running && sayUnreadFile(this.#env),
  );
  #loadWatcher: SdkLoadWatcher | undefined;
  /** Of the Anthropic SDK that was loaded first. */
  #sdkVersion: string | undefined;
  #registry: ApiRegistry | undefined;
  #running: Running | undefined;
  /** Our SDK after it stepped back, until what it had to send has arrived. */
  #retiring: { pipeline: Pipeline | undefined; readonly done: Promise<void> } | undefined;
  /** Made, and not sent: the process is about to end. */
  readonly #collected: Letter[] = [];
  /** Milliseconds that were spent on these. */
  #collecting = 0;
  /** How many spans had been asked for at the last flush. */
  #flushedSpans = -1;
  /** The last flush took all of its time, and nothing arrived since: another would only hold the process up. */
  #isUnreachable = false;
  /** What a flush waited for all of its time is still on its way: the application is not to wait for it twice. */
  #isOverdue = false;

  constructor(config: ResolvedConfig, env: Environment, isInstrumenting: boolean) {
    this.#config = config;
    this.#flushTimeout = Math.min(config.flushTimeout, LONGEST_TIMER_MS);
    this.#env = env;
    this.#instrumentation = isInstrumenting ? new AnthropicInstrumentation(givenBy(config)) : undefined;
  }

  start(): void {
    const present = registrations();
    if (present?.trace !== undefined || present?.metrics !== undefined) {
      this.#follow();
      // Nothing of ours is sent: calls that are open end while the other SDK can still export them.
      watchDeparture(this.#lastSteps);
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
    watchDeparture(this.#lastSteps);
  }

  /** The application registers something of the kind. */
  #makeWay(kind: ApiKind): void {
    if (kind === 'context' || kind === 'propagation') {
      this.#registry?.release(kind);
      return;
    }
    for (const ours of OURS) {
      this.#registry?.release(ours);
    }
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
    if (!running) {
      return;
    }
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
    if (this.#instrumentation) {
      registerInstrumentations({ instrumentations: [this.#instrumentation] });
    }
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
      this.#running = { sdk, pipeline, endSignals: watchSignals(this.#lastSteps) };
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
    if (own instanceof ProxyTracerProvider) {
      own.setDelegate(this.#api.trace);
    }
    return { ...captured, trace: tracerProvider } as Backing;
  }

  readonly #lastSteps = {
    flush: async (): Promise<void> => {
      this.#instrumentation?.endOpenCalls();
      if (!this.#hasNews() && this.#collected.length === 0) {
        return;
      }
      if (await this.#collect()) {
        this.#postAtOnce([...this.#sender.unsent(), ...this.#collected.splice(0)]);
      } else {
        await this.#flushInTurns();
      }
    },
    collect: async (): Promise<void> => {
      this.#instrumentation?.endOpenCalls();
      if (this.#hasNews() && !(await this.#collect())) {
        await this.#flushInTurns();
      }
    },
    flushSynchronously: (isLast: boolean): void => {
      if (isLast) {
        this.#instrumentation?.endOpenCalls();
      }
      if (this.#isUnreachable) {
        return;
      }
      const { pipeline } = this.#retiring ?? this.#running ?? {};
      const ended = this.#hasNews() ? this.#sender.hold(() => pipeline?.flushAtOnce()) : [];
      const unsent = isLast ? this.#sender.unsent() : [];
      this.#postAtOnce([...unsent, ...this.#collected.splice(0), ...ended]);
    },
    canFlushSynchronously: (): boolean =>
      (this.#retiring ?? this.#running)?.pipeline?.flushesAtOnce === true && canPostSynchronously(),
  };

  /**
   * Makes letters of what there is, in the SDK's own way, which as a rule takes no turn of the event loop. They are to be
   * sent while the process stands still: after the end of its work, or a signal, none of its timers is to fire.
   *
   * @returns false where exporters send in other ways.
   */
  async #collect(): Promise<boolean> {
    const { pipeline } = this.#running ?? {};
    if (pipeline?.flushesToSender !== true || !canPostSynchronously()) return false;
    const { spans } = this.#api;
    const start = performance.now();
    const letters = await this.#sender.holdDuring(() => {
      const flushed = pipeline
        .settle()
        .then(() => pipeline.flush())
        .catch((problem: unknown) => failed('flush', problem));
      // A gauge whose callback hangs is no reason to lose the rest.
      return settlesWithin(flushed, this.#flushTimeout / 2);
    });
    this.#collected.push(...letters);
    this.#collecting = performance.now() - start;
    this.#flushedSpans = spans;
    return true;
  }

  /** Sends what is left while the event loop turns, for exporters that send in their own ways. */
  async #flushInTurns(): Promise<void> {
    const { spans } = this.#api;
    this.#sender.hurry();
    const flush = async (): Promise<void> => {
      await (this.#retiring?.done ?? this.#running?.pipeline.flush());
    };
    this.#isUnreachable = !(await this.#delivered(flush, this.#flushTimeout));
    // Not before: who exits in the meantime leaves the rest to be flushed at the exit.
    this.#flushedSpans = spans;
    this.#sender.relax();
    const [late] = this.#sender.underway();
    if (late && this.#isUnreachable) {
      this.#notice.give(late.url, 'timeout');
      this.#sender.breakOff();
    }
  }

  /** Sends letters while the process stands still; one line tells of what is lost. */
  #postAtOnce(letters: readonly Letter[]): void {
    const loss = postSynchronously(letters, Math.max(1, this.#flushTimeout - this.#collecting));
    this.#collecting = 0;
    if (loss) {
      this.#notice.give(loss.letter.url, loss.reason);
      this.#isUnreachable = loss.reason === TIMED_OUT;
    }
  }

  /**
   * Whether what a flush sends has arrived, within so many milliseconds. An exporter is done with what it hands to the sender; who flushes
   * waits for the rest too.
   */
  async #delivered(flush: () => Promise<void>, patience: number): Promise<boolean> {
    const delivered = Promise.resolve(this.#running?.pipeline.settle())
      .then(flush)
      .catch((problem: unknown) => failed('flush', problem))
      .then(() => this.#sender.idle());
    const isInTime = await settlesWithin(delivered, patience);
    // What has not even been handed on, as by a slow callback of a gauge, is no word on the receiver.
    if (!isInTime && !this.#isOverdue && this.#sender.isBusy) {
      this.#isOverdue = true;
      void this.#sender.idle().then(() => {
        this.#isOverdue = false;
      });
    }
    return isInTime;
  }

  #hasNews(): boolean {
    return (
      this.#retiring !== undefined || (this.#running !== undefined && this.#api.spans !== this.#flushedSpans)
    );
  }
}

/** The options that the instrumentation takes in code. */
function givenBy({ flushTimeout: _flushTimeout, enabled: _enabled, ...given }: ResolvedConfig) {
  return given;
}

/** Whether a promise, which never rejects, settles within so many milliseconds. The process lives until then. */
function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** The preload made way, and nobody came: a copy of the API registers nothing where another version did first. */
function sayRefused(kind: ApiKind): void {
  say(
    `the application's own ${kind} provider was not registered, so there is no ${kind} at all. Does the application ` +
      'use another version of @opentelemetry/api than the preload? "npm ls @opentelemetry/api" tells; install one.',
  );
}
