/** Carries the call through the SDK's own asynchronous steps, so that each attempt finds the call it belongs to. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { context, createContextKey, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { guard } from '../guard.ts';
import type { Call } from './call.ts';

const CALL_KEY = createContextKey('opentelemetry-instrumentation-anthropic call');

/**
 * The context that a call is made in. The SDK's `makeRequest` begins before the options are there, and with them
 * the call, so it is told later which one it is. It reads through to its parent instead of copying it.
 */
export class CallContext implements Context {
  #parent: Context;
  #call: Call | undefined;

  constructor(parent: Context, call?: Call) {
    this.#parent = parent;
    this.#call = call;
  }

  get call(): Call | undefined {
    return this.#call;
  }

  /** It is `call`'s, which wants to be made in `parent`. */
  begin(call: Call, parent: Context): void {
    this.#call = call;
    this.#parent = parent;
  }

  getValue(key: symbol): unknown {
    return key === CALL_KEY ? this.#call : this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new CallContext(this.#parent.setValue(key, value), this.#call);
  }

  deleteValue(key: symbol): Context {
    return new CallContext(this.#parent.deleteValue(key), this.#call);
  }
}

/** Serves where the application has registered no context manager. */
let ownStorage: AsyncLocalStorage<CallContext> | undefined;

/** The active context, or none where the application's context manager fails. */
export function activeContext(): Context {
  return guard('active context', () => context.active()) ?? ROOT_CONTEXT;
}

/** The call that the running code belongs to. */
export function currentCall(): Call | undefined {
  return (activeContext().getValue(CALL_KEY) as Call | undefined) ?? ownStorage?.getStore()?.call;
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

/** Runs `run` in the context of a call, with or without a context manager. */
export function runInCall<T>(next: CallContext, run: () => T): T {
  return runIn(next, () => {
    if (activeContext() === next) return run();
    return (ownStorage ??= new AsyncLocalStorage()).run(next, run);
  });
}
