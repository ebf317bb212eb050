import { Worker } from 'node:worker_threads';
import { nameOf } from '../../say.ts';
import type { Letter } from './letter.ts';
import { withTrust } from './trust.ts';

/** What the thread is given. */
export interface PostOrder {
  readonly letters: readonly Letter[];
  readonly timeoutMs: number;
  /** Two numbers: the state, and the length of the reason. */
  readonly state: Int32Array<SharedArrayBuffer>;
  /** Why a letter is lost, in UTF-8. */
  readonly reason: Uint8Array<SharedArrayBuffer>;
}

const PENDING = 0;
export const DONE = 1;
/** Bytes of the longest reason. */
const REASON_SIZE = 64;
const TIMED_OUT = 'timeout';

/** Whether this process may have threads: Node's permission model can forbid them. */
export function canPostSynchronously(): boolean {
  const { permission } = process as { readonly permission?: { has(scope: string): boolean } };
  return permission?.has('worker') ?? true;
}

/** What Node reads of a thread's own environment when it connects. */
function tlsEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TLS_REJECT_UNAUTHORIZED } = process.env;
  return NODE_TLS_REJECT_UNAUTHORIZED === undefined ? {} : { NODE_TLS_REJECT_UNAUTHORIZED };
}

/**
 * Sends letters from a thread while this one stands still, for when the process ends and no event loop will
 * turn again. Never throws.
 *
 * @returns why a letter is lost: `timeout` where there was no answer in time; `undefined` where all arrived.
 */
export function postSynchronously(letters: readonly Letter[], timeoutMs: number): string | undefined {
  try {
    const order: PostOrder = {
      letters: withTrust(letters),
      timeoutMs,
      state: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
      reason: new Uint8Array(new SharedArrayBuffer(REASON_SIZE)),
    };
    const worker = new Worker(new URL('./post-thread.js', import.meta.url), {
      workerData: order,
      // Neither the application's flags nor its preloads, of which we are one.
      execArgv: [],
      env: tlsEnvironment(),
      stdout: true,
      stderr: true,
    });
    worker.unref();
    Atomics.wait(order.state, 0, PENDING, timeoutMs);
    if (Atomics.load(order.state, 0) !== DONE) {
      return TIMED_OUT;
    }
    const length = Atomics.load(order.state, 1);
    return length === 0 ? undefined : Buffer.from(order.reason.subarray(0, length)).toString();
  } catch (error) {
    return nameOf(error);
  }
}
