/** As in OpenTelemetry's `InstrumentType` and `AggregationTemporality`. */
const OBSERVABLE_GAUGE = 'OBSERVABLE_GAUGE';
const DELTA = 0;
const CUMULATIVE = 1;

interface TemporalitySelector {
  selectAggregationTemporality?(instrumentType: never): number;
}

/**
 * Makes a metric exporter, or a reader without one such as Prometheus's, drop gauges that are no longer observed, such
 * as the headroom of a rate limit whose window has reset: a stale one pages people. OpenTelemetry JS repeats the last
 * value of an observable gauge for ever if its temporality is cumulative; on the wire a gauge has no temporality. Every
 * other instrument keeps the one that the exporter selects.
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
