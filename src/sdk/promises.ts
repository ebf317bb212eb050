import { failed } from '../guard.ts';

/**
 * The same result as `promise`, told to an observer before anyone else hears of it. The promise that comes
 * back is handled, or left unhandled, by the application alone, as the one that went in would have been.
 * What is no native promise is left as it is.
 */
export function tap<T>(
  step: string,
  promise: T,
  onValue: (value: Awaited<T>) => void,
  onError: (error: unknown) => void,
): T {
  if (!(promise instanceof Promise)) return promise;
  return Promise.prototype.then.call(
    promise,
    (value: Awaited<T>) => {
      try {
        onValue(value);
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

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
