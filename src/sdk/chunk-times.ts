import type { CallObserver } from '../facts.ts';

/** Pieces of content that arrive within so many milliseconds count as one. */
const ONE_CHUNK_MS = 1;

/** Tells a call's observer when the pieces of a stream's content arrive. All times are in milliseconds. */
export class ChunkTimes {
  readonly #observer: CallObserver;
  #first = 0;
  /** When the last piece arrived that counts by itself. */
  #last = 0;
  #latest = 0;
  #longestWait = 0;

  constructor(observer: CallObserver) {
    this.#observer = observer;
  }

  /** The application waited so long for an event. */
  waited(milliseconds: number): void {
    if (milliseconds <= this.#longestWait) return;
    this.#longestWait = milliseconds;
    this.#observer.longestGap(milliseconds / 1000);
  }

  /** A piece arrived, `now` of `performance.now()`, from this model. */
  arrived(now: number, model: string | undefined): void {
    this.#latest = now;
    if (this.#first === 0) {
      this.#first = this.#last = now;
      this.#observer.firstChunk(model);
    } else if (now - this.#last >= ONE_CHUNK_MS) {
      this.#observer.chunk((now - this.#last) / 1000);
      this.#last = now;
    }
  }

  /** No more follow. Of pieces that all arrived as one, the time is told all the same. */
  end(): void {
    if (this.#last === this.#first && this.#latest > this.#first) {
      this.#observer.chunk((this.#latest - this.#first) / 1000);
    }
  }
}
