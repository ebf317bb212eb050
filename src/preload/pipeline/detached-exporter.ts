import type { Exporter, ExportResult } from '../../otel-shapes.ts';

/**
 * Before an exporter that is not ours: an export counts as done when it is handed on, and what is lost is told
 * to us. Otherwise OpenTelemetry holds the process up until the export is done, and reports each one that fails.
 */
export class DetachedExporter<Batch> implements Exporter<Batch> {
  readonly #delegate: Exporter<Batch>;
  readonly #onLost: () => void;

  constructor(delegate: Exporter<Batch>, onLost: () => void) {
    this.#delegate = delegate;
    this.#onLost = onLost;
  }

  export(batch: Batch, done: (result: ExportResult) => void): void {
    this.#delegate.export(batch, ({ code }) => {
      if (code !== 0) this.#onLost();
    });
    done({ code: 0 });
  }

  async forceFlush(): Promise<void> {
    await this.#delegate.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#delegate.shutdown();
  }
}
