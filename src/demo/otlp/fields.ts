/** Fields of JSON that nobody vouches for: what has not the type that OTLP gives it counts as absent. */

export function listOf<T extends object>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value)
    ? value.filter((item: T | null) => typeof item === 'object' && item !== null)
    : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? Number(value) : undefined;
}

/** A whole number that 64 bits hold, as times are; 0 for others. */
export function integerOf(value: unknown): bigint {
  const digits = typeof value === 'number' ? String(value) : textOf(value);
  return /^\d{1,20}$/.test(digits) ? BigInt(digits) : 0n;
}
