import { metrics, type Meter, type MeterProvider } from '@opentelemetry/api';
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { resolveConfig, type AnthropicInstrumentationConfig } from './config.ts';
import type { Observer } from './facts.ts';
import { guard } from './guard.ts';
import { createRedactor } from './redaction/index.ts';
import { warn } from './say.ts';
import { openCalls } from './sdk/open-calls.ts';
import { findClientPrototype, isPatched, patchClient, type Patch } from './sdk/patch.ts';
import { PATCH_POINTS, SDK_PACKAGE } from './sdk/patch-points.ts';
import { startNoticing, stopNoticing } from './sdk/uninstrumented.ts';
import { CallRecorder } from './telemetry/call-recorder.ts';
import { Metrics } from './telemetry/metrics.ts';
import { createRecording, type Recording } from './telemetry/recording.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from './version.ts';

const GIVEN = 'what was given to manuallyInstrument';

/** What the instrumentation keeps. The base class calls its subclass before a field could be initialised. */
class State {
  readonly metrics: Metrics;
  readonly patches = new Map<object, Patch>();
  /** The client prototypes that were given by hand. */
  readonly given = new Set<object>();
  /** The global meter provider as last seen, and whether it is followed: one that was given is kept. */
  globalMeterProvider: MeterProvider = metrics.getMeterProvider();
  followsGlobalMeters = true;
  recording: Recording | undefined;
  isNoticing = false;
  readonly observer: Observer;

  constructor(meter: Meter, beforeCall: (state: State) => void) {
    this.metrics = new Metrics(meter);
    this.observer = {
      startCall: (facts, onNativeEnd) => {
        beforeCall(this);
        return this.recording && new CallRecorder(this.recording, facts, onNativeEnd);
      },
    };
  }
}

/**
 * Records a span for every API call of `@anthropic-ai/sdk`, a span for every attempt within it, and metrics.
 *
 * @example
 * ```ts
 * registerInstrumentations({ instrumentations: [new AnthropicInstrumentation()] });
 * ```
 * In an application that loads the SDK as an ES module, the loader hook has to run first:
 * `node --import opentelemetry-instrumentation-anthropic/hook`.
 */
export class AnthropicInstrumentation extends InstrumentationBase<AnthropicInstrumentationConfig> {
  // Only declared: an initialiser would run after the base class has called `init` and `enable`, and undo them.
  declare private state: State | undefined;

  /** @param config a wrong value is reported in one line on stderr, and the default is used; see `optionsTable()`. */
  constructor(config: AnthropicInstrumentationConfig = {}) {
    super(PACKAGE_NAME, PACKAGE_VERSION, typeof config === 'object' && config !== null ? config : {});
    this.applyConfig(config);
  }

  override setConfig(config: AnthropicInstrumentationConfig): void {
    super.setConfig(config);
    if (this.state) this.applyConfig(config);
  }

  private getState(): State {
    return (this.state ??= new State(this.meter, (state) => this.followGlobalMeters(state)));
  }

  private applyConfig(config: unknown): void {
    const settled = resolveConfig(config);
    const state = this.getState();
    state.recording = createRecording({
      tracer: () => this.tracer,
      metrics: state.metrics,
      redactor: createRedactor(settled.redact),
      capturesContent: settled.captureMessageContent,
      maxContentLength: settled.maxContentLength,
      propagates: settled.propagateContext,
      logger: () => (settled.logFailures ? this.logger : undefined),
      stalledStreamAfter: settled.stalledStreamAfter,
      longWaitAfter: settled.longWaitAfter,
    });
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const versions = PATCH_POINTS.flatMap((point) => point.versions);
    const files = PATCH_POINTS.flatMap((point) => point.files.map((file) => this.defineFile(file, point)));
    return [new InstrumentationNodeModuleDefinition(SDK_PACKAGE, versions, undefined, undefined, files)];
  }

  private defineFile(file: string, point: (typeof PATCH_POINTS)[number]): InstrumentationNodeModuleFile {
    return new InstrumentationNodeModuleFile(
      `${SDK_PACKAGE}/${file}`,
      [...point.versions],
      (exports: Record<string, unknown>, version?: string) => {
        this.patch(exports[point.className], `${SDK_PACKAGE} ${version ?? ''} (${file})`);
        return exports;
      },
      // `disable()` undoes every patch, also those that were made by hand.
      () => {},
    );
  }

  private patch(target: unknown, what: string): boolean {
    return (
      guard('patch', () => {
        const { patches } = this.getState();
        const prototype = guard('client class', () => findClientPrototype(target));
        if (!prototype) {
          warn(`${what} is not instrumented: it has no client class.`);
          return false;
        }
        const patch = patchClient(prototype, this.getState().observer, what);
        if (patch) patches.set(prototype, patch);
        return isPatched(prototype);
      }) ?? false
    );
  }

  /**
   * Instruments a copy of the SDK that the loader hook does not see: one that is bundled, or was loaded too early.
   *
   * @param target the SDK's client class, its module, or a client. Anything else is reported in one line on stderr.
   * @returns whether it is now instrumented.
   */
  manuallyInstrument(target: unknown): boolean {
    const isDone = this.patch(target, GIVEN);
    const prototype = isDone ? findClientPrototype(target) : undefined;
    if (prototype) this.getState().given.add(prototype);
    return isDone;
  }

  /** Ends the spans of calls that are still open, so that they are exported. Call it before the SDK's `shutdown()`. */
  endOpenCalls(): void {
    openCalls.endAll();
  }

  override enable(): void {
    super.enable();
    const state = this.getState();
    for (const prototype of state.given) this.patch(prototype, GIVEN);
    if (state.isNoticing) return;
    state.isNoticing = true;
    startNoticing();
  }

  override disable(): void {
    super.disable();
    const state = this.getState();
    for (const patch of state.patches.values()) guard('unpatch', () => patch.undo());
    state.patches.clear();
    if (!state.isNoticing) return;
    state.isNoticing = false;
    stopNoticing();
  }

  override setMeterProvider(meterProvider: MeterProvider): void {
    const state = this.getState();
    state.globalMeterProvider = metrics.getMeterProvider();
    state.followsGlobalMeters = meterProvider === state.globalMeterProvider;
    super.setMeterProvider(meterProvider);
  }

  /** Unlike tracers, meters do not follow a provider that is registered after them. */
  private followGlobalMeters(state: State): void {
    if (!state.followsGlobalMeters) return;
    const current = metrics.getMeterProvider();
    if (current !== state.globalMeterProvider) guard('meters', () => this.setMeterProvider(current));
  }

  protected override _updateMetricInstruments(): void {
    this.getState().metrics.use(this.meter);
  }
}
