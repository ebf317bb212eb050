/** Watches what the SDK makes of a response, on the promises that it gives the application. */
import { guard } from '../guard.ts';
import { hiddenProperty } from '../hidden-property.ts';
import { callOf } from './call.ts';
import { tap } from './promises.ts';
import { isObject, type APIPromiseLike, type ResponseProps, type Transform } from './shapes.ts';

/**
 * Of a promise from which the SDK has derived another, by `_thenUnwrap`: the application gets what the transform makes of
 * this one's data.
 */
const unwrapped = hiddenProperty<true>();

/** Of a promise whose parse is watched: by itself, or by the one that it was derived from. */
const watched = hiddenProperty<true>();

/**
 * Watches what the SDK makes of the response, when the application asks for it, and not before. `byHelper`: a helper of
 * the SDK made the promise, and reads the answer.
 */
export function watchParse(promise: unknown, byHelper = false): void {
  if (!isApiPromise(promise) || watched.get(promise)) return;
  watched.set(promise, true);
  const parse = promise.parseResponse;
  watchPromiseClass(promise);
  // Named first: a function that is written right into a property is old at once for V8, and keeps what it closes over,
  // which is the request and the answer, until all garbage is collected.
  const watchedParse: APIPromiseLike['parseResponse'] = function (this: unknown, ...args) {
    const props = args.at(-1) as ResponseProps | undefined;
    const call = callOf(props);
    if (!call || !props) return parse.apply(this, args);
    guard('parse', () => call.parsing(byHelper));
    return tap(
      'parse',
      parse.apply(this, args),
      (data) => {
        // Of a file of JSON lines, as a batch's results are, it gets what the transform makes of the response later.
        if (!(props.options.__binaryResponse && unwrapped.get(promise))) call.parsed(data, props);
      },
      (error) => call.parseFailed(error),
    );
  };
  promise.parseResponse = watchedParse;
}

function isApiPromise(value: unknown): value is APIPromiseLike {
  return isObject(value) && typeof value['parseResponse'] === 'function';
}

const watchedPromiseClasses = new WeakSet<object>();

/** The SDK's promise class is exported by no module in every era: it is found at its first instance. */
function watchPromiseClass(promise: APIPromiseLike): void {
  let prototype = Object.getPrototypeOf(promise) as APIPromiseLike | null;
  while (prototype && !Object.hasOwn(prototype, 'asResponse')) {
    prototype = Object.getPrototypeOf(prototype) as APIPromiseLike | null;
  }
  if (!prototype || watchedPromiseClasses.has(prototype)) return;
  watchedPromiseClasses.add(prototype);
  const originalAsResponse = prototype.asResponse;
  prototype.asResponse = function asResponse(this: APIPromiseLike) {
    // Whoever asks for the data too before the response is there gets it parsed. A rejection is the returned promise's
    // to report.
    const handOver = (props: ResponseProps): void => {
      if (this.parsedPromise === undefined) callOf(props)?.handedOver();
    };
    if (this.parsedPromise === undefined) void this.responsePromise.then(handOver).catch(() => {});
    return originalAsResponse.call(this);
  };
  watchHelpersPromises(prototype);
  const thenUnwrap = prototype._thenUnwrap;
  if (typeof thenUnwrap !== 'function') return;
  prototype._thenUnwrap = function _thenUnwrap(this: APIPromiseLike, transform) {
    guard('unwrap', () => watchParse(this, true));
    unwrapped.set(this, true);
    const derived = thenUnwrap.call(this, watchTransform(transform));
    if (isObject(derived)) watched.set(derived, true);
    return derived;
  };
}

/**
 * A helper of the SDK may make a promise of its own on a request's response, which is then the one that is parsed: so
 * does a thread, of whose stream `request` never hears.
 */
function watchHelpersPromises(prototype: APIPromiseLike): void {
  const originalParse = prototype.parse;
  if (typeof originalParse !== 'function') return;
  prototype.parse = function parse(this: APIPromiseLike) {
    if (!watched.get(this)) guard('parse', () => watchParse(this, true));
    return originalParse.call(this);
  };
}

/** The call of a file of JSON lines ends as the stream does that `transform` makes of the response. */
function watchTransform(transform: Transform): Transform {
  return (...args) => {
    const [, props] = args;
    // Older versions give the data alone.
    const call = props?.options?.__binaryResponse ? callOf(props) : undefined;
    if (!props || !call) return transform(...args);
    let made: unknown;
    try {
      made = transform(...args);
    } catch (error) {
      guard('parse failure', () => call.parseFailed(error));
      throw error;
    }
    guard('parsed', () => call.parsed(made, props));
    return made;
  };
}
