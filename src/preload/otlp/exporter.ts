import { failed, guard } from '../../guard.ts';
import type { Exporter, ExportResult } from '../../otel-shapes.ts';
import type { Letter } from './letter.ts';
import type { Sender } from './sender.ts';

/** Where letters go. */
interface Addressee {
  readonly timeoutMs: number;
  /** The most exports that may be on their way at once. */
  readonly limit: number;
  address(body: Uint8Array): Letter;
}

/** Turns a batch into the body of an export. */
export interface Serializer<Batch> {
  serializeRequest(batch: Batch): Uint8Array | undefined;
}

const SUCCESS: ExportResult = { code: 0 };

/**
 * Exports over OTLP/HTTP. An export counts as done when it is handed to the {@link Sender}, who tells what is
 * lost: OpenTelemetry holds the process up as long as an export is not done, and reports each one that fails.
 */
export class OtlpExporter<Batch> implements Exporter<Batch> {
  readonly #serializer: Serializer<Batch>;
  readonly #destination: Addressee;
  readonly #sender: Sender;
  #pending = 0;

  constructor(serializer: Serializer<Batch>, destination: Addressee, sender: Sender) {
    this.#serializer = serializer;
    this.#destination = destination;
    this.#sender = sender;
  }

  export(batch: Batch, done: (result: ExportResult) => void): void {
    this.#send(batch).catch((problem: unknown) => failed('export', problem));
    done(SUCCESS);
  }

  forceFlush(): Promise<void> {
    return this.#sender.idle();
  }

  shutdown(): Promise<void> {
    return this.#sender.idle();
  }

  async #send(batch: Batch): Promise<void> {
    const body = this.#serialize(batch);
    if (body === undefined || this.#pending >= this.#destination.limit) return;
    this.#pending += 1;
    try {
      await this.#sender.send(this.#destination.address(body), this.#destination.timeoutMs);
    } finally {
      this.#pending -= 1;
    }
  }

  /** What cannot be written down, such as a time that is none, costs itself alone where the batch is a list. */
  #serialize(batch: Batch): Uint8Array | undefined {
    const serialize = (part: Batch) => guard('serialization', () => this.#serializer.serializeRequest(part));
    const body = serialize(batch);
    if (body !== undefined || !Array.isArray(batch)) return body;
    const good = batch.filter((item) => serialize([item] as Batch) !== undefined);
    return good.length === 0 ? undefined : serialize(good as Batch);
  }
}
