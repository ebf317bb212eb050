import { types } from 'node:util';
import { failed } from '../guard.ts';

/** What the promises of `async` functions inherit, whatever stands in the place of the global `Promise`. */
const NATIVE = Object.getPrototypeOf((async () => {})()) as Promise<unknown>;

/**
 * Whether `value` is a promise as Node makes them: no Proxy of one, which V8 refuses, and none with a `then` of its
 * own, without which a lazy one never begins. A global `Promise` that was replaced, as by zone.js, makes such too.
 */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  if (types.isPromise(value) && value.then === NATIVE.then) return true;
  return Promise.prototype !== NATIVE && value instanceof Promise && value.then === Promise.prototype.then;
}

/**
 * The same result as `promise`, told to an observer before anyone else hears of it. The promise that comes
 * back is handled, or left unhandled, by the application alone, as the one that went in would have been.
 * What is no plain promise is left as it is.
 */
export function tap<T>(
  step: string,
  promise: T,
  onValue: (value: Awaited<T>) => void,
  onError: (error: unknown) => void,
): T {
  if (!isPlainPromise(promise)) return promise;
  return promise.then(
    (value) => {
      try {
        onValue(value as Awaited<T>);
      } catch (problem) {
        failed(step, problem);
      }
      return value;
    },
    (error: unknown) => {
      try {
        onError(error);
      } catch (problem) {
        failed(step, problem);
      }
      throw error;
    },
  ) as T;
}

/** `thenable` itself where it is a plain promise; else one that follows it. */
export function asPlainPromise(thenable: PromiseLike<unknown>): Promise<unknown> {
  return isPlainPromise(thenable) ? thenable : new Promise((resolve) => resolve(thenable));
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
