import { createRedactor } from '../redaction/index.ts';

/** Tells of a part of a value that is passed over: what follows the name of the option or variable. */
export type Tell = (fault: string) => void;

/** Says that a value is passed over: never with the value, which may be a secret. */
export function ignored(what: string, value: unknown, allowed: string): string {
  return `${what} has a value of type ${typeName(value)}, which is ignored; expected ${allowed}`;
}

export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'number (not finite)';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** How many names a line tells, and how long each may be. */
const MOST_NAMES = 4;
const LONGEST_NAME = 100;

/**
 * Tells, in a part of one line, of names that do not exist. They are redacted: a secret may stand where a name should.
 *
 * @param what what has the names, in the singular.
 * @param show how a redacted name is shown.
 */
export function unknownNames(
  what: string,
  names: readonly string[],
  show: (name: string) => string = JSON.stringify,
): string {
  const redactor = createRedactor();
  const shown = names.slice(0, MOST_NAMES).map((name) => show(redactor.truncate(name, LONGEST_NAME)));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `unknown ${what}${names.length === 1 ? '' : 's'} ${shown.join(', ')}${more}`;
}
