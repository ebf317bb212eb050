import { Worker } from 'node:worker_threads';
import { nameOf } from '../../say.ts';
import { isWorkingFolderGone } from '../../working-folder.ts';
import type { Letter } from './letter.ts';
import { withTrust } from './trust.ts';

/** What the thread is given. */
export interface PostOrder {
  readonly letters: readonly Letter[];
  readonly timeoutMs: number;
  /** Three numbers: the state, the length of the reason, and which letter is lost. */
  readonly state: Int32Array<SharedArrayBuffer>;
  /** Why a letter is lost, in UTF-8. */
  readonly reason: Uint8Array<SharedArrayBuffer>;
}

const PENDING = 0;
export const DONE = 1;
/** Bytes of the longest reason. */
const REASON_SIZE = 64;
export const TIMED_OUT = 'timeout';
export const WORKING_FOLDER_GONE = 'the working directory was removed';

/** A letter that is lost, and why: {@link TIMED_OUT} where there was no answer in time. */
export interface Loss {
  readonly letter: Letter;
  readonly reason: string;
}

/** Whether this process may have threads, which Node's permission model can forbid, and can start one. */
export function canPostSynchronously(): boolean {
  const { permission } = process as { readonly permission?: { has(scope: string): boolean } };
  return (permission?.has('worker') ?? true) && !isWorkingFolderGone();
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
 * @returns the first loss; `undefined` where all arrived.
 */
export function postSynchronously(letters: readonly Letter[], timeoutMs: number): Loss | undefined {
  const [first] = letters;
  if (!first) return undefined;
  if (isWorkingFolderGone()) return { letter: first, reason: WORKING_FOLDER_GONE };
  try {
    const order: PostOrder = {
      letters: withTrust(letters),
      timeoutMs,
      state: new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)),
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
    if (Atomics.load(order.state, 0) !== DONE) return { letter: first, reason: TIMED_OUT };
    const [, length = 0, index = 0] = order.state;
    const reason = Buffer.from(order.reason.subarray(0, length)).toString();
    return length === 0 ? undefined : { letter: letters[index] ?? first, reason };
  } catch (error) {
    return { letter: first, reason: nameOf(error) };
  }
}
