/** The kinds of value that an option can have: how each is checked, and how it is read from a variable. */

import type { RedactOptions } from '../redaction/index.ts';

export type { RedactOptions };

/** Tells of a part of a value that is passed over: what follows the name of the option or variable. */
type Tell = (fault: string) => void;

interface Kind<T> {
  /** What is allowed, as the end of "expected …". */
  readonly allowed: string;
  readonly accepts: (value: unknown) => value is T;
  /** The value that a variable's text stands for; `undefined` where it stands for none. */
  readonly read: (text: string, tell: Tell) => unknown;
  /** What is left of a value given in code without its wrong parts; `undefined` where all of it is wrong. */
  readonly usable?: (value: unknown, tell: Tell) => unknown;
}

/** Says that a value is passed over: never with the value, which may be a secret. */
export function ignored(what: string, value: unknown, allowed: string): string {
  return `${what} has a value of type ${typeName(value)}, which is ignored; expected ${allowed}`;
}

export function typeName(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return 'number (not finite)';
  }
  return Array.isArray(value) ? 'array' : typeof value;
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

const isCensor = (value: unknown): value is string | ((match: string) => string) =>
  typeof value === 'string' || typeof value === 'function';

/** What is wrong in a list must not take what is right with it: that would leave secrets in. */
function usablePatterns(patterns: unknown, tell: Tell): (RegExp | string)[] {
  if (!Array.isArray(patterns)) {
    tell(ignored('.patterns', patterns, 'an array'));
    return [];
  }
  return patterns.filter((pattern: unknown, index): pattern is RegExp | string => {
    if (isPattern(pattern)) {
      return true;
    }
    tell(ignored(`.patterns[${index}]`, pattern, 'a RegExp or a text that is not empty'));
    return false;
  });
}

function usableRedaction(value: unknown, tell: Tell): RedactOptions | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof RegExp) {
    return undefined;
  }
  let isFaulty = false;
  const fault: Tell = (text) => {
    isFaulty = true;
    tell(text);
  };
  try {
    const { patterns, censor, ...others } = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(others)) {
      fault(` has an unknown member ${JSON.stringify(name)}, which is ignored; expected patterns or censor`);
    }
    if (censor !== undefined && !isCensor(censor)) {
      fault(ignored('.censor', censor, 'a string or a function'));
    }
    const usable = patterns === undefined ? [] : usablePatterns(patterns, fault);
    if (isFaulty && usable.length === 0 && !isCensor(censor)) {
      return undefined;
    }
    return { ...(usable.length > 0 && { patterns: usable }), ...(isCensor(censor) && { censor }) };
  } catch {
    return undefined;
  }
}

function compiled(source: unknown): RegExp | undefined {
  try {
    return typeof source === 'string' && source !== '' ? new RegExp(source, 'g') : undefined;
  } catch {
    return undefined;
  }
}

/** The variable has a JSON list of regular expressions' sources. */
function readPatterns(text: string, tell: Tell): RedactOptions | undefined {
  try {
    const sources: unknown = JSON.parse(text);
    if (!Array.isArray(sources)) {
      return undefined;
    }
    const patterns = sources.map((source: unknown, index) => {
      const pattern = compiled(source);
      if (!pattern) {
        tell(ignored(`[${index}]`, source, 'a text that is a valid regular expression'));
      }
      return pattern;
    });
    return { patterns: patterns.filter((pattern) => pattern !== undefined) };
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
