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
  WireInteger,
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
export function flattenTraces({ resourceSpans = [] }: WireTraces): readonly ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) => {
      const from = origin(resource?.attributes, scope);
      return spans.map((span) => flattenSpan(span, from));
    }),
  );
}

/** The data points of one OTLP request. */
export function flattenMetrics({ resourceMetrics = [] }: WireMetrics): readonly ReceivedMetricPoint[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ scope, metrics = [] }) => {
      const from = origin(resource?.attributes, scope);
      return metrics.flatMap((metric) => flattenMetric(metric, from));
    }),
  );
}

/** The log records of one OTLP request. */
export function flattenLogs({ resourceLogs = [] }: WireLogs): readonly ReceivedLog[] {
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ scope, logRecords = [] }) => {
      const from = origin(resource?.attributes, scope);
      return logRecords.map((record) => flattenLog(record, from));
    }),
  );
}

function flattenSpan(span: WireSpan, from: Origin): ReceivedSpan {
  return {
    traceId: span.traceId ?? '',
    spanId: span.spanId ?? '',
    parentSpanId: span.parentSpanId || undefined,
    name: span.name ?? '',
    kind: SPAN_KINDS[span.kind ?? 0] ?? 'unspecified',
    startTime: nanoseconds(span.startTimeUnixNano),
    endTime: nanoseconds(span.endTimeUnixNano),
    attributes: flattenAttributes(span.attributes),
    status: {
      code: STATUS_CODES[span.status?.code ?? 0] ?? 'unset',
      message: span.status?.message ?? '',
    },
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      time: nanoseconds(event.timeUnixNano),
      attributes: flattenAttributes(event.attributes),
    })),
    links: (span.links ?? []).map((link) => ({
      traceId: link.traceId ?? '',
      spanId: link.spanId ?? '',
      attributes: flattenAttributes(link.attributes),
    })),
    ...from,
  };
}

function flattenMetric(metric: WireMetric, from: Origin): readonly ReceivedMetricPoint[] {
  return METRIC_FIELDS.flatMap(([type, field]) => {
    const data = metric[field];
    return (data?.dataPoints ?? []).map((point) => flattenPoint(point, metric, type, data, from));
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
    name: metric.name ?? '',
    description: metric.description ?? '',
    unit: metric.unit ?? '',
    type,
    temporality: TEMPORALITIES[data?.aggregationTemporality ?? 0],
    monotonic: data?.isMonotonic ?? false,
    attributes: flattenAttributes(point.attributes),
    startTime: nanoseconds(point.startTimeUnixNano),
    time: nanoseconds(point.timeUnixNano),
    value: point.asDouble ?? optionalNumber(point.asInt),
    count: optionalNumber(point.count),
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
    time: nanoseconds(record.timeUnixNano),
    observedTime: nanoseconds(record.observedTimeUnixNano),
    severityNumber: record.severityNumber ?? 0,
    severityText: record.severityText ?? '',
    body: flattenValue(record.body),
    attributes: flattenAttributes(record.attributes),
    traceId: record.traceId || undefined,
    spanId: record.spanId || undefined,
    eventName: record.eventName ?? '',
    ...from,
  };
}

function origin(resource: readonly WireKeyValue[] | undefined, scope: WireScope | undefined): Origin {
  return {
    resource: flattenAttributes(resource),
    scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
  };
}

function flattenAttributes(attributes: readonly WireKeyValue[] = []): Attributes {
  return Object.fromEntries(attributes.map(({ key = '', value }) => [key, flattenValue(value)]));
}

function flattenValue(value: WireValue = {}): AttributeValue {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(flattenValue);
  if (value.kvlistValue) return flattenAttributes(value.kvlistValue.values);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null;
}

function nanoseconds(value: WireInteger = 0): bigint {
  return BigInt(value);
}

function optionalNumber(value: WireInteger | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
