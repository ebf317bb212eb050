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
