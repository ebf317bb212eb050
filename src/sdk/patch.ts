/** Wraps the methods of the SDK's client class, and puts them back. */
import type { Observer } from '../facts.ts';
import { guard } from '../guard.ts';
import { warn } from '../say.ts';
import { watchParse } from './answer-promise.ts';
import { Call } from './call.ts';
import { watchFetch } from './client-fetch.ts';
import { activeContext } from './context-manager.ts';
import { CallContext, currentCall, runInCall } from './current-call.ts';
import { CLIENT_METHODS, TESTED_VERSIONS, type ClientMethod } from './patch-points.ts';
import { asPlainPromise, isThenable, tap } from './promises.ts';
import { dig, isObject, type Client, type ResponseProps } from './shapes.ts';
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

  requestAPIList: (original, isOn) =>
    function (...args) {
      if (isOn()) guard('list options', () => hideSpan(args[1]));
      const promise = original.apply(this, args);
      guard('list', () => watchParse(promise));
      return promise;
    },

  fetchWithTimeout: (original, isOn) =>
    function (...args) {
      const call = isOn() ? guard('current call', currentCall) : undefined;
      return call ? watchFetch(call.attempts, this, original, args) : original.apply(this, args);
    },

  retryRequest: (original, isOn) =>
    function (...args) {
      if (isOn()) guard('retry', () => currentCall()?.retryDecided());
      return original.apply(this, args);
    },
};

/**
 * A page keeps the options of its request, with the SDK's span of it in them. Applications serialize pages: the span
 * would go out with them, resource and all, or make that fail, since what it holds may be circular.
 */
function hideSpan(options: unknown): void {
  if (isObject(options) && Object.hasOwn(options, '__span')) {
    Reflect.defineProperty(options, '__span', { enumerable: false });
  }
}

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
