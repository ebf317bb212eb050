import { Worker } from 'node:worker_threads';
import type { Letter } from './letter.ts';

/** What the thread is given. */
export interface PostOrder {
  readonly letters: readonly Letter[];
  readonly timeoutMs: number;
  /** Holds {@link PENDING} until the thread is done, then {@link SENT} or {@link LOST}. */
  readonly outcome: Int32Array<SharedArrayBuffer>;
}

export const PENDING = 0;
export const SENT = 1;
export const LOST = 2;

/**
 * Sends letters from a thread while this one stands still, for when the process ends and no event loop will
 * turn again. Returns whether all of them arrived in time. Never throws.
 */
export function postSynchronously(letters: readonly Letter[], timeoutMs: number): boolean {
  try {
    const outcome = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const order: PostOrder = { letters, timeoutMs, outcome };
    const worker = new Worker(new URL('./post-thread.js', import.meta.url), {
      workerData: order,
      // Neither the application's flags nor its preloads, of which we are one.
      execArgv: [],
      env: {},
      stdin: false,
      stdout: true,
      stderr: true,
    });
    worker.unref();
    Atomics.wait(outcome, 0, PENDING, timeoutMs);
    return Atomics.load(outcome, 0) === SENT;
  } catch {
    return false;
  }
}
