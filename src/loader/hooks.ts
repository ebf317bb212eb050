import { PATCH_POINTS, SDK_PACKAGE } from '../sdk/patch-points.ts';

/** The URLs of the SDK's files that are patched, also as import-in-the-middle marks them, and of no others. */
const SDK_FILES = new RegExp(
  `/node_modules/${SDK_PACKAGE}/(?:${PATCH_POINTS.flatMap(({ files }) => files)
    .join('|')
    .replaceAll('.', '\\.')})(?:[?#]|$)`,
);

interface Resolved {
  readonly url: string;
}

type Next<R> = (what: string, context: unknown) => R;

/** One hook of Node's loader, in the synchronous form or in that of a loader thread. */
export type Hook<R> = (what: string, context: unknown, next: Next<R>) => R;

/** What is used of a hook that import-in-the-middle creates. */
export interface CreatedHook {
  readonly resolve: Hook<Promise<Resolved>>;
  readonly load: Hook<Promise<unknown>>;
  readonly resolveSync: Hook<Resolved>;
  readonly loadSync: Hook<unknown>;
}

/** import-in-the-middle's `create-hook.mjs`. */
export interface HookFactory {
  createHook(meta: { readonly url: string }): CreatedHook;
  supportsSyncHooks(): boolean;
}

/**
 * Creates the hooks, which import-in-the-middle sees the SDK's files of alone: of all else it changes some even
 * where it is told not to wrap it, such as the modules that `node -e` loads.
 *
 * @param url of import-in-the-middle's `hook.mjs`.
 */
export function createHooks(factory: HookFactory, url: string) {
  const hook = factory.createHook({ url });
  return {
    resolve: async (
      specifier: string,
      context: unknown,
      next: Next<Promise<Resolved>>,
    ): Promise<Resolved> => {
      const resolved = await next(specifier, context);
      return SDK_FILES.test(resolved.url) ? hook.resolve(specifier, context, next) : resolved;
    },
    load: (file: string, context: unknown, next: Next<Promise<unknown>>): Promise<unknown> =>
      SDK_FILES.test(file) ? hook.load(file, context, next) : next(file, context),
    resolveSync: (specifier: string, context: unknown, next: Next<Resolved>): Resolved => {
      const resolved = next(specifier, context);
      return SDK_FILES.test(resolved.url) ? hook.resolveSync(specifier, context, next) : resolved;
    },
    loadSync: (file: string, context: unknown, next: Next<unknown>): unknown =>
      SDK_FILES.test(file) ? hook.loadSync(file, context, next) : next(file, context),
  };
}
