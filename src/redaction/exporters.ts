import type { Redactor } from './redactor.ts';
import type {
  Exporter,
  ExportResult,
  ReadableLogRecord,
  ReadableSpan,
  ResourceMetrics,
} from '../otel-shapes.ts';
import { redactLogRecord, redactMetrics, redactSpan } from './views.ts';

type Done = (result: ExportResult) => void;

/** Redacts a batch and hands it on; flush and shutdown pass through. */
abstract class RedactingExporter<Batch> implements Exporter<Batch> {
  readonly #delegate: Exporter<Batch>;
  readonly #redact: (batch: Batch) => Batch;

  constructor(delegate: Exporter<Batch>, redact: (batch: Batch) => Batch) {
    this.#delegate = delegate;
    this.#redact = redact;
  }

  export(batch: Batch, resultCallback: Done): void {
    let redacted: Batch;
    try {
      redacted = this.#redact(batch);
    } catch (error) {
      resultCallback({ code: 1, error: error instanceof Error ? error : new Error('redaction failed') });
      return;
    }
    this.#delegate.export(redacted, resultCallback);
  }

  forceFlush(): Promise<void> {
    return this.#delegate.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#delegate.shutdown();
  }
}

/** Wraps a span exporter: takes the secrets out of every span before the exporter gets it. */
export class RedactingSpanExporter<S extends ReadableSpan> extends RedactingExporter<S[]> {
  constructor(delegate: Exporter<S[]>, redactor: Redactor) {
    super(delegate, (spans) => spans.map((span) => redactSpan(span, redactor)));
  }
}

/** Wraps a log record exporter: takes the secrets out of every record before the exporter gets it. */
export class RedactingLogExporter<R extends ReadableLogRecord> extends RedactingExporter<R[]> {
  constructor(delegate: Exporter<R[]>, redactor: Redactor) {
    super(delegate, (records) => records.map((record) => redactLogRecord(record, redactor)));
  }
}

/** What a metric reader asks its exporter for. It has its own defaults where an exporter does not answer. */
export interface MetricPreferences<Kind, Temporality, Aggregation> {
  selectAggregationTemporality?(kind: Kind): Temporality;
  selectAggregation?(kind: Kind): Aggregation;
}

/**
 * Wraps a metric exporter, whose preferences it keeps: takes the secrets out of every metric before the exporter gets
 * it.
 */
export class RedactingMetricExporter<M extends ResourceMetrics, Kind, Temporality, Aggregation>
  extends RedactingExporter<M>
  implements MetricPreferences<Kind, Temporality, Aggregation>
{
  /** Present only where the exporter behind has one. */
  declare readonly selectAggregationTemporality?: (kind: Kind) => Temporality;
  /** Present only where the exporter behind has one. */
  declare readonly selectAggregation?: (kind: Kind) => Aggregation;

  constructor(delegate: Exporter<M> & MetricPreferences<Kind, Temporality, Aggregation>, redactor: Redactor) {
    super(delegate, (metrics) => redactMetrics(metrics, redactor));
    if (delegate.selectAggregationTemporality !== undefined) {
      this.selectAggregationTemporality = delegate.selectAggregationTemporality.bind(delegate);
    }
    if (delegate.selectAggregation !== undefined) {
      this.selectAggregation = delegate.selectAggregation.bind(delegate);
    }
  }
}
