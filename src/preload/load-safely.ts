import { createRequire } from 'node:module';
import type * as start from './start.ts';
import { isBundled, UNBUNDLE } from '../bundled.ts';
import { nameOf, say } from '../say.ts';

/**
 * Loads and starts the preload. What cannot be loaded or started is told in one line, and the application runs
 * without it. Synchronously, so that the application's first import comes after; a static import would stop the
 * application where it fails, and so does an `await` at the top level where the preload is required.
 */
export function loadSafely(): void {
  if (isInBundle()) return;
  try {
    const { startPreload } = createRequire(import.meta.url)('./start.js') as typeof start;
    startPreload();
  } catch (problem) {
    sayFailed(problem);
  }
}

/** As {@link loadSafely}, where Node lets no ES module be required. */
export async function loadSafelyByImport(): Promise<void> {
  if (isInBundle()) return;
  try {
    const { startPreload } = await import('./start.ts');
    startPreload();
  } catch (problem) {
    sayFailed(problem);
  }
}

function isInBundle(): boolean {
  const isIt = isBundled(import.meta.url, 'preload/load-safely.js');
  if (isIt) say(`could not start, ${UNBUNDLE}, and preload it; the application runs without it`);
  return isIt;
}

function sayFailed(problem: unknown): void {
  say(`could not start (${nameOf(problem)}); the application runs without it`);
}
