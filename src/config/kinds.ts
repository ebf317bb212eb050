/** The kinds of value that an option can have: how each is checked, and how it is read from a variable. */

import type { RedactOptions } from '../redaction/index.ts';
import type { Tell } from './ignored.ts';
import { readPatterns, usableRedaction } from './redact-option.ts';

interface Kind<T> {
  /** What is allowed, as the end of "expected …". */
  readonly allowed: string;
  readonly accepts: (value: unknown) => value is T;
  /** The value that a variable's text stands for; `undefined` where it stands for none. */
  readonly read: (text: string, tell: Tell) => unknown;
  /** What is left of a value given in code without its wrong parts; `undefined` where all of it is wrong. */
  readonly usable?: (value: unknown, tell: Tell) => unknown;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const readNumber = (text: string): number | undefined =>
  /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;

const readBoolean = (text: string): boolean | undefined =>
  new Map([
    ['true', true],
    ['false', false],
  ]).get(text.trim().toLowerCase());

/** The spellings of `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`; we have no content events. */
const CONTENT_MODES = new Map([
  ['true', true],
  ['span_only', true],
  ['span_and_event', true],
  ['false', false],
  ['no_content', false],
  ['event_only', false],
]);

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

export const KINDS = {
  boolean: { allowed: 'true or false', accepts: isBoolean, read: readBoolean },
  contentMode: {
    allowed: 'true or false (in the variable also SPAN_ONLY, SPAN_AND_EVENT, EVENT_ONLY or NO_CONTENT)',
    accepts: isBoolean,
    read: (text) => CONTENT_MODES.get(text.trim().toLowerCase()),
  },
  count: {
    allowed: 'a whole number, 0 or more',
    accepts: (value): value is number => isNumber(value) && Number.isSafeInteger(value) && value >= 0,
    read: readNumber,
  },
  /** In the unit that the option names. */
  duration: {
    allowed: 'a number above 0',
    accepts: (value): value is number => isNumber(value) && value > 0,
    read: readNumber,
  },
  redact: {
    allowed:
      '{ patterns?: (RegExp | string)[], censor?: string | function } (in the variable a JSON array of regular expressions)',
    accepts: (value): value is RedactOptions => typeof value === 'object',
    read: readPatterns,
    usable: usableRedaction,
  },
} satisfies Record<string, Kind<unknown>> as {
  readonly boolean: Kind<boolean>;
  readonly contentMode: Kind<boolean>;
  readonly count: Kind<number>;
  readonly duration: Kind<number>;
  readonly redact: Kind<RedactOptions>;
};

export type KindName = keyof typeof KINDS;

/** The type of a value of the kind. */
export type ValueOf<K extends KindName> = (typeof KINDS)[K] extends Kind<infer T> ? T : never;
