import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { PATCH_POINTS, SDK_PACKAGE } from './sdk/patch-points.ts';

/** The URLs of the SDK's files that are patched, and of no others: to wrap more breaks applications. */
const SDK_FILES = new RegExp(
  `/node_modules/${SDK_PACKAGE}/(?:${PATCH_POINTS.flatMap(({ files }) => files)
    .join('|')
    .replaceAll('.', '\\.')})$`,
);

/** The copies of import-in-the-middle that are registered, by path, whichever copy of this package did it. */
const REGISTERED = Symbol.for('opentelemetry-instrumentation-anthropic.loader-hook');

interface SynchronousHooks {
  readonly supportsSyncHooks: () => boolean;
  readonly register: (options: { readonly include: readonly RegExp[] }) => void;
}

/**
 * Makes Node's ESM loader hand the SDK's files to instrumentations. Must run before the SDK is imported;
 * runs once, however often it is called. CommonJS needs no hook.
 *
 * The copy of import-in-the-middle must be the one that `@opentelemetry/instrumentation` listens to: with
 * another, nothing is patched.
 *
 * @throws where that copy cannot be found.
 */
export function registerLoaderHook(): void {
  const fromHere = createRequire(import.meta.url);
  const fromInstrumentation = createRequire(fromHere.resolve('@opentelemetry/instrumentation'));
  const hooks = fromInstrumentation.resolve('import-in-the-middle/hook.mjs');
  const registered = registeredCopies();
  if (registered.has(hooks)) {
    return;
  }
  registered.add(hooks);
  const include = [SDK_FILES];
  const synchronous = loadSynchronousHooks(fromInstrumentation);
  if (synchronous) {
    synchronous.register({ include });
  } else {
    register(pathToFileURL(hooks).href, { data: { include } });
  }
}

function registeredCopies(): Set<string> {
  const holder = globalThis as { [REGISTERED]?: Set<string> };
  return (holder[REGISTERED] ??= new Set());
}

/** `undefined` where Node, or this import-in-the-middle, has asynchronous hooks alone. */
function loadSynchronousHooks(load: NodeJS.Require): SynchronousHooks | undefined {
  if (!process.features.require_module) {
    return undefined;
  }
  try {
    const hooks = load('import-in-the-middle/register-hooks.mjs') as SynchronousHooks;
    return hooks.supportsSyncHooks() ? hooks : undefined;
  } catch {
    return undefined;
  }
}
