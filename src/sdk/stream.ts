/** Watches the application's read of a stream, without reading it. */
import { guard } from '../guard.ts';
import type { IteratorMaker, StreamLike } from './shapes.ts';
import { stalls, type Waiting } from './stalls.ts';

interface StreamWatcher {
  /** Milliseconds without an event after which the stream counts as stalled. */
  readonly patience: number;
  /** `now` is in milliseconds of `performance.now()`, `waited` how long the application had waited for it. */
  event(event: unknown, now: number, waited: number): void;
  /** The stream hangs, since so many seconds. */
  stalled(seconds: number): void;
  /** The application reads now through `iterator`. */
  started(iterator: object): void;
  /** The last read, which brought no event, waited for so many milliseconds. */
  waitedInVain(milliseconds: number): void;
  ended(end: StreamEnd): void;
}

/** `closed`: whoever read it stopped, by `break` or by an error of its own. */
export type StreamEnd =
  | { readonly reason: 'completed' | 'canceled' | 'closed' }
  | { readonly reason: 'failed'; readonly error: unknown };

/**
 * Tells `watcher` of every event that the application takes from `stream`, whose method `maker` makes its iterators,
 * and once of the end. The results of the stream's first iterator stay what they are; nothing is buffered, and nothing
 * is read that the application does not read.
 *
 * @returns ends the watch, without a word to `watcher`.
 */
export function watchStream(
  stream: StreamLike,
  maker: IteratorMaker,
  signal: AbortSignal,
  watcher: StreamWatcher,
): () => void {
  const makeIterator = stream[maker] as () => AsyncIterator<unknown>;
  const watch = new StreamWatch(signal, watcher);
  // Named first, as in `answer-promise.ts`: written right into the property it would keep the stream. Its name is that
  // of the SDK's own.
  const makeWatched = function iterator(this: StreamLike): AsyncIterator<unknown> {
    const source = makeIterator.call(this);
    return watch.isTaken ? source : new WatchedIterator(source, watch);
  };
  // A method of the class stays out of what the application sees of the object.
  if (Object.hasOwn(stream, maker)) stream[maker] = makeWatched;
  else Object.defineProperty(stream, maker, { value: makeWatched, writable: true, configurable: true });
  return () => watch.stop();
}

/** The read of one stream. It must hold neither the stream nor its iterator: the abort signal holds it. */
class StreamWatch implements Waiting {
  readonly #signal: AbortSignal;
  readonly #watcher: StreamWatcher;
  #pending = 0;
  #ended = false;
  /** An iterator is read already, or the call is over: others are not watched. */
  isTaken = false;
  waitingSince = 0;
  readonly patience: number;

  constructor(signal: AbortSignal, watcher: StreamWatcher) {
    this.#signal = signal;
    this.#watcher = watcher;
    this.patience = watcher.patience;
    if (signal.aborted) this.canceled();
    else signal.addEventListener('abort', this.#onAbort);
  }

  /** The SDK aborts too, to clean up, but only while a read is pending: then the read's own result tells. */
  readonly #onAbort = (): void => {
    if (this.#pending === 0) this.canceled();
    else this.#tellWait();
  };

  #tellWait(): void {
    if (this.#ended) return;
    guard('stream wait', () => this.#watcher.waitedInVain(performance.now() - this.waitingSince));
  }

  #end(end: StreamEnd): void {
    if (this.#ended) return;
    this.stop();
    guard('stream end', () => this.#watcher.ended(end));
  }

  stop(): void {
    this.#ended = true;
    this.isTaken = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    stalls.unwatch(this);
  }

  stalled(seconds: number): void {
    this.#watcher.stalled(seconds);
  }

  /** The first read, through `iterator`. */
  begin(iterator: object): void {
    this.isTaken = true;
    stalls.watch(this);
    guard('stream start', () => this.#watcher.started(iterator));
  }

  reading(): void {
    if (this.#pending === 0) this.waitingSince = performance.now();
    this.#pending += 1;
  }

  canceled(): void {
    this.#end({ reason: 'canceled' });
  }

  closed(): void {
    this.#end({ reason: this.#signal.aborted ? 'canceled' : 'closed' });
  }

  readonly onResult = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
    this.#pending -= 1;
    if (this.#ended) return result;
    if (result.done) {
      this.#tellWait();
      this.#end({ reason: this.#signal.aborted ? 'canceled' : 'completed' });
      return result;
    }
    const now = performance.now();
    const waited = now - this.waitingSince;
    this.waitingSince = this.#pending === 0 ? 0 : now;
    try {
      this.#watcher.event(result.value, now, waited);
    } catch {
      // One event costs the telemetry what it would have said, and the application nothing.
    }
    return result;
  };

  readonly onError = (error: unknown): never => {
    this.#pending -= 1;
    this.#tellWait();
    this.#end({ reason: 'failed', error });
    throw error;
  };
}

/** What every async generator inherits: it is its own iterator, and can be disposed of where Node knows that. */
const GENERATOR = Object.getPrototypeOf(async function* () {}.prototype) as object;

/**
 * The stream's iterator, watched. It stands in for the generator, since V8 takes ten times as long to give a
 * generator new methods: each stream's has a prototype of its own.
 */
class WatchedIterator implements AsyncIterator<unknown> {
  readonly #source: AsyncIterator<unknown>;
  readonly #watch: StreamWatch;
  #isRead = false;

  static {
    Object.setPrototypeOf(WatchedIterator.prototype, GENERATOR);
    Reflect.deleteProperty(WatchedIterator.prototype, 'constructor');
  }

  constructor(source: AsyncIterator<unknown>, watch: StreamWatch) {
    this.#source = source;
    this.#watch = watch;
  }

  next(value?: unknown): Promise<IteratorResult<unknown>> {
    const watch = this.#watch;
    if (!this.#isRead) {
      if (watch.isTaken) return this.#source.next(value);
      this.#isRead = true;
      watch.begin(this);
    }
    watch.reading();
    return this.#source.next(value).then(watch.onResult, watch.onError);
  }

  #close(): void {
    if (this.#isRead || !this.#watch.isTaken) this.#watch.closed();
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#close();
    return (await this.#source.return?.(value)) ?? { done: true, value };
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    this.#close();
    if (!this.#source.throw) throw error;
    return this.#source.throw(error);
  }
}
