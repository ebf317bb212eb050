/** One line on stderr for the people who run the process. Never with a value that may be a secret. */
import { writeSync } from 'node:fs';
import { PACKAGE_NAME } from './version.ts';

/** By way of `process.stderr`, where the application sees it as it sees its own lines. */
export function warn(line: string): void {
  try {
    process.stderr.write(`${PACKAGE_NAME}: ${line}\n`);
  } catch {
    // A closed stderr is no reason to fail.
  }
}

const STDERR = 2;

const said = new Set<string>();

/**
 * As {@link warn}, the same line once. Written past `process.stderr`, so that it is not lost when the process ends, nor
 * in a worker thread, whose `process.stderr` needs the main thread.
 */
export function say(line: string): void {
  if (said.has(line)) return;
  said.add(line);
  try {
    writeSync(STDERR, `${PACKAGE_NAME}: ${line}\n`);
  } catch {
    // No one to tell it to.
  }
}

/** What may be said of a problem: its code or its class, never its message, which may hold a secret. */
export function nameOf(problem: unknown): string {
  const { code, name } = (problem ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : typeof problem;
}
