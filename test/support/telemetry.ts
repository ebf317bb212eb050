import { context, metrics, propagation, SpanKind, trace, type Attributes } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  MetricReader,
  type DataPoint,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect } from 'vitest';

/** One point of a metric, with what tells it from others. */
export interface Point {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Attributes;
  readonly value: number;
  readonly histogram: Histogram | undefined;
}

class Reader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

/** Keeps ended spans, and wakes those who wait for one. */
class Collector implements SpanProcessor {
  readonly ended: ReadableSpan[] = [];
  readonly #waiting = new Set<() => void>();
  onStart(): void {}
  onEnd(span: ReadableSpan): void {
    this.ended.push(span);
    for (const wake of this.#waiting) wake();
  }
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}

  until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!done()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}

/** A call and its attempts, as they were exported. */
export interface RecordedCall {
  readonly span: ReadableSpan;
  readonly attempts: readonly ReadableSpan[];
}

export interface Telemetry {
  readonly spans: readonly ReadableSpan[];
  /** A new meter provider, which `points` and `metrics` read from now on. */
  freshMeters(): MeterProvider;
  /** The spans of exactly `count` calls, in the order of their starts, once they have all ended. */
  calls(count: number): Promise<readonly RecordedCall[]>;
  /** The one call that was made. */
  call(): Promise<RecordedCall>;
  /** The first attempt that has ended, as soon as it has. */
  attempt(): Promise<ReadableSpan>;
  /** Every point of every metric, now. */
  points(): Promise<readonly Point[]>;
  /** The metrics as the reader has them. */
  metrics(): Promise<readonly MetricData[]>;
  reset(): void;
  stop(): Promise<void>;
}

export interface TelemetryOptions {
  readonly sampler?: Sampler;
  readonly processors?: readonly SpanProcessor[];
  /** False leaves the global meter provider unset. */
  readonly meters?: boolean;
}

/** The native tracing has spans of its own helpers too: they are internal ones. */
const isCall = ({ kind, name }: ReadableSpan): boolean =>
  kind === SpanKind.CLIENT && name.startsWith('anthropic.');

/** A gauge has no temporality where it arrives; asked for as cumulative, it keeps values that nobody observes any more. */
function temporalityOf(kind: InstrumentType): AggregationTemporality {
  return kind === InstrumentType.OBSERVABLE_GAUGE
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE;
}

const isAttempt = ({ name }: ReadableSpan): boolean => /^[A-Z]+( |$)/.test(name);

/** Registers real providers of this process that keep what they get. A process has them once. */
export function startTelemetry({
  sampler,
  processors = [],
  meters = true,
}: TelemetryOptions = {}): Telemetry {
  const collector = new Collector();
  const tracerProvider = new BasicTracerProvider({
    ...(sampler && { sampler }),
    spanProcessors: [...processors, collector],
  });
  let reader = new Reader({ aggregationTemporalitySelector: temporalityOf });
  let meterProvider = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracerProvider);
  if (meters) metrics.setGlobalMeterProvider(meterProvider);

  const collect = async (): Promise<readonly MetricData[]> => {
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  };
  const calls = async (count: number): Promise<readonly RecordedCall[]> => {
    await collector.until(() => collector.ended.filter(isCall).length >= count);
    await new Promise((resolve) => setImmediate(resolve));
    const ended = collector.ended.filter(isCall).sort(byStart);
    expect(ended.map(({ name }) => name)).toHaveLength(count);
    return ended.map((span) => ({ span, attempts: childrenOf(span, collector.ended) }));
  };
  return {
    get spans() {
      return collector.ended;
    },
    freshMeters() {
      reader = new Reader({ aggregationTemporalitySelector: temporalityOf });
      meterProvider = new MeterProvider({ readers: [reader] });
      return meterProvider;
    },
    calls,
    async call() {
      const [call] = await calls(1);
      if (!call) throw new Error('no call');
      return call;
    },
    async attempt() {
      await collector.until(() => collector.ended.some(isAttempt));
      const attempt = collector.ended.find(isAttempt);
      if (!attempt) throw new Error('no attempt');
      return attempt;
    },
    metrics: collect,
    async points() {
      return (await collect()).flatMap(pointsOf);
    },
    reset() {
      collector.ended.length = 0;
    },
    async stop() {
      await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
      for (const api of [trace, metrics, context, propagation]) api.disable();
    },
  };
}

function byStart(a: ReadableSpan, b: ReadableSpan): number {
  return a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1];
}

function childrenOf(parent: ReadableSpan, spans: readonly ReadableSpan[]): readonly ReadableSpan[] {
  const { spanId, traceId } = parent.spanContext();
  return spans
    .filter(
      (span) =>
        !isCall(span) && span.parentSpanContext?.spanId === spanId && span.spanContext().traceId === traceId,
    )
    .sort(byStart);
}

function pointsOf({ descriptor, dataPoints }: MetricData): readonly Point[] {
  return (dataPoints as readonly DataPoint<number | Histogram>[]).map(({ attributes, value }) => ({
    name: descriptor.name,
    unit: descriptor.unit,
    attributes,
    value: typeof value === 'number' ? value : value.count,
    histogram: typeof value === 'number' ? undefined : value,
  }));
}

/** The points of the metric `name` whose attributes include `attributes`. */
export function select(
  points: readonly Point[],
  name: string,
  attributes: Attributes = {},
): readonly Point[] {
  return points.filter(
    (point) =>
      point.name === name &&
      Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
  );
}
