import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One copy of a package. */
export interface Installed {
  /** By its own `package.json`. */
  readonly name: string;
  readonly version: string;
  /** What it is imported as: another name than its own where it was installed under an alias. */
  readonly folder: string;
  readonly path: string;
}

/** A tree of more packages than any application has is not read to its end. */
const MOST_PACKAGES = 20_000;
const MOST_AT_ONCE = 64;

/**
 * Every copy of the packages with these names in the `node_modules` that a program in `folder` can reach, those
 * of other packages included, each once. Nearest first.
 */
export async function findPackages(
  folder: string,
  wanted: ReadonlySet<string>,
): Promise<readonly Installed[]> {
  const found = new Map<string, Installed>();
  let budget = MOST_PACKAGES;
  let queue = ancestors(folder).map((parent) => join(parent, 'node_modules'));
  while (queue.length > 0) {
    const nested: string[] = [];
    for (const modules of queue) {
      const packages = (await packagesIn(modules)).slice(0, budget);
      budget -= packages.length;
      for (let at = 0; at < packages.length; at += MOST_AT_ONCE) {
        const batch = packages.slice(at, at + MOST_AT_ONCE);
        const read = await Promise.all(batch.map((name) => readPackage(join(modules, name), name)));
        for (const one of read) {
          if (one && wanted.has(one.name) && !found.has(one.path)) found.set(one.path, one);
        }
      }
      nested.push(...packages.map((name) => join(modules, name, 'node_modules')));
      nested.push(...(await pnpmStore(modules)));
    }
    queue = nested;
  }
  return [...found.values()];
}

function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

/** Names of the packages in one `node_modules`, with their scope. Links are resolved by reading. */
async function packagesIn(modules: string): Promise<readonly string[]> {
  const names = await folders(modules);
  const scoped = names.filter((name) => name.startsWith('@'));
  const inScopes = await Promise.all(
    scoped.map(async (scope) => (await folders(join(modules, scope))).map((name) => `${scope}/${name}`)),
  );
  return [...names.filter((name) => !name.startsWith('@') && !name.startsWith('.')), ...inScopes.flat()];
}

/** pnpm keeps each package's dependencies in a `node_modules` of its own in `.pnpm`. */
async function pnpmStore(modules: string): Promise<readonly string[]> {
  const store = join(modules, '.pnpm');
  return (await folders(store)).map((name) => join(store, name, 'node_modules'));
}

async function folders(path: string): Promise<readonly string[]> {
  try {
    const entries: readonly Dirent[] = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
  } catch {
    return [];
  }
}

async function readPackage(path: string, folder: string): Promise<Installed | undefined> {
  try {
    const text = await readFile(join(path, 'package.json'), 'utf8');
    const { name, version } = JSON.parse(text) as { readonly name?: unknown; readonly version?: unknown };
    if (typeof name !== 'string' || typeof version !== 'string') return undefined;
    return { name, version, folder, path: await realpath(path) };
  } catch {
    return undefined;
  }
}
