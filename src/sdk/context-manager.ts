/** The application's context manager: what it fails to do is done without it. */
import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { guard } from '../guard.ts';

/** The active context, or none where the application's context manager fails. */
export function activeContext(): Context {
  return guard('active context', () => context.active()) ?? ROOT_CONTEXT;
}

/**
 * Runs `run` exactly once with `next` as the active context, whatever the application's context manager does,
 * and gives back what it returns or throws.
 */
export function runIn<T>(next: Context, run: () => T): T {
  let result: { readonly value: T } | { readonly error: unknown } | undefined;
  const once = () => {
    try {
      result ??= { value: run() };
    } catch (error) {
      result = { error };
    }
  };
  try {
    context.with(next, once);
  } catch {
    // The context manager belongs to the application.
  }
  if (!result) once();
  const settled = result as unknown as { readonly value: T } | { readonly error: unknown };
  if ('error' in settled) throw settled.error;
  return settled.value;
}
