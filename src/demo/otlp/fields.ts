/** Fields of JSON that nobody vouches for: what has not the type that OTLP gives it counts as absent. */
import type { WireInteger } from './wire.ts';

export function listOf<T extends object>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value)
    ? value.filter((item: T | null) => typeof item === 'object' && item !== null)
    : [];
}

export function textOf(value: string | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function numberOf(value: WireInteger | undefined): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? Number(value) : undefined;
}

/** A time in nanoseconds since the epoch, which 64 bits hold. */
export function timeOf(value: WireInteger | undefined): bigint {
  const digits = typeof value === 'number' ? String(value) : textOf(value);
  return /^\d{1,20}$/.test(digits) ? BigInt(digits) : 0n;
}
