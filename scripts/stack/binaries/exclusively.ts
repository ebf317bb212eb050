import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CACHE } from '../paths.ts';
import { say } from './shell.ts';

/**
 * Runs `task` while no other process of this host does what has the same `name`; waits for one that does, and says so.
 * A process that died while it held the lock is no longer waited for.
 *
 * Two at once remain possible where hosts share the cache, or where two waiters find one dead holder: a task must
 * survive that.
 *
 * @param what - what the other one does, as in "builds jaeger".
 */
export function exclusively<Result>(name: string, what: string, task: () => Result): Result {
  mkdirSync(CACHE, { recursive: true });
  // A symbolic link to nowhere: made at once with what it says, so that no one ever reads half of it.
  const lock = join(CACHE, `${name}.lock`);
  const isMine = acquire(lock, what);
  try {
    return task();
  } finally {
    if (isMine) rmSync(lock, { force: true });
  }
}

/** Whether the lock is now ours; `false` where another host has it, whose processes cannot be seen from here. */
function acquire(lock: string, what: string): boolean {
  let hasSaid = false;
  for (;;) {
    try {
      symlinkSync(`${process.pid}@${hostname()}`, lock);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readHolder(lock);
    if (holder === undefined) continue;
    if (holder.host !== hostname()) return false;
    if (!isRunning(holder.pid)) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!hasSaid) say(`Waiting for process ${holder.pid}, which ${what} (${lock})`);
    hasSaid = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

/** `undefined` where the lock has just been released. */
function readHolder(lock: string): { pid: number; host: string } | undefined {
  try {
    const [pid = '', host = ''] = readlinkSync(lock).split('@');
    return { pid: Number(pid), host };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Whether another process of this number runs. Our own number, left by a process before us, says nothing: in a
 * container the numbers are the same at each start.
 */
export function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
