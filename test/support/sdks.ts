import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One version of the SDK that the behaviour tests run against. */
export interface SdkFixture {
  readonly version: string;
  /** Folder of the package in `node_modules`. */
  readonly alias: string;
  /** Packages of other platforms that are tested with this version. */
  readonly platforms: readonly string[];
}

/** The version that a test means which is about the SDK as it is now. Clients of other platforms are tested with it. */
export const NEWEST_SDK = '1.14.0';

/** The SDK versions of the behaviour tests, oldest first. */
export const SDKS = [
  { version: '0.39.0', alias: 'sdk-0.39', platforms: [] },
  { version: '0.60.0', alias: 'sdk-0.60', platforms: [] },
  { version: '0.91.1', alias: 'sdk-0.91', platforms: [] },
  { version: '0.133.0', alias: 'sdk-0.133', platforms: [] },
  { version: '0.134.0', alias: 'sdk-0.134', platforms: [] },
  { version: '1.12.0', alias: 'sdk-1.12', platforms: [] },
  {
    version: NEWEST_SDK,
    alias: '@anthropic-ai/sdk',
    platforms: ['@anthropic-ai/bedrock-sdk', '@anthropic-ai/vertex-sdk', '@anthropic-ai/foundry-sdk'],
  },
] as const satisfies readonly SdkFixture[];

export type SdkVersion = (typeof SDKS)[number]['version'];

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../.sdk', import.meta.url));

/** Written last into a fixture's folder: what it was made from. */
const MARKER = '.made-from.json';
const NOT_LOADED = /\.([mc]?ts|map|md)$/;

/** The folder in which `import '@anthropic-ai/sdk'` gives this version of the SDK. */
export function sdkFolder(version: SdkVersion): string {
  return join(FIXTURES, version);
}

/**
 * Makes the folders of all SDK fixtures, unless they are there. Loader hooks match a package by its
 * folder's name, so the aliased packages are copied to `<folder>/node_modules/@anthropic-ai/sdk`.
 * Workers may call it at the same time.
 */
export async function prepareSdkFixtures(): Promise<void> {
  await Promise.all(SDKS.map((fixture) => prepareSdkFixture(fixture)));
}

/** Makes one fixture's folder, unless it is there. */
export async function prepareSdkFixture(fixture: SdkFixture): Promise<void> {
  const target = join(FIXTURES, fixture.version);
  const made = await madeFrom(fixture);
  if ((await readOrEmpty(join(target, MARKER))) === made) return;
  const scratch = join(FIXTURES, `.new-${randomUUID()}`);
  await copyPackage(fixture.alias, join(scratch, 'node_modules', '@anthropic-ai', 'sdk'));
  for (const platform of fixture.platforms) {
    await copyPackage(platform, join(scratch, 'node_modules', platform));
  }
  await writeFile(join(scratch, MARKER), made);
  await replaceFolder(scratch, target, made);
}

/** The packages of a fixture with their installed versions, as text. */
async function madeFrom(fixture: SdkFixture): Promise<string> {
  const entries = await Promise.all(
    [fixture.alias, ...fixture.platforms].map(async (name) => {
      const text = await readFile(join(MODULES, name, 'package.json'), 'utf8');
      return [name, (JSON.parse(text) as { version: string }).version];
    }),
  );
  return JSON.stringify(Object.fromEntries(entries));
}

/** Copies what a program loads: no types, sources or source maps. */
async function copyPackage(name: string, target: string): Promise<void> {
  const source = join(MODULES, name);
  const sources = join(source, 'src') + sep;
  await mkdir(target, { recursive: true });
  await cp(source, target, {
    recursive: true,
    filter: (path) => !`${path}${sep}`.startsWith(sources) && !NOT_LOADED.test(path),
  });
}

/** Puts the finished `scratch` in the place of `target`; of several workers that do so one wins. */
async function replaceFolder(scratch: string, target: string, made: string): Promise<void> {
  try {
    await rename(scratch, target);
  } catch {
    if ((await readOrEmpty(join(target, MARKER))) === made) {
      await rm(scratch, { recursive: true });
      return;
    }
    await rm(target, { recursive: true, force: true });
    await rename(scratch, target);
  }
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

export default prepareSdkFixtures;
