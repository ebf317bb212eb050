import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Runbook } from '../../diagnosis/index.ts';

/** A runbook's path in this project's repository, and in its package. */
export function runbookPath(runbook: Runbook): string {
  return `collector/runbooks/${runbook}.md`;
}

const PACKAGE_FOLDER = fileURLToPath(new URL('../../..', import.meta.url));

/** A runbook's file as a reader can open it: the one that came with this package, seen from the working directory. */
export function runbookFile(runbook: Runbook): string {
  const file = join(PACKAGE_FOLDER, runbookPath(runbook));
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}
