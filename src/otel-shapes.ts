/**
 * The shapes of what the OpenTelemetry SDK hands to exporters, as far as redaction reads them: the same in its 2.x and
 * 3.x lines, whose types do not name each other.
 */
import type { Attributes, Link, SpanContext, SpanStatus } from '@opentelemetry/api';

/** What produced the telemetry. Its attributes may settle later. */
export interface Resource {
  readonly attributes: Attributes;
  readonly asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
}

export interface Scope {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
}

export interface SpanEvent {
  readonly name: string;
  readonly attributes?: Attributes;
}

export interface ReadableSpan {
  readonly name: string;
  readonly spanContext: () => SpanContext;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: SpanEvent[];
  readonly resource: Resource;
  readonly instrumentationScope: Scope;
}

export interface ReadableLogRecord {
  readonly severityText?: string;
  readonly body?: unknown;
  readonly eventName?: string;
  readonly attributes: object;
  readonly resource: Resource;
  readonly instrumentationScope: Scope;
}

export interface DataPoint {
  readonly attributes: Attributes;
}

export interface MetricData {
  readonly descriptor: { readonly name: string; readonly description: string; readonly unit: string };
  readonly dataPoints: readonly DataPoint[];
}

export interface ScopeMetrics {
  readonly scope: Scope;
  readonly metrics: readonly MetricData[];
}

export interface ResourceMetrics {
  readonly resource: Resource;
  readonly scopeMetrics: readonly ScopeMetrics[];
}

/** What an exporter says of an export: `code` 0 for success, 1 for failure. */
export interface ExportResult {
  code: number;
  error?: Error;
}

/** An exporter of batches of `Batch`. */
export interface Exporter<Batch> {
  export(batch: Batch, resultCallback: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}
