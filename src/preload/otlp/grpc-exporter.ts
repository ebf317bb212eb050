import { failed } from '../../guard.ts';
import type { Exporter, ExportResult } from '../../otel-shapes.ts';
import type { OtlpExporter } from './exporter.ts';
import type { Sender } from './sender.ts';

/**
 * Exports with OpenTelemetry's gRPC exporter, and by letters when the process ends: that exporter would hold it up until
 * it is answered, and can do nothing while it stands still. What it has not been answered by then goes by letter too.
 * A proxy it alone knows: there it is given all that it can still send.
 */
export class GrpcExporter<Batch> implements Exporter<Batch> {
  readonly #delegate: Exporter<Batch>;
  /** None where letters cannot go. */
  readonly #letters: OtlpExporter<Batch> | undefined;
  readonly #sender: Sender;
  readonly #hasProxy: boolean;

  constructor(
    delegate: Exporter<Batch>,
    letters: OtlpExporter<Batch> | undefined,
    sender: Sender,
    hasProxy: boolean,
  ) {
    this.#delegate = delegate;
    this.#letters = letters;
    this.#sender = sender;
    this.#hasProxy = hasProxy;
  }

  export(batch: Batch, done: (result: ExportResult) => void): void {
    const { isHolding, isHurrying } = this.#sender;
    if (this.#letters && (isHolding || (isHurrying && !this.#hasProxy))) {
      this.#letters.export(batch, done);
      return;
    }
    const settled = new Promise<void>((resolve) => {
      this.#delegate.export(batch, (result) => {
        resolve();
        done(result);
      });
    });
    this.#sender.remember(
      () => this.#letters?.export(batch, () => {}),
      settled.catch((problem: unknown) => failed('export', problem)),
    );
  }

  async forceFlush(): Promise<void> {
    await this.#delegate.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#delegate.shutdown();
  }
}
