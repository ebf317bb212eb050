import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../paths.ts';
import { isExecutable, say } from './shell.ts';

/**
 * The program `name`, built by `build` unless the cache holds one that was built from the same `inputs` (files).
 * Builds that run at the same time do not disturb each other: the first to end is kept.
 *
 * @param build - gets an empty folder and leaves the program in it, under `name`.
 */
export function cached(name: string, inputs: readonly string[], build: (folder: string) => void): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(readFileSync(input)).update('\0');
  const home = join(CACHE, `${name}-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 16)}`);
  const program = join(home, name);
  if (isExecutable(program)) return program;

  say(`Building ${name} once, for minutes, into ${home}`);
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, `building-${name}-`));
  try {
    build(work);
    mkdirSync(home, { recursive: true });
    renameSync(join(work, name), program);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return program;
}
