/** OpenTelemetry as an application sets it up, with exporters that do nothing. */
import { context, metrics, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** What was exported. */
export const exported = { spans: 0 };

const spanExporter = {
  /**
   * @param {readonly unknown[]} spans
   * @param {(result: { code: number }) => void} done
   */
  export(spans, done) {
    exported.spans += spans.length;
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};

const metricExporter = {
  /**
   * @param {unknown} _metrics
   * @param {(result: { code: number }) => void} done
   */
  export(_metrics, done) {
    done({ code: 0 });
  },
  selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** Registers the providers and gives what ends them. */
export function startTelemetry() {
  const spans = new BatchSpanProcessor(spanExporter);
  const tracerProvider = new NodeTracerProvider({ spanProcessors: [spans] });
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: metricExporter })],
  });
  tracerProvider.register();
  metrics.setGlobalMeterProvider(meterProvider);
  const request = tracerProvider.getTracer('application').startSpan('GET /');
  const active = trace.setSpan(context.active(), request);
  return {
    flush: () => tracerProvider.forceFlush(),
    /**
     * Runs `run` as an application does while it serves a request: a span is active, and Node tracks the
     * context of every promise.
     *
     * @template T
     * @param {() => T} run
     */
    inRequest: (run) => context.with(active, run),
  };
}
