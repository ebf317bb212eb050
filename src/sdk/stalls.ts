/** Notices streams that hang, while they hang. The SDK's own timeout covers the headers alone. */
import { guard } from '../guard.ts';

export interface Waiting {
  /** When the application's pending read began, in milliseconds of `performance.now()`; 0 while none is pending. */
  readonly waitingSince: number;
  /** Milliseconds after which a pending read counts as stalled. */
  readonly patience: number;
  stalled(seconds: number): void;
}

const SHORTEST_PERIOD_MS = 10;
const LONGEST_PERIOD_MS = 1000;

const watched = new Set<Waiting>();
let timer: NodeJS.Timeout | undefined;
let period = LONGEST_PERIOD_MS;

function look(): void {
  const now = performance.now();
  for (const stream of watched) {
    const { waitingSince, patience } = stream;
    if (waitingSince === 0 || now - waitingSince < patience) continue;
    watched.delete(stream);
    guard('stalled stream', () => stream.stalled((now - waitingSince) / 1000));
  }
  if (watched.size === 0) stop();
}

function stop(): void {
  clearInterval(timer);
  timer = undefined;
}

/**
 * One timer serves every stream, and never keeps the process alive; it stops when it finds no stream. A stream
 * is reported once.
 */
export const stalls = {
  watch(stream: Waiting): void {
    watched.add(stream);
    const wanted = Math.min(LONGEST_PERIOD_MS, Math.max(SHORTEST_PERIOD_MS, stream.patience / 4));
    if (timer && wanted >= period) return;
    stop();
    period = wanted;
    timer = setInterval(look, period).unref();
  },

  unwatch(stream: Waiting): void {
    watched.delete(stream);
  },
};
