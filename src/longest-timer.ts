/** Milliseconds of the longest timer. Node lets one that is longer fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
