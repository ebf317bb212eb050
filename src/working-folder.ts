import { realpathSync } from 'node:fs';

/**
 * Whether the folder that this process works in was removed, as releases are by those that follow them. No thread
 * starts then, and who waits for one waits for ever.
 */
export function isWorkingFolderGone(): boolean {
  try {
    // Node keeps what `process.cwd()` gave before.
    realpathSync.native('.');
    return false;
  } catch (problem) {
    return (problem as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  }
}
