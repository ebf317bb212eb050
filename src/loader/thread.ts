/** The loader hooks where Node runs them in a thread of their own. */
import { createHooks, type Hook, type HookFactory } from './hooks.ts';

/** What the thread is given: the URLs of import-in-the-middle's files. */
export interface ThreadData {
  readonly factoryUrl: string;
  readonly hookUrl: string;
}

let hooks: ReturnType<typeof createHooks> | undefined;

export async function initialize({ factoryUrl, hookUrl }: ThreadData): Promise<void> {
  hooks = createHooks((await import(factoryUrl)) as HookFactory, hookUrl);
}

export const resolve: Hook<Promise<{ readonly url: string }>> = (specifier, context, next) =>
  hooks ? hooks.resolve(specifier, context, next) : next(specifier, context);

export const load: Hook<Promise<unknown>> = (url, context, next) =>
  hooks ? hooks.load(url, context, next) : next(url, context);
