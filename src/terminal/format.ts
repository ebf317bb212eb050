const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** A number with thousands separators and at most two decimals. */
export function formatNumber(value: number): string {
  return NUMBER.format(value);
}

/** `1 retry`, `2 retries`. */
export function formatCount(count: number, one: string, many: string): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** A duration in the unit that suits it: `0.42 ms`, `37 ms`, `1.05 s`, `12 min 4 s`, `3 h 41 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.01) return `${formatNumber(seconds * 1_000)} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 60) return `${formatNumber(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `text`, cut to `width` characters, of which the last is then an ellipsis. */
export function ellipsized(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}

/** One line of what others wrote: its control characters, those of writing direction included, would act on the terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}
