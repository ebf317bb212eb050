/** Sees to it that a call ends whose answer nobody reads. */
import { guard } from '../guard.ts';
import type { EndedBy } from '../facts.ts';

/**
 * A call that has not ended. It must hold neither its response nor its stream, or neither is ever collected: but for
 * what has just arrived.
 */
export interface Open {
  abandon(by: EndedBy): void;
  /** Whether the application has begun to read the answer. */
  readonly isBeingRead: boolean;
  /** Whether its end is bound to something being collected. */
  isRegistered: boolean;
  /** What has just arrived, and is to be bound to its end unless that is near. */
  arrived: Arrived | undefined;
}

export interface Arrived {
  readonly holder: object;
  readonly wasBeingRead: boolean;
}

const open = new Set<Open>();
const collected = new FinalizationRegistry<Open>((call) =>
  guard('collected call', () => call.abandon('collected')),
);

/** So many are held back at once: what is held is not collected, and the next macrotask may be far. */
const MAX_JUST_ARRIVED = 16;

/** Calls whose response or stream may be read in a moment. Most are: only the others are worth a registration. */
let justArrived: Open[] = [];

function register(holder: object, call: Open): void {
  unregister(call);
  call.isRegistered = true;
  collected.register(holder, call, call);
}

function unregister(call: Open): void {
  if (!call.isRegistered) return;
  call.isRegistered = false;
  collected.unregister(call);
}

function registerUnread(): void {
  const calls = justArrived;
  justArrived = [];
  for (const call of calls) {
    const { arrived } = call;
    call.arrived = undefined;
    if (arrived && call.isBeingRead === arrived.wasBeingRead && !call.isRegistered) {
      register(arrived.holder, call);
    }
  }
}

function registerSoon(holder: object, call: Open): void {
  const isListed = call.arrived !== undefined;
  call.arrived = { holder, wasBeingRead: call.isBeingRead };
  if (isListed) return;
  const count = justArrived.push(call);
  if (count === 1) setImmediate(registerUnread).unref();
  else if (count > MAX_JUST_ARRIVED) registerUnread();
}

export const openCalls = {
  add(call: Open): void {
    open.add(call);
  },

  delete(call: Open): void {
    open.delete(call);
    call.arrived = undefined;
    unregister(call);
  },

  /** A response arrived for `call`. Where it is dropped unread, the call ends when it is collected. */
  responded(call: Open, response: object): void {
    registerSoon(response, call);
  },

  /** The answer is now a stream, which may be iterated in a moment. */
  becameStream(call: Open, stream: object): void {
    if (call.isRegistered) register(stream, call);
    else registerSoon(stream, call);
  },

  /** The application can go on with `call` only as long as it holds `holder`. */
  heldBy(call: Open, holder: object): void {
    if (open.has(call)) register(holder, call);
  },

  /** Ends every call that is still open, since the process or the instrumentation ends. */
  endAll(): void {
    for (const call of open) guard('open call', () => call.abandon('flush'));
  },
};
