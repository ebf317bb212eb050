import { createRequire } from 'node:module';
import type * as start from './start.ts';
import { nameOf, say } from '../say.ts';

/**
 * Loads and starts the preload. What cannot be loaded or started is told in one line, and the application runs
 * without it. Synchronously, so that the application's first import comes after; a static import would stop the
 * application where it fails, and so does an `await` at the top level where the preload is required.
 */
export function loadSafely(): void {
  try {
    const { startPreload } = createRequire(import.meta.url)('./start.js') as typeof start;
    startPreload();
  } catch (problem) {
    say(`could not start (${nameOf(problem)}); the application runs without it`);
  }
}
