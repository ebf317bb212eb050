import { SpanKind, type AttributeValue } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { ATTRIBUTES, RATE_LIMIT_FIELDS, type AttributeSpec } from '../../src/schema.ts';

type Place = AttributeSpec['on'][number];

const IS: Readonly<Record<AttributeSpec['type'], (value: AttributeValue) => boolean>> = {
  string: (value) => typeof value === 'string',
  'string[]': (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  int: (value) => Number.isSafeInteger(value),
  double: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
};

const TABLE: ReadonlyMap<string, AttributeSpec> = new Map(Object.entries(ATTRIBUTES));
const RATE_LIMIT = /^anthropic\.ratelimit\.[a-z0-9_]+\.(limit|remaining|reset)$/;

function specOf(name: string): Pick<AttributeSpec, 'type' | 'on'> | undefined {
  const field = RATE_LIMIT.exec(name)?.[1] as keyof typeof RATE_LIMIT_FIELDS | undefined;
  return field === undefined ? TABLE.get(name) : { type: RATE_LIMIT_FIELDS[field].type, on: ['attempt'] };
}

function placeOf({ kind, name }: ReadableSpan): Place | undefined {
  if (kind !== SpanKind.CLIENT) return undefined;
  if (name.startsWith('anthropic.')) return 'call';
  return /^[A-Z]+( |$)/.test(name) ? 'attempt' : undefined;
}

/** What the spans of calls and attempts have that is not in the schema, not there, or of another type. */
export function breachesOf(spans: readonly ReadableSpan[]): readonly string[] {
  return spans.flatMap((span) => {
    const place = placeOf(span);
    if (place === undefined) return [];
    return Object.entries(span.attributes).flatMap(([name, value]) => {
      const spec = specOf(name);
      const holds = value !== undefined && spec?.on.includes(place) === true && IS[spec.type](value);
      return holds ? [] : `${name} on ${span.name}: ${String(value)}`;
    });
  });
}
