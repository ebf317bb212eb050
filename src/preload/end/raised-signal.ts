import { constants } from 'node:os';
import { guard } from '../../guard.ts';

/**
 * Tells of each signal that the process raises itself by `process.kill`, before it is raised. Where nobody listens it is
 * the end at once, and a listener hears of it a turn of the event loop later, which there may not be.
 *
 * @param onRaise returns what is to be done if the process outlives the signal.
 * @returns ends the watch.
 */
export function watchRaised<S extends NodeJS.Signals>(
  signals: readonly S[],
  onRaise: (signal: S) => (() => void) | undefined,
): () => void {
  const original = process.kill;
  const kill: typeof process.kill = function kill(this: unknown, pid, sent) {
    const outlived = guard('raised signal', () => {
      const named = sent ?? 'SIGTERM';
      const signal = signals.find((name) => named === name || named === constants.signals[name]);
      return signal && pid === process.pid ? onRaise(signal) : undefined;
    });
    try {
      return original.call(this as NodeJS.Process, pid, sent);
    } finally {
      outlived?.();
    }
  };
  process.kill = kill;
  return () => {
    if (process.kill === kill) process.kill = original;
  };
}
