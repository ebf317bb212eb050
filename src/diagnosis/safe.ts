/** Characters of any one text that are looked at: what tells a failure stands at its start. */
export const TEXT_LIMIT = 8192;

/** Reads a property of anything. Getters and proxies that throw read as absent. */
export function read(value: unknown, key: string | number): unknown {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return undefined;
  try {
    return (value as Record<string | number, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** Reads a string property, cut to `limit` characters. */
export function readText(value: unknown, key: string | number, limit = TEXT_LIMIT): string | undefined {
  const text = read(value, key);
  return typeof text === 'string' ? text.slice(0, limit) : undefined;
}

/** `Array.isArray` that survives revoked proxies. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Reads a response header. Absent, empty and unreadable are one. */
export function readHeader(
  headers: { get(name: string): string | null } | undefined,
  name: string,
): string | undefined {
  try {
    const value: unknown = headers?.get(name);
    return typeof value === 'string' && value !== '' ? value.slice(0, 1024) : undefined;
  } catch {
    return undefined;
  }
}

/** The last one that HTTP has; a number beyond is more often something else's code. */
const LAST_STATUS = 599;

/** An HTTP status out of a number or of a string of three digits. */
export function asStatus(value: unknown, last = LAST_STATUS): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= last
    ? status
    : undefined;
}
