import type { Environment } from '../../config.ts';
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { withFreshGauges } from '../../fresh-gauges.ts';
import {
  RedactingLogExporter,
  RedactingMetricExporter,
  RedactingSpanExporter,
  withRedaction,
  type Redactor,
} from '../../redaction/index.ts';
import type { Exporter } from '../../otel-shapes.ts';
import { collectNow } from './collect-now.ts';
import { DetachedExporter } from './detached-exporter.ts';
import {
  createOtlpExporter,
  exporterNames,
  exportsAtOnce,
  exportsByLetter,
  sayUnknown,
} from './exporters.ts';
import type { LossNotice } from './loss-notice.ts';
import { load } from '../modules.ts';
import type { Signal } from '../otlp/destination.ts';
import type { Sender } from '../otlp/sender.ts';
import { PromptLogProcessor } from './prompt-log-processor.ts';
import { noticingResource, withSettledResource, type NoticedResource } from './settled-resource.ts';
import { batchSettings, periodicSettings, prometheusSettings } from './standard-settings.ts';

interface Parts {
  readonly env: Environment;
  readonly redactor: Redactor;
  readonly sender: Sender;
  readonly notice: LossNotice;
}

interface Flushable {
  forceFlush(): Promise<void>;
}

/** The exporting end of the SDK, as the standard variables name it, with redaction before every exporter. */
export interface Pipeline {
  readonly spanProcessors: SpanProcessor[];
  readonly metricReaders: IMetricReader[];
  readonly logRecordProcessors: LogRecordProcessor[];
  /**
   * Waits until the resource's attributes have settled. To come before a flush: until then processors hold back what they
   * have, where an exit does not find it.
   */
  settle(): Promise<void>;
  /** Exports what is there. Rejects where an exporter does. */
  flush(): Promise<void>;
  /** The same, of the log records alone. */
  flushLogs(): Promise<void>;
  /** Whether {@link flush} does no more than hand letters to the sender. */
  readonly flushesToSender: boolean;
  /** As {@link flush}, with everything that can be done at once done when it returns. */
  flushAtOnce(): void;
  /** Whether that is everything. */
  readonly flushesAtOnce: boolean;
  /** Frees at once the ports that are listened on: the application's own SDK may want the same. */
  closePorts(): void;
}

export function createPipeline(parts: Parts): Pipeline {
  const atOnce: (() => void)[] = [];
  const ports: (() => void)[] = [];
  const resource: NoticedResource = {};
  const spanProcessors = createSpanProcessors(parts).map((processor) =>
    noticingResource(processor, resource),
  );
  const metricReaders = createMetricReaders(parts, atOnce, ports);
  const logRecordProcessors = createLogProcessors(parts, atOnce);
  const processors: readonly Flushable[] = [...spanProcessors, ...logRecordProcessors];
  return {
    spanProcessors,
    metricReaders,
    logRecordProcessors,
    settle: async () => {
      await resource.current?.waitForAsyncAttributes?.();
    },
    flush: async () => {
      await Promise.all([...processors, ...metricReaders].map((part) => part.forceFlush()));
    },
    flushLogs: async () => {
      await Promise.all(logRecordProcessors.map((processor) => processor.forceFlush()));
    },
    flushAtOnce: () => {
      withSettledResource(resource.current, () => {
        for (const processor of processors) processor.forceFlush().catch(() => {});
        for (const exportNow of atOnce) exportNow();
      });
    },
    closePorts: () => {
      for (const close of ports) close();
    },
    flushesAtOnce: exportsAtOnce(parts.env),
    flushesToSender: exportsByLetter(parts.env),
  };
}

/** A batch processor whose flush waits for the exporter too, as the SDK's own does not. */
function flushingWhole(processor: SpanProcessor, exporter: Flushable): SpanProcessor {
  return {
    onStart: processor.onStart.bind(processor),
    onEnd: processor.onEnd.bind(processor),
    forceFlush: async () => {
      await processor.forceFlush();
      await exporter.forceFlush();
    },
    shutdown: processor.shutdown.bind(processor),
  };
}

/** Each of a signal's exporters by its name; a name that has none is told. */
function createEach<T>(signal: Signal, env: Environment, makers: Readonly<Record<string, () => T>>): T[] {
  return exporterNames(signal, env).flatMap((name) => {
    const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
    if (!make) {
      sayUnknown(signal, Object.keys(makers));
      return [];
    }
    return [make()];
  });
}

function createSpanProcessors(parts: Parts): SpanProcessor[] {
  const { env, redactor, notice } = parts;
  const { BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor } = load.traces();
  type SpanExporter = ConstructorParameters<typeof SimpleSpanProcessor>[0]['exporter'];
  const redacting = (exporter: SpanExporter): SpanExporter => new RedactingSpanExporter(exporter, redactor);
  const batching = (exporter: SpanExporter): SpanProcessor =>
    new BatchSpanProcessor({ exporter: redacting(exporter), ...batchSettings('BSP') });
  return createEach<SpanProcessor>('traces', env, {
    otlp: () => batching(createOtlpExporter('traces', parts)),
    console: () => new SimpleSpanProcessor({ exporter: redacting(new ConsoleSpanExporter()) }),
    zipkin: () => {
      const { ZipkinExporter } = load.exporter('@opentelemetry/exporter-zipkin') as {
        readonly ZipkinExporter: new () => SpanExporter;
      };
      const exporter = new DetachedExporter(new ZipkinExporter(), () => notice.give('Zipkin', 'HTTP'));
      return flushingWhole(batching(exporter), exporter);
    },
  });
}

function createMetricReaders(parts: Parts, atOnce: (() => void)[], ports: (() => void)[]): IMetricReader[] {
  const { env, redactor } = parts;
  const { ConsoleMetricExporter, PeriodicExportingMetricReader } = load.metrics();
  type MetricExporter = ConstructorParameters<typeof PeriodicExportingMetricReader>[0]['exporter'];
  const periodic = (delegate: MetricExporter): IMetricReader => {
    const exporter: MetricExporter = withFreshGauges(new RedactingMetricExporter(delegate, redactor));
    const reader = new PeriodicExportingMetricReader({ exporter, ...periodicSettings() });
    atOnce.push(() => {
      const collected = collectNow(reader);
      if (collected) exporter.export(collected, () => {});
    });
    return reader;
  };
  return createEach<IMetricReader>('metrics', env, {
    otlp: () => periodic(createOtlpExporter('metrics', parts)),
    console: () => periodic(new ConsoleMetricExporter()),
    prometheus: () => {
      const { PrometheusExporter } = load.exporter('@opentelemetry/exporter-prometheus') as {
        readonly PrometheusExporter: new (settings: {
          host?: string;
          port?: number;
        }) => IMetricReader & { stopServer(): Promise<void> };
      };
      const reader = new PrometheusExporter(prometheusSettings());
      ports.push(() => void reader.stopServer().catch(() => {}));
      return withFreshGauges(withRedaction(reader, redactor));
    },
  });
}

function createLogProcessors(parts: Parts, atOnce: (() => void)[]): LogRecordProcessor[] {
  const { env, redactor } = parts;
  const { BatchLogRecordProcessor, ConsoleLogRecordExporter, SimpleLogRecordProcessor } = load.logs();
  type LogExporter = ConstructorParameters<typeof SimpleLogRecordProcessor>[0]['exporter'];
  const redacting = (exporter: Exporter<ReadableLogRecord[]>): LogExporter =>
    new RedactingLogExporter(exporter, redactor);
  return createEach<LogRecordProcessor>('logs', env, {
    otlp: () => {
      const processor = new PromptLogProcessor(
        redacting(createOtlpExporter('logs', parts)),
        (exporter) => new BatchLogRecordProcessor({ exporter, ...batchSettings('BLRP') }),
      );
      atOnce.push(() => processor.exportAtOnce());
      return processor;
    },
    console: () => new SimpleLogRecordProcessor({ exporter: redacting(new ConsoleLogRecordExporter()) }),
  });
}
