/** The kinds of value that an option can have: how each is checked, and how it is read from a variable. */

import type { RedactOptions } from '../redaction/index.ts';

export type { RedactOptions };

interface Kind<T> {
  /** What is allowed, as the end of "expected …". */
  readonly allowed: string;
  readonly accepts: (value: unknown) => value is T;
  /** The value that a variable's text stands for; `undefined` where it stands for none. */
  readonly read: (text: string) => unknown;
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

const isPattern = (value: unknown): value is RegExp | string =>
  value instanceof RegExp || (typeof value === 'string' && value !== '');

function isRedactOptions(value: unknown): value is RedactOptions {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { patterns, censor, ...others } = value as Readonly<Record<string, unknown>>;
  return (
    Object.keys(others).length === 0 &&
    (patterns === undefined || (Array.isArray(patterns) && patterns.every(isPattern))) &&
    (censor === undefined || typeof censor === 'string' || typeof censor === 'function')
  );
}

/** The variable has a JSON list of regular expressions' sources. */
function readPatterns(text: string): unknown {
  try {
    const sources: unknown = JSON.parse(text);
    if (!Array.isArray(sources) || sources.some((source) => typeof source !== 'string' || source === '')) {
      return undefined;
    }
    return { patterns: sources.map((source: string) => new RegExp(source, 'g')) };
  } catch {
    return undefined;
  }
}

export const KINDS = {
  boolean: { allowed: 'true or false', accepts: isBoolean, read: readBoolean },
  contentMode: {
    allowed: 'true or false (in the variable also SPAN_ONLY, SPAN_AND_EVENT, EVENT_ONLY or NO_CONTENT)',
    accepts: isBoolean,
    read: (text) => CONTENT_MODES.get(text.trim().toLowerCase()),
  },
  /** A whole number, 0 or more. */
  count: {
    allowed: 'a whole number, 0 or more',
    accepts: (value): value is number => isNumber(value) && Number.isSafeInteger(value) && value >= 0,
    read: readNumber,
  },
  /** A length of time: more than 0, in the unit that the option names. */
  duration: {
    allowed: 'a number above 0',
    accepts: (value): value is number => isNumber(value) && value > 0,
    read: readNumber,
  },
  redact: {
    allowed:
      '{ patterns?: (RegExp | string)[], censor?: string | function } (in the variable a JSON array of regular expressions)',
    accepts: isRedactOptions,
    read: readPatterns,
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
