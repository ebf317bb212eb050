import { listOf, numberOf, textOf, integerOf } from './fields.ts';
import type {
  AttributeValue,
  Attributes,
  ReceivedLog,
  ReceivedMetricPoint,
  ReceivedSpan,
  Scope,
  SpanKind,
  StatusCode,
} from './types.ts';
import type {
  WireDataPoint,
  WireKeyValue,
  WireLogRecord,
  WireLogs,
  WireMetric,
  WireMetricData,
  WireMetrics,
  WireScope,
  WireSpan,
  WireTraces,
  WireValue,
} from './wire.ts';

/** Where a record came from. */
interface Origin {
  readonly scope: Scope;
  readonly resource: Attributes;
}

const SPAN_KINDS: readonly SpanKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
const STATUS_CODES: readonly StatusCode[] = ['unset', 'ok', 'error'];
const TEMPORALITIES = [undefined, 'delta', 'cumulative'] as const;

/** Field of a metric that holds its data, by the metric's type. */
const METRIC_FIELDS = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponential_histogram', 'exponentialHistogram'],
  ['summary', 'summary'],
] as const;

/** The spans of one OTLP request. */
export function flattenTraces({ resourceSpans }: WireTraces): readonly ReceivedSpan[] {
  return listOf(resourceSpans).flatMap(({ resource, scopeSpans }) =>
    listOf(scopeSpans).flatMap(({ scope, spans }) => {
      const from = origin(resource?.attributes, scope);
      return listOf(spans).map((span) => flattenSpan(span, from));
    }),
  );
}

/** The data points of one OTLP request. */
export function flattenMetrics({ resourceMetrics }: WireMetrics): readonly ReceivedMetricPoint[] {
  return listOf(resourceMetrics).flatMap(({ resource, scopeMetrics }) =>
    listOf(scopeMetrics).flatMap(({ scope, metrics }) => {
      const from = origin(resource?.attributes, scope);
      return listOf(metrics).flatMap((metric) => flattenMetric(metric, from));
    }),
  );
}

/** The log records of one OTLP request. */
export function flattenLogs({ resourceLogs }: WireLogs): readonly ReceivedLog[] {
  return listOf(resourceLogs).flatMap(({ resource, scopeLogs }) =>
    listOf(scopeLogs).flatMap(({ scope, logRecords }) => {
      const from = origin(resource?.attributes, scope);
      return listOf(logRecords).map((record) => flattenLog(record, from));
    }),
  );
}

function flattenSpan(span: WireSpan, from: Origin): ReceivedSpan {
  return {
    traceId: textOf(span.traceId),
    spanId: textOf(span.spanId),
    parentSpanId: textOf(span.parentSpanId) || undefined,
    name: textOf(span.name),
    kind: SPAN_KINDS[numberOf(span.kind) ?? 0] ?? 'unspecified',
    startTime: integerOf(span.startTimeUnixNano),
    endTime: integerOf(span.endTimeUnixNano),
    attributes: flattenAttributes(span.attributes),
    status: {
      code: STATUS_CODES[numberOf(span.status?.code) ?? 0] ?? 'unset',
      message: textOf(span.status?.message),
    },
    events: listOf(span.events).map((event) => ({
      name: textOf(event.name),
      time: integerOf(event.timeUnixNano),
      attributes: flattenAttributes(event.attributes),
    })),
    links: listOf(span.links).map((link) => ({
      traceId: textOf(link.traceId),
      spanId: textOf(link.spanId),
      attributes: flattenAttributes(link.attributes),
    })),
    ...from,
  };
}

function flattenMetric(metric: WireMetric, from: Origin): readonly ReceivedMetricPoint[] {
  return METRIC_FIELDS.flatMap(([type, field]) => {
    const data = metric[field];
    return listOf(data?.dataPoints).map((point) => flattenPoint(point, metric, type, data, from));
  });
}

function flattenPoint(
  point: WireDataPoint,
  metric: WireMetric,
  type: ReceivedMetricPoint['type'],
  data: WireMetricData | undefined,
  from: Origin,
): ReceivedMetricPoint {
  return {
    name: textOf(metric.name),
    description: textOf(metric.description),
    unit: textOf(metric.unit),
    type,
    temporality: TEMPORALITIES[numberOf(data?.aggregationTemporality) ?? 0],
    monotonic: data?.isMonotonic ?? false,
    attributes: flattenAttributes(point.attributes),
    startTime: integerOf(point.startTimeUnixNano),
    time: integerOf(point.timeUnixNano),
    value: point.asDouble ?? numberOf(point.asInt),
    count: numberOf(point.count),
    sum: point.sum,
    min: point.min,
    max: point.max,
    bounds: point.explicitBounds ?? [],
    bucketCounts: (point.bucketCounts ?? []).map(Number),
    ...from,
  };
}

function flattenLog(record: WireLogRecord, from: Origin): ReceivedLog {
  return {
    time: integerOf(record.timeUnixNano),
    observedTime: integerOf(record.observedTimeUnixNano),
    severityNumber: record.severityNumber ?? 0,
    severityText: textOf(record.severityText),
    body: flattenValue(record.body),
    attributes: flattenAttributes(record.attributes),
    traceId: textOf(record.traceId) || undefined,
    spanId: textOf(record.spanId) || undefined,
    eventName: textOf(record.eventName),
    ...from,
  };
}

function origin(resource: readonly WireKeyValue[] | undefined, scope: WireScope | undefined): Origin {
  return {
    resource: flattenAttributes(resource),
    scope: { name: textOf(scope?.name), version: textOf(scope?.version) },
  };
}

function flattenAttributes(attributes: readonly WireKeyValue[] | undefined): Attributes {
  return Object.fromEntries(listOf(attributes).map(({ key, value }) => [textOf(key), flattenValue(value)]));
}

function flattenValue(value: WireValue | undefined): AttributeValue {
  const integer = numberOf(value?.intValue);
  if (integer !== undefined) return integer;
  if (value?.arrayValue) return listOf(value.arrayValue.values).map(flattenValue);
  if (value?.kvlistValue) return flattenAttributes(value.kvlistValue.values);
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? value?.bytesValue ?? null;
}
