/** Wraps the methods of the SDK's client class, and puts them back. */
import type { Observer } from '../facts.ts';
import { guard } from '../guard.ts';
import { warn } from '../say.ts';
import { Call, callOf } from './call.ts';
import { activeContext } from './context-manager.ts';
import { CallContext, currentCall, runInCall } from './current-call.ts';
import { CLIENT_METHODS, TESTED_VERSIONS, type ClientMethod } from './patch-points.ts';
import { asPlainPromise, isThenable, tap } from './promises.ts';
import {
  dig,
  isObject,
  type APIPromiseLike,
  type Client,
  type Fetch,
  type FetchInit,
  type ResponseProps,
  type Transform,
} from './shapes.ts';
import { tellNoMore } from './uninstrumented.ts';

type Method = (this: Client, ...args: unknown[]) => unknown;
type Prototype = Record<string, unknown>;
type Wrap = (original: Method, isOn: () => boolean, observer: Observer) => Method;

/** Shared by every copy of this package, so that two of them never wrap one class twice. */
const PATCHED = Symbol.for('opentelemetry-instrumentation-anthropic.patched');

const WRAPPERS: Record<ClientMethod, Wrap> = {
  makeRequest: (original, isOn, observer) =>
    function (optionsInput, ...rest) {
      if (!isOn()) return original.call(this, optionsInput, ...rest);
      const current = guard('current call', currentCall);
      if (current?.isRetriedWith(optionsInput)) {
        guard('retry', () => current.retryBegins());
        return original.call(this, optionsInput, ...rest);
      }
      return makeCall(original, observer, this, optionsInput, rest);
    },

  request: (original) =>
    function (...args) {
      const promise = original.apply(this, args);
      guard('request', () => watchParse(promise));
      return promise;
    },

  requestAPIList: (original) =>
    function (...args) {
      const promise = original.apply(this, args);
      guard('list', () => watchParse(promise));
      return promise;
    },

  fetchWithTimeout: (original, isOn) =>
    function (...args) {
      const call = isOn() ? guard('current call', currentCall) : undefined;
      return call ? watchFetch(call, this, original, args) : original.apply(this, args);
    },

  retryRequest: (original, isOn) =>
    function (...args) {
      if (isOn()) guard('retry', () => currentCall()?.retryDecided());
      return original.apply(this, args);
    },
};

/**
 * Makes the call by `original`, recorded from when its options are there: the SDK waits for the same promise, and
 * hears of it right after.
 */
function makeCall(
  original: Method,
  observer: Observer,
  client: Client,
  optionsInput: unknown,
  rest: readonly unknown[],
): unknown {
  const callContext = new CallContext(activeContext());
  const start = (options: unknown): void => {
    guard('call start', () => startCall(callContext, observer, client, options));
  };
  let input = optionsInput;
  if (isThenable(optionsInput)) {
    const promise = asPlainPromise(optionsInput);
    void promise.then(start, () => {});
    input = promise;
  } else {
    start(input);
  }
  try {
    return tap(
      'call',
      runInCall(callContext, () => original.call(client, input, ...rest)),
      (props) => callContext.call?.responded(props as ResponseProps),
      (error) => callContext.call?.failed(error),
    );
  } catch (error) {
    guard('call failure', () => callContext.call?.failed(error));
    throw error;
  }
}

function startCall(callContext: CallContext, observer: Observer, client: Client, options: unknown): void {
  if (!isObject(options)) return;
  const call = Call.start(observer, client, options);
  if (call) callContext.begin(call, call.observer.context);
}

/**
 * Runs the SDK's `fetchWithTimeout` with the client's `fetch` watched. The SDK takes `fetch` from the client
 * before its first `await`, so the client has its own `fetch` back before anyone else can look. A client that
 * cannot be written to is watched from outside: then a middleware's further attempts are not told apart.
 */
function watchFetch(call: Call, client: Client, original: Method, args: unknown[]): unknown {
  const own = client.fetch;
  const watched: Fetch = (url, init) =>
    call.attempt(url, init?.method, (added) =>
      own?.call(undefined, url, added ? withHeaders(init, added) : init),
    );
  const giveBack = typeof own === 'function' ? swapFetch(client, watched) : undefined;
  if (!giveBack) {
    const [url, init] = args as [unknown, { method?: unknown } | undefined];
    return call.attempt(url, init?.method, () => original.apply(client, args));
  }
  try {
    return original.apply(client, args);
  } finally {
    if (client.fetch === watched) giveBack();
  }
}

/** A copy of `init` with more headers: what the SDK passed is not written to. */
function withHeaders(init: FetchInit | undefined, added: Readonly<Record<string, string>>): FetchInit {
  const { headers } = init ?? {};
  if (!(headers instanceof Headers))
    return { ...init, headers: { ...(headers as object | undefined), ...added } };
  const copy = new Headers(headers);
  for (const [name, value] of Object.entries(added)) copy.set(name, value);
  return { ...init, headers: copy };
}

/**
 * Gives `client` another `fetch`, and what gives it its own back. `undefined` where that cannot be: a client that is
 * frozen, or a Proxy that shows something else than what it was given.
 */
function swapFetch(client: Client, fetch: Fetch): (() => void) | undefined {
  try {
    const own = Object.getOwnPropertyDescriptor(client, 'fetch');
    if (own === undefined) return undefined;
    const giveBack = own.writable
      ? (): void => {
          client.fetch = own.value as Fetch;
        }
      : (): void => {
          Object.defineProperty(client, 'fetch', own);
        };
    client.fetch = fetch;
    if (client.fetch === fetch) return giveBack;
    giveBack();
    return undefined;
  } catch {
    return undefined;
  }
}

/**
 * Promises from which the SDK has derived another, by `_thenUnwrap`: the application gets what the transform makes of
 * this one's data. Kept here, as are the next, since the application sees a promise's properties.
 */
const unwrappedPromises = new WeakSet<object>();

/** Promises whose parse is watched: by themselves, or by the one that they were derived from. */
const watchedPromises = new WeakSet<object>();

/**
 * Watches what the SDK makes of the response, when the application asks for it, and not before. `isHelpers`: a helper of
 * the SDK made the promise, and reads the answer.
 */
function watchParse(promise: unknown, isHelpers = false): void {
  if (!isObject(promise) || typeof promise['parseResponse'] !== 'function') return;
  const apiPromise = promise as unknown as APIPromiseLike;
  if (watchedPromises.has(promise)) return;
  watchedPromises.add(promise);
  const parse = apiPromise.parseResponse;
  watchPromiseClass(apiPromise);
  // Named first: a function that is written right into a property is old at once for V8, and keeps what it closes over,
  // which is the request and the answer, until all garbage is collected.
  const watchedParse: APIPromiseLike['parseResponse'] = function (this: unknown, ...args) {
    const props = args.at(-1) as ResponseProps | undefined;
    const call = callOf(props);
    if (!call || !props) return parse.apply(this, args);
    guard('parse', () => call.parsing(isHelpers));
    return tap(
      'parse',
      parse.apply(this, args),
      (data) => {
        // Of a file of JSON lines, as a batch's results are, it gets what the transform makes of the response later.
        if (!(props.options.__binaryResponse && unwrappedPromises.has(promise))) call.parsed(data, props);
      },
      (error) => call.parseFailed(error),
    );
  };
  apiPromise.parseResponse = watchedParse;
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
    unwrappedPromises.add(this);
    const derived = thenUnwrap.call(this, watchTransform(transform));
    if (isObject(derived)) watchedPromises.add(derived);
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
    if (!watchedPromises.has(this)) guard('parse', () => watchParse(this, true));
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

/** The prototype that owns the client's methods: of a class, of a client, or of what a module exports. */
export function findClientPrototype(target: unknown): object | undefined {
  // The CommonJS build's module is a function that calls the class.
  const members = ['BaseAnthropic', 'Anthropic', 'default', 'APIClient'];
  const candidates = [target, ...members.map((name) => dig(target, [name]))];
  for (const candidate of candidates) {
    let prototype: unknown = typeof candidate === 'function' ? candidate.prototype : candidate;
    while (isObject(prototype)) {
      if (Object.hasOwn(prototype, 'makeRequest')) return prototype;
      prototype = Object.getPrototypeOf(prototype);
    }
  }
  return undefined;
}

/** Whether the client class with this prototype is patched, by whichever copy of this package. */
export function isPatched(prototype: object): boolean {
  return Object.hasOwn(prototype, PATCHED);
}

/** A client class that was patched. */
export interface Patch {
  /** Puts back what no one else has wrapped since; what someone has passes through. */
  undo(): void;
}

/**
 * Wraps the methods of the client class with this prototype. Gives `undefined`, and leaves the class alone,
 * where it is patched already or its shape does not fit; the latter is said once, with `what` and the method.
 */
export function patchClient(prototype: object, observer: Observer, what: string): Patch | undefined {
  const methods = prototype as Prototype;
  if (isPatched(prototype)) return undefined;
  const misfit = (Object.keys(CLIENT_METHODS) as ClientMethod[]).find((name) => !fits(methods, name));
  if (misfit !== undefined) {
    warn(
      `${what} is not instrumented: its client's method "${misfit}" is not as expected. ` +
        `Tested with versions ${TESTED_VERSIONS.join(', ')}.`,
    );
    tellNoMore();
    return undefined;
  }
  let on = true;
  const isOn = (): boolean => on;
  const undos: (() => void)[] = [];
  for (const name of Object.keys(CLIENT_METHODS) as ClientMethod[]) {
    const original = methods[name] as Method;
    const wrapper = WRAPPERS[name](original, isOn, observer);
    Object.defineProperty(wrapper, 'name', { value: name, configurable: true });
    Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
    methods[name] = wrapper;
    undos.push(() => {
      if (methods[name] === wrapper) methods[name] = original;
    });
  }
  Object.defineProperty(methods, PATCHED, { value: true, configurable: true });
  return {
    undo() {
      on = false;
      for (const undo of undos) undo();
      delete (methods as Record<symbol, unknown>)[PATCHED];
    },
  };
}

function fits(methods: Prototype, name: ClientMethod): boolean {
  const method = methods[name];
  if (typeof method !== 'function') return false;
  // What another instrumentation has wrapped may name no parameters.
  return method.length === 0 || method.length >= CLIENT_METHODS[name];
}
