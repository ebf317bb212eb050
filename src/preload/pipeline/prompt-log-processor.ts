import type { LogRecordProcessor, ReadableLogRecord, SdkLogRecord } from '@opentelemetry/sdk-logs';
import type { Exporter } from '../../otel-shapes.ts';

type LogExporter = Required<Exporter<ReadableLogRecord[]>>;

/** As many records are kept as a batch processor keeps; of what it has dropped, nothing is left here for long. */
const MOST = 2_048;

/**
 * A batch processor exports by promises alone, which no longer settle when `process.exit()` was called or an exception
 * was not caught. So this knows which records were not exported yet, and can export them at once.
 */
export class PromptLogProcessor implements LogRecordProcessor {
  readonly #exporter: Exporter<ReadableLogRecord[]>;
  readonly #processor: LogRecordProcessor;
  readonly #waiting = new Set<ReadableLogRecord>();
  readonly #exportedAtOnce = new WeakSet<ReadableLogRecord>();

  /** @param createProcessor makes the batch processor, given the exporter that it is to export to. */
  constructor(
    exporter: Exporter<ReadableLogRecord[]>,
    createProcessor: (exporter: LogExporter) => LogRecordProcessor,
  ) {
    this.#exporter = exporter;
    this.#processor = createProcessor({
      export: (records, done) => this.#export(records, done),
      forceFlush: async () => exporter.forceFlush?.(),
      shutdown: () => exporter.shutdown(),
    });
  }

  onEmit(...[record, context]: Parameters<LogRecordProcessor['onEmit']>): void {
    this.#keep(record);
    this.#processor.onEmit(record, context);
  }

  /** Exports what waits. The process may go on: the batch processor does not export it again. */
  exportAtOnce(): void {
    const records = [...this.#waiting];
    this.#waiting.clear();
    for (const record of records) this.#exportedAtOnce.add(record);
    if (records.length > 0) this.#exporter.export(records, () => {});
  }

  forceFlush(): Promise<void> {
    return this.#processor.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#processor.shutdown();
  }

  #keep(record: SdkLogRecord): void {
    this.#waiting.add(record);
    const [oldest] = this.#waiting;
    if (oldest && this.#waiting.size > MOST) this.#waiting.delete(oldest);
  }

  #export(records: ReadableLogRecord[], done: Parameters<LogExporter['export']>[1]): void {
    const rest = records.filter((record) => !this.#exportedAtOnce.has(record));
    for (const record of rest) this.#waiting.delete(record);
    if (rest.length === 0) {
      done({ code: 0 });
      return;
    }
    this.#exporter.export(rest, done);
  }
}
