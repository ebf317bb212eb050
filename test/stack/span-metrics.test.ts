import { describe, expect, it } from 'vitest';
import { sumOfSeries } from '../../scripts/stack/programs/collector.ts';
import { callSpans, NATIVE_SCOPE, OWN_SCOPE } from '../../scripts/stack/traffic/calls.ts';
import { nanos, post, tracesRequest } from '../../scripts/stack/traffic/otlp.ts';
import { until } from '../../scripts/stack/until.ts';
import { temporaryFolder } from './folder.ts';
import { observedCollector } from './observed-collector.ts';
import { programPaths } from './programs.ts';

const programs = programPaths('otelcol');

/** What an application's own counter says, and what is made of its spans. */
const COUNTED = 7;

const WAYS = [
  ['are made', [], true],
  ['are not made, with no-span-metrics.yaml', ['options/no-span-metrics.yaml'], false],
] as const;

describe.skipIf(programs === null).each(WAYS)('metrics from spans %s', (_, options, areMade) => {
  const folder = temporaryFolder();
  const observed = observedCollector(programs?.otelcol, folder, options, {
    COLLECTOR_SAMPLING_PERCENT: '100',
    COLLECTOR_SPAN_METRICS_FLUSH: '100ms',
    COLLECTOR_DECISION_WAIT_AFTER_ROOT: '1s',
  });

  it('spans and the metrics of applications go on as ever', async () => {
    const { backend, collector } = observed;
    const { traceId, call, attempts } = callSpans({ attempts: ['ok'] });
    const scopes = new Map([
      [OWN_SCOPE, attempts],
      [NATIVE_SCOPE, [call]],
    ]);
    const sent = await post(collector.otlp, 'traces', tracesRequest({ 'service.name': 'a' }, scopes));
    expect(sent.status).toBe(200);
    const now = nanos(Date.now());
    const dataPoints = [{ startTimeUnixNano: now, timeUnixNano: now, asInt: String(COUNTED) }];
    const sum = { dataPoints, aggregationTemporality: 2, isMonotonic: true };
    const counted = await post(collector.otlp, 'metrics', {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'anthropic.client.calls', sum }] }] }],
    });
    expect(counted.status).toBe(200);

    // Ten times as long as metrics from spans take.
    await until('the trace', 30_000, () => backend.sendersOfTrace.has(traceId));
    const text = await until('the counter', 30_000, async () => {
      const page = await observed.scrape();
      return page.includes('anthropic_client_calls_total') ? page : undefined;
    });
    expect(sumOfSeries(text, 'anthropic_client_calls_total', [])).toBe(COUNTED);
    expect(text.includes('traces_span_metrics_calls_total')).toBe(areMade);
    expect(text.includes('anthropic_spans_')).toBe(areMade);
  });
});
