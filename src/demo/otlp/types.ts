/** The value of an attribute. Integers are numbers; bytes are base64 text. */
export type AttributeValue =
  string | number | boolean | null | readonly AttributeValue[] | { readonly [key: string]: AttributeValue };

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** The instrumentation scope that a record came from. */
export interface Scope {
  readonly name: string;
  readonly version: string;
}

export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type StatusCode = 'unset' | 'ok' | 'error';

export interface ReceivedEvent {
  readonly name: string;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly attributes: Attributes;
}

export interface ReceivedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export interface ReceivedSpan {
  /** Hexadecimal, like all IDs here. */
  readonly traceId: string;
  readonly spanId: string;
  /** `undefined` on a root span. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Nanoseconds since the epoch, like all times here. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  readonly attributes: Attributes;
  readonly status: { readonly code: StatusCode; readonly message: string };
  readonly events: readonly ReceivedEvent[];
  readonly links: readonly ReceivedLink[];
  readonly scope: Scope;
  /** Attributes of the resource. */
  readonly resource: Attributes;
}

/** One data point with its metric's name, unit and kind. */
export interface ReceivedMetricPoint {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';
  /** `undefined` on gauges and summaries. */
  readonly temporality: 'delta' | 'cumulative' | undefined;
  readonly monotonic: boolean;
  readonly attributes: Attributes;
  readonly startTime: bigint;
  readonly time: bigint;
  /** Value of a gauge or a sum. */
  readonly value: number | undefined;
  /** Of histograms and summaries. */
  readonly count: number | undefined;
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Of histograms with explicit buckets: one count more than bounds. */
  readonly bounds: readonly number[];
  readonly bucketCounts: readonly number[];
  readonly scope: Scope;
  readonly resource: Attributes;
}

export interface ReceivedLog {
  readonly time: bigint;
  readonly observedTime: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AttributeValue;
  readonly attributes: Attributes;
  /** `undefined` outside a trace. */
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly eventName: string;
  readonly scope: Scope;
  readonly resource: Attributes;
}
