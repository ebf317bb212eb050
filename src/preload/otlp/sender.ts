import type { Delivery, Letter } from './letter.ts';
import { post } from './post.ts';
import { postGrpc } from './post-grpc.ts';

/** Milliseconds before the first retry; each further one waits longer, up to the last. */
const BACKOFF = { first: 1_000, factor: 1.5, last: 5_000, jitter: 0.2 };

type Failure = Extract<Delivery, { readonly ok: false }>;

interface Transit {
  readonly letter: Letter;
  /** The operating system has it all. */
  handedOver: boolean;
  /** Ends the wait before a retry. */
  wake: (() => void) | undefined;
  /** Breaks off the try that is under way. */
  abort: AbortController | undefined;
}

/**
 * Sends letters, and retries what can be retried, without keeping the process alive: neither a connection nor
 * a wait holds it up. Who leaves the process waits for {@link idle}, or takes what is not sent.
 */
export class Sender {
  readonly #transits = new Map<Transit, Promise<Delivery>>();
  readonly #held: Letter[] = [];
  /** What others send, by how it is sent here. */
  readonly #remembered = new Map<() => void, Promise<void>>();
  #holding = false;
  #hurrying = false;

  /** Called for each letter that is lost. */
  readonly #onLost: (letter: Letter, failure: Failure) => void;

  readonly #onArrived: () => void;

  constructor(onLost: (letter: Letter, failure: Failure) => void, onArrived: () => void) {
    this.#onLost = onLost;
    this.#onArrived = onArrived;
  }

  /** Whether anything is on its way. */
  get isBusy(): boolean {
    return this.#transits.size + this.#remembered.size > 0;
  }

  /** What is on its way. */
  underway(): readonly Letter[] {
    return [...this.#transits.keys()].map(({ letter }) => letter);
  }

  /** Sends a letter within so many milliseconds, retries included. Never rejects. */
  async send(letter: Letter, timeoutMs: number): Promise<Delivery> {
    if (this.#holding) {
      this.#held.push(letter);
      return { ok: true };
    }
    const transit: Transit = { letter, handedOver: false, wake: undefined, abort: undefined };
    const delivery = this.#deliver(transit, Date.now() + timeoutMs);
    this.#transits.set(transit, delivery);
    const result = await delivery;
    this.#transits.delete(transit);
    if (result.ok) this.#onArrived();
    else this.#onLost(letter, result);
    return result;
  }

  /** Resolves when nothing is on its way any more that is now; at once while what is sent is held. */
  async idle(): Promise<void> {
    if (this.#holding) return;
    await Promise.all([...this.#transits.values(), ...this.#remembered.values()]);
  }

  /** The process is about to end: waits before a retry are cut short, and each letter has one more try. */
  hurry(): void {
    this.#hurrying = true;
    for (const { wake } of this.#transits.keys()) wake?.();
  }

  /** The process goes on after all. */
  relax(): void {
    this.#hurrying = false;
  }

  /**
   * Breaks off every try that is under way, to be repeated if the process goes on: a connection that is not open yet, or
   * takes nothing, keeps the process alive, whatever it is told.
   */
  breakOff(): void {
    for (const { abort } of this.#transits.keys()) abort?.abort();
  }

  /** Runs a function, and returns what it sends in place of sending it. */
  hold(run: () => void): readonly Letter[] {
    this.#holding = true;
    try {
      run();
    } finally {
      this.#holding = false;
    }
    return this.#held.splice(0);
  }

  /** As {@link hold}, until the promise settles. Rejects as that does. */
  async holdDuring(run: () => Promise<unknown>): Promise<readonly Letter[]> {
    this.#holding = true;
    try {
      await run();
    } finally {
      this.#holding = false;
    }
    return this.#held.splice(0);
  }

  /** Whether what is sent now is held. */
  get isHolding(): boolean {
    return this.#holding;
  }

  /** Whether the process is about to end. */
  get isHurrying(): boolean {
    return this.#hurrying;
  }

  /**
   * Somebody else sends something.
   *
   * @param again sends it here, if the process ends before it has arrived.
   * @param settled resolves when it has arrived, or is lost.
   */
  remember(again: () => void, settled: Promise<void>): void {
    this.#remembered.set(again, settled);
    void settled.then(() => this.#remembered.delete(again));
  }

  /** What is on its way and would be lost if the process ended now, as it will. */
  unsent(): readonly Letter[] {
    const own = [...this.#transits.keys()].filter(({ handedOver }) => !handedOver);
    const others = this.hold(() => {
      for (const again of this.#remembered.keys()) again();
      this.#remembered.clear();
    });
    return [...own.map(({ letter }) => letter), ...others];
  }

  async #deliver(transit: Transit, deadline: number): Promise<Delivery> {
    let wait = BACKOFF.first;
    for (;;) {
      const isLastTry = this.#hurrying;
      const send = transit.letter.rpc === undefined ? post : postGrpc;
      transit.abort = new AbortController();
      const { signal } = transit.abort;
      const delivery = await send(transit.letter, Math.max(1, deadline - Date.now()), signal, () => {
        transit.handedOver = true;
      });
      if (delivery.ok || !delivery.retryable || isLastTry) return delivery;
      transit.handedOver = false;
      const asked = delivery.retryAfter ?? wait * (1 + BACKOFF.jitter * (2 * Math.random() - 1));
      if (Date.now() + asked > deadline) return delivery;
      await this.#sleep(transit, asked);
      wait = Math.min(wait * BACKOFF.factor, BACKOFF.last);
    }
  }

  #sleep(transit: Transit, ms: number): Promise<void> {
    if (this.#hurrying) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      transit.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
