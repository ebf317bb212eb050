import type { Attributes } from '@opentelemetry/api';
import type { MetricData, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';

type HrTime = [seconds: number, nanoseconds: number];
type Measurement = readonly [attributes: Attributes, value: number];

/** What is read of the SDK's private parts. */
interface Collector {
  readonly _sharedState: {
    readonly resource: ResourceMetrics['resource'];
    readonly meterSharedStates: Map<unknown, Meter>;
  };
}

interface Meter {
  readonly _instrumentationScope: ScopeMetrics['scope'];
  readonly metricStorageRegistry: {
    getStorages(
      collector: Collector,
    ): readonly { collect(collector: Collector, time: HrTime): MetricData | null | undefined }[];
  };
  readonly observableRegistry: { readonly _callbacks: readonly Observation[] };
}

interface Observation {
  readonly callback: (result: { observe(value: number, attributes?: Attributes): void }) => unknown;
  readonly instrument: {
    readonly _metricStorages: readonly {
      record(measurements: { entries(): Iterable<Measurement> }, time: HrTime): void;
    }[];
  };
}

/**
 * Collects a reader's metrics at once. The SDK collects by promises alone, which no longer settle when
 * `process.exit()` was called. So this reads parts of the SDK that are not public; where they are not as
 * expected, it returns `undefined`, and what was measured since the last regular export is lost. Observable
 * instruments take part as far as their callbacks are synchronous and their own.
 */
export function collectNow(reader: object): ResourceMetrics | undefined {
  try {
    const collector = (reader as { readonly _sdkMetricProducer: Collector })._sdkMetricProducer;
    const { resource, meterSharedStates } = collector._sharedState;
    const now = Date.now();
    const time: HrTime = [Math.trunc(now / 1_000), (now % 1_000) * 1_000_000];
    const scopeMetrics = [...meterSharedStates.values()].flatMap((meter) => {
      for (const observation of meter.observableRegistry._callbacks) observe(observation, time);
      const metrics = meter.metricStorageRegistry
        .getStorages(collector)
        .map((storage) => storage.collect(collector, time))
        .filter((metric) => metric !== undefined && metric !== null);
      return metrics.length > 0 ? [{ scope: meter._instrumentationScope, metrics }] : [];
    });
    return scopeMetrics.length > 0 ? { resource, scopeMetrics } : undefined;
  } catch {
    return undefined;
  }
}

function observe({ callback, instrument }: Observation, time: HrTime): void {
  const measurements: Measurement[] = [];
  try {
    callback({
      observe: (value, attributes = {}) => {
        measurements.push([attributes, value]);
      },
    });
  } catch {
    return;
  }
  for (const storage of instrument._metricStorages) {
    storage.record({ entries: () => measurements.values() }, time);
  }
}
