import type { Signal } from '../../src/demo/otlp-receiver.ts';
import type { Schema } from './protobuf.ts';

/** OTLP's protobuf messages (opentelemetry-proto 1.x), as far as the receiver reads them. */

const VALUE: Schema = {
  1: ['stringValue', 'string'],
  2: ['boolValue', 'bool'],
  3: ['intValue', 'int64'],
  4: ['doubleValue', 'double'],
  5: ['arrayValue', () => ({ 1: ['values', () => VALUE, 'repeated'] })],
  6: ['kvlistValue', () => ({ 1: ['values', () => KEY_VALUE, 'repeated'] })],
  7: ['bytesValue', 'bytes'],
};

const KEY_VALUE: Schema = { 1: ['key', 'string'], 2: ['value', () => VALUE] };
const RESOURCE: Schema = { 1: ['attributes', () => KEY_VALUE, 'repeated'] };
const SCOPE: Schema = { 1: ['name', 'string'], 2: ['version', 'string'] };

const SPAN: Schema = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'string'],
  6: ['kind', 'int32'],
  7: ['startTimeUnixNano', 'fixed64'],
  8: ['endTimeUnixNano', 'fixed64'],
  9: ['attributes', () => KEY_VALUE, 'repeated'],
  11: [
    'events',
    () => ({
      1: ['timeUnixNano', 'fixed64'],
      2: ['name', 'string'],
      3: ['attributes', () => KEY_VALUE, 'repeated'],
    }),
    'repeated',
  ],
  13: [
    'links',
    () => ({
      1: ['traceId', 'hex'],
      2: ['spanId', 'hex'],
      4: ['attributes', () => KEY_VALUE, 'repeated'],
    }),
    'repeated',
  ],
  15: ['status', () => ({ 2: ['message', 'string'], 3: ['code', 'int32'] })],
};

const NUMBER_POINT: Schema = {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['asDouble', 'double'],
  6: ['asInt', 'sfixed64'],
  7: ['attributes', () => KEY_VALUE, 'repeated'],
};

const HISTOGRAM_POINT: Schema = {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['bucketCounts', 'fixed64', 'repeated'],
  7: ['explicitBounds', 'double', 'repeated'],
  9: ['attributes', () => KEY_VALUE, 'repeated'],
  11: ['min', 'double'],
  12: ['max', 'double'],
};

const EXPONENTIAL_HISTOGRAM_POINT: Schema = {
  1: ['attributes', () => KEY_VALUE, 'repeated'],
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  12: ['min', 'double'],
  13: ['max', 'double'],
};

const SUMMARY_POINT: Schema = {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  7: ['attributes', () => KEY_VALUE, 'repeated'],
};

const METRIC: Schema = {
  1: ['name', 'string'],
  2: ['description', 'string'],
  3: ['unit', 'string'],
  5: ['gauge', () => metricData(NUMBER_POINT)],
  7: ['sum', () => metricData(NUMBER_POINT)],
  9: ['histogram', () => metricData(HISTOGRAM_POINT)],
  10: ['exponentialHistogram', () => metricData(EXPONENTIAL_HISTOGRAM_POINT)],
  11: ['summary', () => metricData(SUMMARY_POINT)],
};

const LOG_RECORD: Schema = {
  1: ['timeUnixNano', 'fixed64'],
  2: ['severityNumber', 'int32'],
  3: ['severityText', 'string'],
  5: ['body', () => VALUE],
  6: ['attributes', () => KEY_VALUE, 'repeated'],
  9: ['traceId', 'hex'],
  10: ['spanId', 'hex'],
  11: ['observedTimeUnixNano', 'fixed64'],
  12: ['eventName', 'string'],
};

/** The export requests of OTLP's three signals. */
export const OTLP_SCHEMAS: Readonly<Record<Signal, Schema>> = {
  traces: exportRequest('resourceSpans', 'scopeSpans', 'spans', SPAN),
  metrics: exportRequest('resourceMetrics', 'scopeMetrics', 'metrics', METRIC),
  logs: exportRequest('resourceLogs', 'scopeLogs', 'logRecords', LOG_RECORD),
};

function metricData(point: Schema): Schema {
  return {
    1: ['dataPoints', () => point, 'repeated'],
    2: ['aggregationTemporality', 'int32'],
    3: ['isMonotonic', 'bool'],
  };
}

function exportRequest(byResource: string, byScope: string, records: string, record: Schema): Schema {
  const scopeEntry: Schema = { 1: ['scope', () => SCOPE], 2: [records, () => record, 'repeated'] };
  const resourceEntry: Schema = {
    1: ['resource', () => RESOURCE],
    2: [byScope, () => scopeEntry, 'repeated'],
  };
  return { 1: [byResource, () => resourceEntry, 'repeated'] };
}
