/** Watches the application's read of a stream, without reading it. */
import { guard } from '../guard.ts';
import type { StreamLike } from './shapes.ts';
import { stalls, type Waiting } from './stalls.ts';

export interface StreamWatcher {
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
  ended(
    end:
      { readonly reason: 'completed' | 'canceled' } | { readonly reason: 'failed'; readonly error: unknown },
  ): void;
}

/**
 * Tells `watcher` of every event that the application takes from `stream`, and once of the end. The stream's
 * first iterator keeps its identity and its methods' results; nothing is buffered, and nothing is read that
 * the application does not read.
 */
export function watchStream(stream: StreamLike, signal: AbortSignal, watcher: StreamWatcher): void {
  const makeIterator = stream.iterator;
  const watch = new StreamWatch(signal, watcher);
  let watched = false;
  stream.iterator = function (this: StreamLike) {
    const iterator = makeIterator.call(this);
    if (!watched) {
      watched = true;
      guard('stream start', () => watch.attach(iterator));
    }
    return iterator;
  };
}

class StreamWatch implements Waiting {
  readonly #signal: AbortSignal;
  readonly #watcher: StreamWatcher;
  #pending = 0;
  #ended = false;
  waitingSince = 0;
  readonly patience: number;

  constructor(signal: AbortSignal, watcher: StreamWatcher) {
    this.#signal = signal;
    this.#watcher = watcher;
    this.patience = watcher.patience;
    if (signal.aborted) this.#end({ reason: 'canceled' });
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The SDK aborts too, to clean up, but only while a read is pending: then the read's own result tells. */
  readonly #onAbort = (): void => {
    if (this.#pending === 0) this.#end({ reason: 'canceled' });
    else this.#tellWait();
  };

  #tellWait(): void {
    if (this.#ended || this.waitingSince === 0) return;
    guard('stream wait', () => this.#watcher.waitedInVain(performance.now() - this.waitingSince));
  }

  #end(end: Parameters<StreamWatcher['ended']>[0]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    stalls.unwatch(this);
    guard('stream end', () => this.#watcher.ended(end));
  }

  stalled(seconds: number): void {
    this.#watcher.stalled(seconds);
  }

  attach(iterator: AsyncIterator<unknown>): void {
    const { next, return: close, throw: fail } = iterator;
    const onResult = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
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
    const onError = (error: unknown): never => {
      this.#pending -= 1;
      this.#tellWait();
      this.#end({ reason: 'failed', error });
      throw error;
    };
    iterator.next = (...args) => {
      if (this.#pending === 0) this.waitingSince = performance.now();
      this.#pending += 1;
      return next.apply(iterator, args).then(onResult, onError);
    };
    if (close) {
      iterator.return = (value) => {
        this.#end({ reason: 'canceled' });
        return close.call(iterator, value);
      };
    }
    if (fail) {
      iterator.throw = (error) => {
        this.#end({ reason: 'canceled' });
        return fail.call(iterator, error);
      };
    }
    stalls.watch(this);
    this.#watcher.started(iterator);
  }
}
