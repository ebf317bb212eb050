/** The application's context manager: what it fails to do is done without it. */
import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { guard } from '../guard.ts';

/** The active context, or none where the application's context manager fails. */
export function activeContext(): Context {
  return guard('active context', () => context.active()) ?? ROOT_CONTEXT;
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Runs `run` exactly once with `next` as the active context, whatever the application's context manager does,
 * and gives back what it returns or throws.
 */
export function runIn<T>(next: Context, run: () => T): T {
  let result: Settled<T> | undefined;
  const once = (): Settled<T> => (result ??= settle(run));
  try {
    context.with(next, once);
  } catch {
    // The context manager belongs to the application.
  }
  const settled = once();
  if ('error' in settled) throw settled.error;
  return settled.value;
}

function settle<T>(run: () => T): Settled<T> {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}
