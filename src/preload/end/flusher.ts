import { failed } from '../../guard.ts';
import type { LastSteps } from './departure.ts';
import type { LossNotice } from '../pipeline/loss-notice.ts';
import type { Letter } from '../otlp/letter.ts';
import { canPostSynchronously, postSynchronously, TIMED_OUT } from '../otlp/post-synchronously.ts';
import type { Sender } from '../otlp/sender.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

/** Our SDK after it stepped back, until what it had to send has arrived. */
export interface Retiring {
  pipeline: Pipeline | undefined;
  readonly done: Promise<void>;
}

/** What there is to flush. */
interface Source {
  /** Of our SDK while it runs. */
  readonly running: () => Pipeline | undefined;
  readonly retiring: () => Retiring | undefined;
  /** How many spans were asked for. */
  readonly spans: () => number;
  /** Ends the spans of calls that are still open. */
  readonly endOpenCalls: () => void;
}

/** How long a flush waits that follows one which was in vain: what it sends itself may arrive all the same. */
const OVERDUE_PATIENCE_MS = 250;

/** Sends what is left, when the application asks for it or the process ends, within so many milliseconds. */
export class Flusher implements LastSteps {
  readonly #source: Source;
  readonly #sender: Sender;
  readonly #notice: LossNotice;
  readonly #timeoutMs: number;
  /** Made, and not sent: the process is about to end. */
  readonly #collected: Letter[] = [];
  /** Milliseconds that were spent on these. */
  #collecting = 0;
  /** How many spans had been asked for at the last flush. */
  #flushedSpans = -1;
  /** The last flush took all of its time, and nothing arrived since: another would only hold the process up. */
  #isUnreachable = false;
  /** What a flush waited for all of its time is still on its way: the application is not to wait for it twice. */
  #isOverdue = false;

  constructor(source: Source, sender: Sender, notice: LossNotice, timeoutMs: number) {
    this.#source = source;
    this.#sender = sender;
    this.#notice = notice;
    this.#timeoutMs = timeoutMs;
  }

  /** Something has arrived at the receiver. */
  arrived(): void {
    this.#isOverdue = false;
    this.#isUnreachable = false;
  }

  /** Runs a flush that the application asks for. Whether what it sends has arrived in time. */
  deliver(flush: () => Promise<void>): Promise<boolean> {
    const patience = this.#isOverdue ? Math.min(OVERDUE_PATIENCE_MS, this.#timeoutMs) : this.#timeoutMs;
    return this.#delivered(flush, patience);
  }

  async flush(): Promise<void> {
    this.#source.endOpenCalls();
    if (!this.#hasNews() && this.#collected.length === 0) return;
    if (await this.#collect()) {
      this.#postAtOnce([...this.#sender.unsent(), ...this.#collected.splice(0)]);
    } else {
      await this.#flushInTurns();
    }
  }

  async collect(): Promise<void> {
    this.#source.endOpenCalls();
    if (this.#hasNews() && !(await this.#collect())) await this.#flushInTurns();
  }

  flushSynchronously(isLast: boolean): void {
    if (isLast) this.#source.endOpenCalls();
    // Where no thread can send it, what is left is not taken from an application that goes on.
    if (this.#isUnreachable || (!isLast && !canPostSynchronously())) return;
    const pipeline = this.#pipeline();
    const ended = this.#hasNews() ? this.#sender.hold(() => pipeline?.flushAtOnce()) : [];
    const unsent = isLast ? this.#sender.unsent() : [];
    this.#postAtOnce([...unsent, ...this.#collected.splice(0), ...ended]);
  }

  canFlushSynchronously(): boolean {
    return this.#pipeline()?.flushesAtOnce === true && canPostSynchronously();
  }

  /** What can be flushed at once: of an SDK that stepped back, until it is shut down. */
  #pipeline(): Pipeline | undefined {
    const retiring = this.#source.retiring();
    return retiring ? retiring.pipeline : this.#source.running();
  }

  #hasNews(): boolean {
    const { retiring, running, spans } = this.#source;
    return retiring() !== undefined || (running() !== undefined && spans() !== this.#flushedSpans);
  }

  /**
   * Makes letters of what there is, in the SDK's own way, which as a rule takes no turn of the event loop. They are to be
   * sent while the process stands still: after the end of its work, or a signal, none of its timers is to fire.
   *
   * @returns false where exporters send in other ways.
   */
  async #collect(): Promise<boolean> {
    const pipeline = this.#source.running();
    if (pipeline?.flushesToSender !== true || !canPostSynchronously()) return false;
    const spans = this.#source.spans();
    const start = performance.now();
    const letters = await this.#sender.holdDuring(() => {
      const flushed = pipeline
        .settle()
        .then(() => pipeline.flush())
        .catch((problem: unknown) => failed('flush', problem));
      // A gauge whose callback hangs is no reason to lose the rest.
      return settlesWithin(flushed, this.#timeoutMs / 2);
    });
    this.#collected.push(...letters);
    this.#collecting = performance.now() - start;
    this.#flushedSpans = spans;
    return true;
  }

  /** Sends what is left while the event loop turns, for exporters that send in their own ways. */
  async #flushInTurns(): Promise<void> {
    const spans = this.#source.spans();
    this.#sender.hurry();
    const flush = async (): Promise<void> => {
      await (this.#source.retiring()?.done ?? this.#source.running()?.flush());
    };
    this.#isUnreachable = !(await this.#delivered(flush, this.#timeoutMs));
    // Not before: who exits in the meantime leaves the rest to be flushed at the exit.
    this.#flushedSpans = spans;
    this.#sender.relax();
    const [late] = this.#sender.underway();
    if (late && this.#isUnreachable) {
      this.#notice.give(late.url, 'timeout');
      this.#sender.breakOff();
    }
  }

  /** Sends letters while the process stands still; one line tells of what is lost. */
  #postAtOnce(letters: readonly Letter[]): void {
    const loss = postSynchronously(letters, Math.max(1, this.#timeoutMs - this.#collecting));
    this.#collecting = 0;
    if (loss) {
      this.#notice.give(loss.letter.url, loss.reason);
      this.#isUnreachable = loss.reason === TIMED_OUT;
    }
  }

  /**
   * Whether what a flush sends has arrived, within so many milliseconds. An exporter is done with what it hands to the
   * sender; who flushes waits for the rest too.
   */
  async #delivered(flush: () => Promise<void>, patience: number): Promise<boolean> {
    const delivered = Promise.resolve(this.#source.running()?.settle())
      .then(flush)
      .catch((problem: unknown) => failed('flush', problem))
      .then(() => this.#sender.idle());
    const isInTime = await settlesWithin(delivered, patience);
    // What has not even been handed on, as by a slow callback of a gauge, is no word on the receiver.
    if (!isInTime && !this.#isOverdue && this.#sender.isBusy) {
      this.#isOverdue = true;
      void this.#sender.idle().then(() => {
        this.#isOverdue = false;
      });
    }
    return isInTime;
  }
}

/** Whether a promise, which never rejects, settles within so many milliseconds. The process lives until then. */
function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
