import type { Environment } from '../../config.ts';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Exporter } from '../../otel-shapes.ts';
import type { LossNotice } from './loss-notice.ts';
import { load } from '../modules.ts';
import { Destination, SIGNALS, type Signal } from '../otlp/destination.ts';
import { canGoByLetter, GrpcDestination, hasGrpcProxy } from '../otlp/grpc-destination.ts';
import { GrpcExporter } from '../otlp/grpc-exporter.ts';
import {
  CONTENT_TYPES,
  DEFAULT_PROTOCOL,
  isProtocol,
  type HttpProtocol,
  type Protocol,
} from '../otlp/protocol.ts';
import { otlpSetting } from '../otlp/setting.ts';
import { OtlpExporter, type Serializer } from '../otlp/exporter.ts';
import type { Sender } from '../otlp/sender.ts';
import { DetachedExporter } from './detached-exporter.ts';
import { say } from '../../say.ts';
import { sayWrongEndpoint } from '../standard-variables.ts';

type Constructor<T> = new () => T;

/** What each signal exports. */
interface ExporterOf {
  readonly traces: Exporter<ReadableSpan[]>;
  readonly metrics: PushMetricExporter;
  readonly logs: Exporter<ReadableLogRecord[]>;
}

/** An exporter of what its serializer takes. */
type AnyExporter = Exporter<never> & { forceFlush(): Promise<void> };

/** The exporter's class in its package `@opentelemetry/exporter-…-otlp-grpc`. */
const GRPC = {
  traces: ['@opentelemetry/exporter-trace-otlp-grpc', 'OTLPTraceExporter'],
  metrics: ['@opentelemetry/exporter-metrics-otlp-grpc', 'OTLPMetricExporter'],
  logs: ['@opentelemetry/exporter-logs-otlp-grpc', 'OTLPLogExporter'],
} as const satisfies Record<Signal, readonly [string, string]>;

/** The exporters that `OTEL_{TRACES,METRICS,LOGS}_EXPORTER` names; `otlp` where it names none. */
export function exporterNames(signal: Signal, env: Environment): readonly string[] {
  const text = env[`OTEL_${SIGNALS[signal].variable}_EXPORTER`] ?? '';
  const names = new Set(
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
  if (names.has('none')) return [];
  return names.size === 0 ? ['otlp'] : [...names];
}

/** Whether every exporter that the variables name can be done with an export before its call returns. */
export function exportsAtOnce(env: Environment): boolean {
  const isSlow = (signal: Signal): boolean => {
    const names = exporterNames(signal, env);
    const goesByLetter = readProtocol(signal, env) !== 'grpc' || canGoByLetter(signal, env);
    return names.includes('zipkin') || (names.includes('otlp') && !goesByLetter);
  };
  return !(Object.keys(SIGNALS) as Signal[]).some(isSlow);
}

/** Whether whatever leaves for an OTLP receiver can leave as letters, with nothing lost by that. */
export function exportsByLetter(env: Environment): boolean {
  const isGrpc = (signal: Signal): boolean =>
    exporterNames(signal, env).includes('otlp') && readProtocol(signal, env) === 'grpc';
  return exportsAtOnce(env) && !(Object.keys(SIGNALS) as Signal[]).some(isGrpc);
}

/** Tells of a name that stands for no exporter. */
export function sayUnknown(signal: Signal, known: readonly string[]): void {
  const variable = `OTEL_${SIGNALS[signal].variable}_EXPORTER`;
  say(`${variable} names an unknown exporter; known are ${known.join(', ')} and none`);
}

interface OtlpParts {
  readonly env: Environment;
  readonly sender: Sender;
  readonly notice: LossNotice;
}

/** The OTLP exporter of a signal, with the protocol that the variables name. */
export function createOtlpExporter<S extends Signal>(signal: S, parts: OtlpParts): ExporterOf[S] {
  const protocol = readProtocol(signal, parts.env);
  const exporter =
    protocol === 'grpc' ? createGrpcExporter(signal, parts) : createHttpExporter(signal, protocol, parts);
  return AS_EXPORTER_OF[signal](exporter);
}

function createHttpExporter(
  signal: Signal,
  protocol: HttpProtocol,
  { env, sender }: OtlpParts,
): OtlpExporter<never> {
  sayWrongEndpoint(signal, env);
  const destination = new Destination(signal, CONTENT_TYPES[protocol]);
  return new OtlpExporter(serializerOf(signal, protocol), destination, sender);
}

function createGrpcExporter(signal: Signal, { env, sender, notice }: OtlpParts): DetachedExporter<never> {
  const [packageName, name] = GRPC[signal];
  const Delegate = (load.exporter(packageName) as Record<string, Constructor<Exporter<never>>>)[name];
  if (!Delegate) throw new TypeError(`${packageName} has no ${name}`);
  const serializer = serializerOf(signal, 'http/protobuf');
  const letters = canGoByLetter(signal, env)
    ? new OtlpExporter(serializer, new GrpcDestination(signal, env), sender)
    : undefined;
  const grpc = new GrpcExporter(new Delegate(), letters, sender, hasGrpcProxy(env));
  return new DetachedExporter(grpc, () => notice.give('the OTLP receiver', 'gRPC'));
}

const AS_EXPORTER_OF: { readonly [S in Signal]: (exporter: AnyExporter) => ExporterOf[S] } = {
  traces: (exporter) => exporter,
  metrics: withTemporality,
  logs: (exporter) => exporter,
};

function readProtocol(signal: Signal, env: Environment): Protocol {
  const { value, variable } = otlpSetting(signal, 'PROTOCOL', env);
  if (isProtocol(value)) return value;
  if (value !== undefined) {
    say(
      `${variable} names an unknown protocol; known are http/protobuf, http/json and grpc. ` +
        `${DEFAULT_PROTOCOL} is used`,
    );
  }
  return DEFAULT_PROTOCOL;
}

function serializerOf(signal: Signal, protocol: HttpProtocol): Serializer<never> {
  const serializers = load.otlpSerializers();
  const table = {
    'http/json': {
      traces: serializers.JsonTraceSerializer,
      metrics: serializers.JsonMetricsSerializer,
      logs: serializers.JsonLogsSerializer,
    },
    'http/protobuf': {
      traces: serializers.ProtobufTraceSerializer,
      metrics: serializers.ProtobufMetricsSerializer,
      logs: serializers.ProtobufLogsSerializer,
    },
  };
  return table[protocol][signal];
}

/** Adds what a metric exporter answers for `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`. */
function withTemporality(exporter: AnyExporter): PushMetricExporter {
  const { OTLPMetricExporterBase } = load.otlpMetrics();
  const delegate = {
    export: exporter.export.bind(exporter),
    forceFlush: exporter.forceFlush.bind(exporter),
    shutdown: exporter.shutdown.bind(exporter),
    setMetrics: () => {},
  };
  return new OTLPMetricExporterBase(delegate, {});
}
