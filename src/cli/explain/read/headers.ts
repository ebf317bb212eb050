import type { FailureFacts } from '../../../diagnosis/index.ts';

type Headers = NonNullable<FailureFacts['headers']>;

/** Response headers from name and value pairs, by names in any case. */
export function headersFrom(pairs: Iterable<readonly [string, unknown]>): Headers {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (typeof value === 'string' || typeof value === 'number') values.set(name.toLowerCase(), String(value));
  }
  return { get: (name) => values.get(name.toLowerCase()) ?? null };
}
