import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { isBundled, UNBUNDLE } from '../bundled.ts';
import { nameOf, say } from '../say.ts';
import { isWorkingFolderGone } from '../working-folder.ts';
import { createHooks, type HookFactory } from './hooks.ts';
import type { ThreadData } from './thread.ts';

/** The copies of import-in-the-middle that are registered, by URL, whichever copy of this package did it. */
const REGISTERED = Symbol.for('opentelemetry-instrumentation-anthropic.loader-hook');

const CONSEQUENCE = 'an SDK that is loaded as an ES module is not instrumented';

/** In Node from 22.15 on, and not in the types of Node 20. */
type RegisterHooks = (hooks: { readonly resolve: unknown; readonly load: unknown }) => void;

/**
 * Makes Node's ESM loader hand the SDK's files to instrumentations. Must run before the SDK is imported;
 * runs once, however often it is called. CommonJS needs no hook. Where it cannot be, one line says so.
 */
export function registerLoaderHook(): void {
  if (isBundled(import.meta.url, 'loader/register.js')) {
    say(`the loader hook could not start, ${UNBUNDLE}; ${CONSEQUENCE}`);
    return;
  }
  try {
    register();
  } catch (problem) {
    say(`the loader hook could not start (${nameOf(problem)}): ${CONSEQUENCE}`);
  }
}

/**
 * The copy of import-in-the-middle must be the one that `@opentelemetry/instrumentation` listens to: with
 * another, nothing is patched.
 */
function register(): void {
  const fromHere = nodeModule.createRequire(import.meta.url);
  const fromInstrumentation = nodeModule.createRequire(fromHere.resolve('@opentelemetry/instrumentation'));
  const urlOf = (file: string): string =>
    pathToFileURL(fromInstrumentation.resolve(`import-in-the-middle/${file}`)).href;
  const hookUrl = urlOf('hook.mjs');
  const registered = registeredCopies();
  if (registered.has(hookUrl)) return;
  registered.add(hookUrl);
  const factory = loadFactory(fromInstrumentation);
  const { registerHooks } = nodeModule as { readonly registerHooks?: RegisterHooks };
  if (factory && registerHooks) {
    const { resolveSync, loadSync } = createHooks(factory, hookUrl);
    registerHooks({ resolve: resolveSync, load: loadSync });
    return;
  }
  if (isWorkingFolderGone()) {
    say(`the loader hook could not start, because the working directory was removed; ${CONSEQUENCE}`);
    return;
  }
  const data: ThreadData = { factoryUrl: urlOf('create-hook.mjs'), hookUrl };
  keepingOutput(() => nodeModule.register(new URL('./thread.js', import.meta.url), { data }));
}

/**
 * Runs a function that starts a thread. Node pipes what a thread prints into the process's own output, and listens for
 * errors of that: one that the application passes over, as of a pipe whose reader has left, would then end it.
 */
function keepingOutput(start: () => void): void {
  const outputs = [process.stdout, process.stderr];
  const before = outputs.map((output) => output.listeners('error'));
  start();
  for (const [index, output] of outputs.entries()) {
    for (const listener of output.listeners('error') as ((error: Error) => void)[]) {
      if (!before[index]?.includes(listener)) output.off('error', listener);
    }
  }
}

function registeredCopies(): Set<string> {
  const holder = globalThis as { [REGISTERED]?: Set<string> };
  return (holder[REGISTERED] ??= new Set());
}

/** `undefined` where this Node has no synchronous hooks, or none that import-in-the-middle can use. */
function loadFactory(load: NodeJS.Require): HookFactory | undefined {
  if (!process.features.require_module || !('registerHooks' in nodeModule)) return undefined;
  const factory = load('import-in-the-middle/create-hook.mjs') as HookFactory;
  return factory.supportsSyncHooks() ? factory : undefined;
}
