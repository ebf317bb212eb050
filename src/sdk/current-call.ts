/** Carries the call through the SDK's own asynchronous steps, so that each attempt finds the call it belongs to. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createContextKey, type Context } from '@opentelemetry/api';
import type { Call } from './call.ts';
import { activeContext, runIn } from './context-manager.ts';

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

/** The call that the running code belongs to. */
export function currentCall(): Call | undefined {
  return (activeContext().getValue(CALL_KEY) as Call | undefined) ?? ownStorage?.getStore()?.call;
}

/** Runs `run` in the context of a call, with or without a context manager. */
export function runInCall<T>(next: CallContext, run: () => T): T {
  return runIn(next, () => {
    if (activeContext() === next) return run();
    return (ownStorage ??= new AsyncLocalStorage()).run(next, run);
  });
}
