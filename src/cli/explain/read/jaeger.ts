import { textOf, integerOf } from '../../../demo/otlp/fields.ts';
import type { AttributeValue } from '../../../demo/otlp/types.ts';
import type { SpanFacts } from './spans.ts';
import { asList, asObject, asText } from './values.ts';

/**
 * The spans of a Jaeger JSON export: what its interface and its API `/api/traces` give, or one trace of that.
 * `undefined` where the value is none.
 */
export function readJaeger(value: unknown): readonly SpanFacts[] | undefined {
  const traces = jaegerTraces(value);
  return traces?.flatMap((trace) => asList(asObject(trace)['spans']).map(readSpan));
}

function jaegerTraces(value: unknown): readonly unknown[] | undefined {
  const object = asObject(value);
  const data = asList(object['data']);
  if (data.some(isTrace)) return data.filter(isTrace);
  return isTrace(value) ? [value] : undefined;
}

function isTrace(value: unknown): boolean {
  return asList(asObject(value)['spans']).some((span) => asObject(span)['spanID'] !== undefined);
}

function readSpan(value: unknown): SpanFacts {
  const span = asObject(value);
  const attributes = readTags(span['tags']);
  const parent = asList(span['references'])
    .map(asObject)
    .find(({ refType }) => refType === 'CHILD_OF');
  const isError = attributes['error'] === true || attributes['otel.status_code'] === 'ERROR';
  return {
    traceId: asText(span['traceID']) ?? '',
    spanId: asText(span['spanID']) ?? '',
    parentSpanId: asText(parent?.['spanID']) ?? asText(span['parentSpanID']),
    name: asText(span['operationName']) ?? '',
    // Microseconds.
    startTime: integerOf(span['startTime']) * 1_000n,
    attributes,
    status: {
      code: isError ? 'error' : 'unset',
      message: asText(attributes['otel.status_description']) ?? '',
    },
    events: asList(span['logs']).map((log) => {
      const fields = readTags(asObject(log)['fields']);
      return { name: asText(fields['event']) ?? '', time: 0n, attributes: fields };
    }),
  };
}

function readTags(tags: unknown): Readonly<Record<string, AttributeValue>> {
  const pairs = asList(tags).map((tag) => {
    const { key, value } = asObject(tag);
    return [textOf(key), value as AttributeValue] as const;
  });
  return Object.fromEntries(pairs);
}
