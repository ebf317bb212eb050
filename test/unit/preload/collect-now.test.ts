import type { Meter } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type DataPoint,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { collectNow } from '../../../src/preload/pipeline/collect-now.ts';

function setUp() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
  const provider = new MeterProvider({ readers: [reader] });
  return { reader, meter: provider.getMeter('test'), provider };
}

/** Scopes, names and points, with how long ago the points are. */
function written(collected: ResourceMetrics | undefined) {
  return collected?.scopeMetrics.map(({ scope, metrics }) => [
    scope.name,
    metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      (dataPoints as DataPoint<unknown>[]).map(({ attributes, value }) => [attributes, value]),
    ]),
  ]);
}

/** What both ways of collecting have to give the same of. */
function measure(meter: Meter): void {
  meter.createCounter('counter').add(2, { a: 1 });
  meter.createHistogram('histogram').record(3);
  meter.createCounter('nothing');
  const gauge = meter.createObservableGauge('gauge');
  gauge.addCallback(() => {
    throw new EvalError('broken');
  });
  gauge.addCallback((result) => {
    result.observe(1, { a: 1, b: 2 });
    result.observe(5, { b: 2, a: 1 });
    result.observe(7);
  });
  meter.createObservableCounter('late').addCallback(async (result) => {
    await Promise.resolve();
    result.observe(1);
  });
}

describe('what is collected at once', () => {
  it('is what the reader collects, without what comes late', async () => {
    const [atOnce, regular] = [setUp(), setUp()];
    for (const { meter } of [atOnce, regular]) measure(meter);
    // A scope of which nothing was measured.
    atOnce.provider.getMeter('empty').createCounter('nothing');
    const expected = written((await regular.reader.collect()).resourceMetrics)?.map(([scope, metrics]) => [
      scope,
      (metrics as [string, unknown][]).filter(([name]) => name !== 'late'),
    ]);
    expect(written(collectNow(atOnce.reader))).toEqual(expected);
    expect(JSON.stringify(expected)).toContain('[{"a":1,"b":2},5]');
  });

  it('is of now', () => {
    const { reader, meter } = setUp();
    const before = Date.now();
    meter.createCounter('counter').add(1);
    const [seconds = 0, nanoseconds = 0] =
      collectNow(reader)?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.endTime ?? [];
    const ms = seconds * 1000 + nanoseconds / 1_000_000;
    expect(nanoseconds % 1_000_000).toBe(0);
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThanOrEqual(Date.now());
  });

  it('is nothing where nothing was measured, and of a reader of another shape', () => {
    expect(collectNow(setUp().reader)).toBeUndefined();
    expect(collectNow({})).toBeUndefined();
  });
});
