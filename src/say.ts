import { writeSync } from 'node:fs';

const STDERR = 2;

const said = new Set<string>();

/**
 * One line to the people who run the process, the same line once. Written at once, so that it is not lost when
 * the process ends, nor in a worker thread, whose `process.stderr` needs the main thread.
 */
export function say(line: string): void {
  if (said.has(line)) {
    return;
  }
  said.add(line);
  try {
    writeSync(STDERR, `opentelemetry-instrumentation-anthropic: ${line}\n`);
  } catch {
    // No one to tell it to.
  }
}

/** What may be said of a problem: its code or its class, never its message, which may hold a secret. */
export function nameOf(problem: unknown): string {
  const { code, name } = (problem ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : typeof problem;
}
