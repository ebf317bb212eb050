/** OTLP as its JSON encoding gives it. Every field may be absent. */

/** 64-bit integers are strings in JSON; some senders use numbers. */
export type WireInteger = string | number;

export interface WireValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: WireInteger;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
  readonly kvlistValue?: { readonly values?: readonly WireKeyValue[] };
  /** Base64. */
  readonly bytesValue?: string;
}

export interface WireKeyValue {
  readonly key?: string;
  readonly value?: WireValue;
}

export interface WireResource {
  readonly attributes?: readonly WireKeyValue[];
}

export interface WireScope {
  readonly name?: string;
  readonly version?: string;
}

export interface WireEvent {
  readonly timeUnixNano?: WireInteger;
  readonly name?: string;
  readonly attributes?: readonly WireKeyValue[];
}

export interface WireLink {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: readonly WireKeyValue[];
}

/** IDs are hexadecimal. */
export interface WireSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: WireInteger;
  readonly endTimeUnixNano?: WireInteger;
  readonly attributes?: readonly WireKeyValue[];
  readonly events?: readonly WireEvent[];
  readonly links?: readonly WireLink[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface WireDataPoint {
  readonly attributes?: readonly WireKeyValue[];
  readonly startTimeUnixNano?: WireInteger;
  readonly timeUnixNano?: WireInteger;
  readonly asDouble?: number;
  readonly asInt?: WireInteger;
  readonly count?: WireInteger;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly WireInteger[];
}

export interface WireMetricData {
  readonly dataPoints?: readonly WireDataPoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

export interface WireMetric {
  readonly name?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly gauge?: WireMetricData;
  readonly sum?: WireMetricData;
  readonly histogram?: WireMetricData;
  readonly exponentialHistogram?: WireMetricData;
  readonly summary?: WireMetricData;
}

export interface WireLogRecord {
  readonly timeUnixNano?: WireInteger;
  readonly observedTimeUnixNano?: WireInteger;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: WireValue;
  readonly attributes?: readonly WireKeyValue[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

export interface WireTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: WireResource;
    readonly scopeSpans?: readonly { readonly scope?: WireScope; readonly spans?: readonly WireSpan[] }[];
  }[];
}

export interface WireMetrics {
  readonly resourceMetrics?: readonly {
    readonly resource?: WireResource;
    readonly scopeMetrics?: readonly {
      readonly scope?: WireScope;
      readonly metrics?: readonly WireMetric[];
    }[];
  }[];
}

export interface WireLogs {
  readonly resourceLogs?: readonly {
    readonly resource?: WireResource;
    readonly scopeLogs?: readonly {
      readonly scope?: WireScope;
      readonly logRecords?: readonly WireLogRecord[];
    }[];
  }[];
}
