import { writeSync } from 'node:fs';

const STDERR = 2;

/**
 * One line to the people who run the process. Written at once, so that it is not lost when the process ends,
 * nor in a worker thread, whose `process.stderr` needs the main thread.
 */
export function say(line: string): void {
  try {
    writeSync(STDERR, `opentelemetry-instrumentation-anthropic: ${line}\n`);
  } catch {
    // No one to tell it to.
  }
}
