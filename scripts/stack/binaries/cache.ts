import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CACHE } from '../paths.ts';
import { exclusively, isRunning } from './exclusively.ts';
import { isExecutable, say } from './shell.ts';

/**
 * The program `name`, built by `build` unless the cache holds one that was built from the same `inputs` (files). Of
 * several that want it at the same time, one builds it.
 *
 * @param build - gets an empty folder and leaves the program in it, under `name`.
 */
export function cached(name: string, inputs: readonly string[], build: (folder: string) => void): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(readFileSync(input)).update('\0');
  const home = join(CACHE, `${name}-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 16)}`);
  const program = join(home, name);
  if (isExecutable(program)) return program;

  return exclusively(name, `builds ${name}`, () => {
    if (isExecutable(program)) return program;
    say(`Building ${name} once, for minutes, into ${home}`);
    const prefix = `building-${name}-${hostname()}-`;
    for (const left of readdirSync(CACHE).filter((entry) => entry.startsWith(prefix))) {
      const builder = left.slice(prefix.length);
      // What is no number is the end of a longer host's name: the process is not of this host.
      if (/^\d+$/.test(builder) && !isRunning(Number(builder))) {
        rmSync(join(CACHE, left), { recursive: true, force: true });
      }
    }
    const work = join(CACHE, `${prefix}${process.pid}`);
    mkdirSync(work);
    try {
      build(work);
      mkdirSync(home, { recursive: true });
      renameSync(join(work, name), program);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    return program;
  });
}
