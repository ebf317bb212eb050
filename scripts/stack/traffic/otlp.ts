// OTLP/JSON as the Collector's receiver takes it: the least that traffic generators need.
import { randomBytes } from 'node:crypto';

/** An attribute's value. A number with a fraction is a double, any other an integer; `double` makes a double. */
export type Value = string | number | boolean | readonly string[] | { readonly double: number };
export type Attributes = Readonly<Record<string, Value | undefined>>;

export type AnyValue =
  | { stringValue: string }
  | { intValue: string }
  | { doubleValue: number }
  | { boolValue: boolean }
  | { arrayValue: { values: AnyValue[] } };

export interface KeyValue {
  key: string;
  value: AnyValue;
}

/** A span in OTLP/JSON. Times are nanoseconds since the epoch, as decimal strings. */
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  status: { code?: number; message?: string };
}

/** Attributes in OTLP/JSON; those that are `undefined` are left out. */
export function keyValues(attributes: Attributes): KeyValue[] {
  const list: KeyValue[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) list.push({ key, value: anyValue(value) });
  }
  return list;
}

function anyValue(value: Value): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if ('double' in value) return { doubleValue: value.double };
  return { arrayValue: { values: value.map(anyValue) } };
}

/** Milliseconds since the epoch as OTLP's nanoseconds. */
export function nanos(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n);
}

export const newTraceId = (): string => randomBytes(16).toString('hex');
export const newSpanId = (): string => randomBytes(8).toString('hex');

/** An export request for spans of one resource, by scope name. */
export function tracesRequest(
  resource: Attributes,
  scopes: ReadonlyMap<string, readonly OtlpSpan[]>,
): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: Array.from(scopes, ([name, spans]) => ({ scope: { name }, spans })),
      },
    ],
  };
}

/**
 * Sends one OTLP/JSON request and returns the answer's status and body.
 *
 * @param url - the receiver's base URL, such as `http://127.0.0.1:4318`.
 */
export async function post(
  url: string,
  signal: 'traces' | 'metrics' | 'logs',
  request: object | string,
  timeoutMs = 10_000,
): Promise<{ status: number; body: string }> {
  const response = await fetch(`${url}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof request === 'string' ? request : JSON.stringify(request),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, body: await response.text() };
}
