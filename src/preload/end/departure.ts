import { isMainThread } from 'node:worker_threads';
import { watchRaised } from './raised-signal.ts';

/** What is to be done when the process, or the thread, ends. */
export interface LastSteps {
  /** Sends what is left, if anything is. Resolves in bounded time; never rejects. */
  readonly flush: () => Promise<void>;
  /** As {@link flush}, and leaves to {@link flushSynchronously} what that can send. */
  readonly collect: () => Promise<void>;
  /**
   * Sends what is left, if anything is, while the process stands still. Never throws.
   *
   * @param isLast `false` where the application may go on.
   */
  readonly flushSynchronously: (isLast: boolean) => void;
  /** Whether {@link flushSynchronously} can send all that {@link flush} can. */
  readonly canFlushSynchronously: () => boolean;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const satisfies readonly NodeJS.Signals[];

/**
 * Takes the last steps on every way out, together with {@link watchSignals}, and changes none of them: not the exit
 * code, not the signal, not what the application's own handlers do and see.
 *
 * - The work is done: `beforeExit`.
 * - `process.exit()`, an uncaught exception, an unhandled rejection: `exit`, where only synchronous work counts.
 * - A signal that nobody else listens for is raised again after the flush, and ends the process as it would have. One that
 *   the process raises itself ends it where it would have: before the next line.
 *   Where the application listens too, it drains in its own time, and what it does then is flushed at its exit.
 *
 * Nothing can be done about SIGKILL, `process.abort()`, a crash of Node itself, or a worker thread that is
 * terminated from outside.
 */
export function watchDeparture(steps: LastSteps): void {
  process.prependListener('beforeExit', () => {
    // To wait is work, after which Node emits the event again. Where the application listens, it must not hear of it
    // twice, and may exit at once: what is left is then for `exit`.
    if (process.listenerCount('beforeExit') === 1 || !steps.canFlushSynchronously()) void steps.collect();
  });
  process.on('exit', () => steps.flushSynchronously(true));
}

/**
 * The signals' part of {@link watchDeparture}, which can be undone.
 *
 * @returns ends the watch.
 */
export function watchSignals(steps: LastSteps): () => void {
  // Signals are the main thread's.
  if (!isMainThread) return () => {};
  const watches = new Map(SIGNALS.map((signal) => [signal, watchSignal(signal, steps)]));
  const endRaised = watchRaised(SIGNALS, (signal) => watches.get(signal)?.raised());
  return () => {
    endRaised();
    for (const watch of watches.values()) watch.end();
  };
}

interface SignalWatch {
  /** The process is about to raise it. */
  raised(): (() => void) | undefined;
  end(): void;
}

/** Windows tells of SIGHUP, when a console closes, but cannot raise it. */
function raise(signal: NodeJS.Signals): void {
  try {
    process.kill(process.pid, signal);
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

function watchSignal(signal: NodeJS.Signals, steps: LastSteps): SignalWatch {
  let isWatched = true;
  const onSignal = (_name: string, number?: number): void => {
    // First of all: others decide by who listens, as signal-exit does, and must find what they would without us.
    // It also makes a second signal end the process at once.
    process.off(signal, onSignal);
    const isAlone = process.listenerCount(signal) === 0;
    // Who emits the event without a signal, which has a number, ends nothing where nobody listens.
    if (isAlone && number !== undefined) {
      void steps.flush().then(() => raise(signal));
      return;
    }
    if (!isAlone) steps.flushSynchronously(false);
    setImmediate(listen);
  };
  const listen = (): void => {
    if (isWatched) process.prependListener(signal, onSignal);
  };
  listen();
  return {
    raised() {
      const [listener, ...others] = process.listeners(signal);
      if (listener !== onSignal || others.length > 0) return undefined;
      if (!steps.canFlushSynchronously()) {
        // A turn of the event loop, in which it is heard of.
        setImmediate(() => {});
        return undefined;
      }
      process.off(signal, onSignal);
      steps.flushSynchronously(true);
      return listen;
    },
    end() {
      isWatched = false;
      process.off(signal, onSignal);
    },
  };
}
