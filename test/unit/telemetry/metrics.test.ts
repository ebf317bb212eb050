import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import type { CallFacts } from '../../../src/facts.ts';
import { createRedactor } from '../../../src/redaction/index.ts';
import { LabelBook } from '../../../src/telemetry/labels.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';

class Reader extends MetricReader {
  constructor() {
    // A gauge that nobody observes any more is not there.
    super({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

function setUp() {
  const reader = new Reader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  /** The sum of a metric's values, or how many values a histogram has. */
  const read = async () => {
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return (name: string) => {
      const points = all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
      return points.reduce(
        (sum, { value }) => sum + (typeof value === 'number' ? value : (value as { count: number }).count),
        0,
      );
    };
  };
  return { meter, read };
}

const values = (of: (name: string) => number) => [
  of('anthropic.client.calls'),
  of('gen_ai.client.operation.duration'),
  of('anthropic.client.ratelimit.remaining'),
];

describe('a meter that gives way to another', () => {
  it('is told what was measured before, and nothing after', async () => {
    const [before, after] = [setUp(), setUp()];
    const labels = new LabelBook(createRedactor()).of({
      operation: 'chat',
      provider: 'anthropic',
      model: 'claude',
    } as CallFacts);
    const metrics = new Metrics(before.meter);
    const call = (): void => {
      metrics.callStarted(labels);
      metrics.heardRateLimit(labels, { bucket: 'requests', limit: 50, remaining: 9, reset: undefined });
      metrics.record('gen_ai.client.operation.duration', 1, labels.genAi);
      metrics.callEnded(labels, { status: 200, failure: undefined });
    };
    call();
    metrics.use(after.meter);
    call();
    const [ofBefore, ofAfter] = [await before.read(), await after.read()];
    // The counters of the new one begin with all of them.
    expect([values(ofBefore), values(ofAfter)]).toEqual([
      [1, 1, 0],
      [2, 1, 9],
    ]);
  });
});
