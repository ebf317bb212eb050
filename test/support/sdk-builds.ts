import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as AnthropicModule from '@anthropic-ai/sdk';
import { NEWEST_SDK, sdkFolder, SDKS, type SdkVersion } from './sdks.ts';

/** The SDK's module. Its types are those of the newest version: what an older one lacks, the tests ask `has`. */
export type Sdk = typeof AnthropicModule;
export type Anthropic = InstanceType<Sdk['default']>;
export type ClientOptions = NonNullable<ConstructorParameters<Sdk['default']>[0]>;
export type Build = 'esm' | 'cjs';

/** What a version of the SDK has, as far as tests have to tell. */
export interface Era {
  /** Messages' `parse`, and the tool runner of the beta. */
  readonly parse: boolean;
  readonly betaFiles: boolean;
  /** Files outside the beta. */
  readonly files: boolean;
  /** The beta's agents, and what they work with: sessions, environments, memory stores. */
  readonly agents: boolean;
  readonly middleware: boolean;
  /** The beta's message threads. */
  readonly threads: boolean;
  readonly nativeSpans: boolean;
  /** `fetch` is `node-fetch`, of which neither stream nor error is undici's. */
  readonly nodeFetch: boolean;
}

export interface SdkBuild {
  readonly version: SdkVersion;
  readonly build: Build;
  readonly has: Era;
}

function eraOf(version: SdkVersion): Era {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const since = (first: number): boolean => major > 0 || minor >= first;
  return {
    parse: since(91),
    betaFiles: since(60),
    files: since(133),
    agents: since(133),
    middleware: since(101),
    threads: major > 0,
    nativeSpans: since(134),
    nodeFetch: !since(50),
  };
}

/** Every build that the behaviour suite has to pass with. */
export const SDK_BUILDS: readonly SdkBuild[] = SDKS.flatMap(({ version }) =>
  (['esm', 'cjs'] as const).map((build) => ({ version, build, has: eraOf(version) })),
);

/** The newest version's ES modules. */
export const NEWEST: SdkBuild = { version: NEWEST_SDK, build: 'esm', has: eraOf(NEWEST_SDK) };

/** Loads the module of a build into this process. */
export async function loadSdk({ version, build }: Pick<SdkBuild, 'version' | 'build'>): Promise<Sdk> {
  const folder = join(sdkFolder(version), 'node_modules', '@anthropic-ai', 'sdk');
  if (build === 'cjs') return createRequire(import.meta.url)(join(folder, 'index.js')) as Sdk;
  return (await import(pathToFileURL(join(folder, 'index.mjs')).href)) as Sdk;
}
