import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { withFreshGauges } from '../../src/fresh-gauges.ts';

/** What the last of two exports holds of a gauge and a counter, both of which are observed for the first one only. */
async function lastOfTwo(exporter: InMemoryMetricExporter): Promise<Record<string, unknown[]>> {
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('test');
  let isObserved = true;
  for (const instrument of [meter.createObservableGauge('gauge'), meter.createObservableCounter('counter')]) {
    instrument.addCallback((result) => {
      if (isObserved) result.observe(7);
    });
  }
  await reader.forceFlush();
  isObserved = false;
  exporter.reset();
  await reader.forceFlush();
  const metrics = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  await provider.shutdown();
  return Object.fromEntries(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
  );
}

describe('withFreshGauges', () => {
  it('without it, OpenTelemetry repeats a gauge that nobody observes any more', async () => {
    const exported = await lastOfTwo(new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE));
    expect(exported).toEqual({ gauge: [7], counter: [7] });
  });

  it('lets go of the gauge, and of nothing else', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    expect(withFreshGauges(exporter)).toBe(exporter);
    const { gauge = [], counter } = await lastOfTwo(exporter);
    expect(gauge).toEqual([]);
    expect(counter).toEqual([7]);
  });

  it('leaves the other instruments the temporality that the exporter selects', () => {
    const exporter = withFreshGauges(new InMemoryMetricExporter(AggregationTemporality.DELTA));
    expect(exporter.selectAggregationTemporality('COUNTER' as never)).toBe(AggregationTemporality.DELTA);
    const plain: { selectAggregationTemporality?(type: never): number } = withFreshGauges({});
    expect(plain.selectAggregationTemporality?.('COUNTER' as never)).toBe(AggregationTemporality.CUMULATIVE);
  });
});
