/** As in OpenTelemetry's `InstrumentType` and `AggregationTemporality`. */
const OBSERVABLE_GAUGE = 'OBSERVABLE_GAUGE';
const DELTA = 0;
const CUMULATIVE = 1;

interface TemporalitySelector {
  selectAggregationTemporality?(instrumentType: never): number;
}

/**
 * Lets a metric exporter, or a reader that has none such as Prometheus's, forget gauges that are not observed
 * any more, such as the headroom of a rate limit whose window has reset: a stale one pages people. OpenTelemetry
 * JS repeats the last value of an observable gauge for ever where its temporality is cumulative, which a gauge
 * has not on the wire. Every other instrument keeps the temporality that was selected.
 *
 * @returns the same exporter or reader.
 */
export function withFreshGauges<E extends TemporalitySelector>(exporter: E): E {
  const select = exporter.selectAggregationTemporality?.bind(exporter) as
    ((instrumentType: string) => number) | undefined;
  exporter.selectAggregationTemporality = (instrumentType: string) =>
    instrumentType === OBSERVABLE_GAUGE ? DELTA : (select?.(instrumentType) ?? CUMULATIVE);
  return exporter;
}
