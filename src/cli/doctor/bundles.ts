import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Where bundlers put what they make for the server. */
const OUTPUTS = [
  'dist',
  'build',
  'out',
  'lib',
  '.next/server',
  '.next/standalone',
  '.output/server',
  '.svelte-kit/output/server',
];
const SCRIPT = /\.[cm]?js$/;

const MOST_FILES = 400;
const LARGEST_FILE = 16 * 1024 * 1024;
const MOST_SHOWN = 3;

/**
 * What the SDK's source says in each of its versions, and what minifiers leave. Spelled so that this file is not
 * found.
 */
const MARKS = [/x-stainless-package-[v]ersion/i, /anthropic-[v]ersion/i] as const;

/** Files of the folder's bundler output that hold the SDK's code: the first few, relative to `folder`. */
export async function findBundledSdk(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  let budget = MOST_FILES;
  const queue = OUTPUTS.map((output) => join(folder, output));
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const entry of await entries(path)) {
      const child = join(path, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules') queue.push(child);
      if (!entry.isFile() || !SCRIPT.test(entry.name)) continue;
      budget -= 1;
      if (await holdsSdk(child)) found.push(relative(folder, child));
      if (budget <= 0 || found.length >= MOST_SHOWN) return found;
    }
  }
  return found;
}

async function entries(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function holdsSdk(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).size > LARGEST_FILE) return false;
    const text = await readFile(path, 'utf8');
    return MARKS.every((mark) => mark.test(text));
  } catch {
    return false;
  }
}
