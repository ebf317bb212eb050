import type { Exporter, ExportResult } from '../../redaction/telemetry.ts';
import type { OtlpExporter } from './exporter.ts';
import type { Sender } from './sender.ts';

/**
 * Exports with OpenTelemetry's gRPC exporter, and by letters when the process stands still: what that exporter has been
 * given then, and what it has not been answered yet.
 */
export class GrpcExporter<Batch> implements Exporter<Batch> {
  readonly #delegate: Exporter<Batch>;
  readonly #letters: OtlpExporter<Batch>;
  readonly #sender: Sender;

  constructor(delegate: Exporter<Batch>, letters: OtlpExporter<Batch>, sender: Sender) {
    this.#delegate = delegate;
    this.#letters = letters;
    this.#sender = sender;
  }

  export(batch: Batch, done: (result: ExportResult) => void): void {
    if (this.#sender.isHolding) {
      this.#letters.export(batch, done);
      return;
    }
    const forget = this.#sender.remember(() => this.#letters.export(batch, () => {}));
    this.#delegate.export(batch, (result) => {
      forget();
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#delegate.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#delegate.shutdown();
  }
}
