import type { AttributeValue } from '@opentelemetry/api';
import type { AttributeSink } from '../facts.ts';
import type { AttributeBag, FixedAttribute } from '../schema.ts';
import { dig, identifier } from './shapes.ts';

/** `identifier`: a text as short as identifiers are. */
type Kind = 'string' | 'identifier' | 'int' | 'number' | 'string[]';

/** One attribute, and where in a request's or an answer's body it stands. */
export type Reading = readonly [attribute: FixedAttribute, path: readonly string[], kind: Kind];

const FITS: Record<Kind, (value: unknown) => value is AttributeValue> = {
  string: (value): value is string => typeof value === 'string',
  identifier: (value): value is string => identifier(value) !== undefined,
  int: (value): value is number => Number.isInteger(value),
  number: (value): value is number => typeof value === 'number' && Number.isFinite(value),
  'string[]': (value): value is string[] =>
    Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

/** Tells `sink` what the table finds in `body`. A value that is absent, throws or is of another type gives nothing. */
export function readTo(sink: AttributeSink, table: readonly Reading[], body: unknown): void {
  for (const [attribute, path, kind] of table) {
    const value = dig(body, path);
    if (value === undefined || !FITS[kind](value)) continue;
    sink.set(attribute, Array.isArray(value) ? [...(value as string[])] : value);
  }
}

/** Adds to `bag` what the table finds in `body`, likewise. */
export function readInto(bag: AttributeBag, table: readonly Reading[], body: unknown): void {
  readTo({ set: (name, value) => void (bag[name] = value) }, table, body);
}
