import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCollector, sumOfSeries, type Collector } from '../../scripts/stack/programs/collector.ts';
import { freeCollectorPorts } from '../../scripts/stack/programs/stack.ts';
import { callSpans, NATIVE_SCOPE, OWN_SCOPE, type CallScript } from '../../scripts/stack/traffic/calls.ts';
import { post, tracesRequest, type OtlpSpan } from '../../scripts/stack/traffic/otlp.ts';
import { until } from '../../scripts/stack/until.ts';
import { jsonOverlay } from './backend.ts';
import { temporaryFolder } from './folder.ts';
import { observedCollector } from './observed-collector.ts';
import { programPaths } from './programs.ts';

const TRACES = 10_000;
const SHARE = 0.1;

/** What must be kept, each, and how it is made. */
const INTERESTING: Readonly<Record<string, CallScript>> = {
  'a 429 that a retry mended': { attempts: ['rateLimited', 'ok'] },
  'a 529 that no retry mended': { attempts: ['overloaded', 'overloaded', 'overloaded'] },
  'a 500 that a retry mended': { attempts: ['serverError', 'ok'] },
  'a 400': { attempts: ['invalid'] },
  'a connection that a retry mended': { attempts: ['unreachable', 'ok'] },
  'a slow call': { attempts: ['ok'], bodySeconds: 31 },
};

const programs = programPaths('otelcol');

describe.skipIf(programs === null)('tail sampling', () => {
  const decided = 'otelcol_processor_tail_sampling_global_count_traces_sampled_total';
  const folder = temporaryFolder();
  const observed = observedCollector(programs?.otelcol, folder, [], {
    COLLECTOR_DECISION_WAIT_AFTER_ROOT: '1s',
    COLLECTOR_SPAN_METRICS_FLUSH: '500ms',
  });

  it(`keeps every interesting trace of ${TRACES} and a tenth of the others; metrics count all`, async () => {
    const kinds = Object.keys(INTERESTING);
    const interesting = new Map<string, { kind: string; spans: number }>();
    const others = new Set<string>();
    let calls: OtlpSpan[] = [];
    let attempts: OtlpSpan[] = [];
    for (let index = 0; index < TRACES; index += 1) {
      // Every third trace is interesting, the kinds by turns.
      const kind = index % 3 === 0 ? (kinds[(index / 3) % kinds.length] ?? '') : '';
      const made = callSpans(INTERESTING[kind] ?? { attempts: ['ok'] });
      if (kind === '') others.add(made.traceId);
      else interesting.set(made.traceId, { kind, spans: 1 + made.attempts.length });
      calls.push(made.call);
      attempts.push(...made.attempts);
      if (calls.length === 500 || index === TRACES - 1) {
        const scopes = new Map([
          [OWN_SCOPE, attempts],
          [NATIVE_SCOPE, calls],
        ]);
        const { status } = await post(
          observed.collector.otlp,
          'traces',
          tracesRequest({ 'service.name': 'sampled' }, scopes),
        );
        expect(status).toBe(200);
        calls = [];
        attempts = [];
      }
    }

    await until('every interesting trace', 60_000, () =>
      [...interesting.keys()].every((id) => observed.backend.sendersOfTrace.has(id)),
    );
    // Whole: each with all of its spans.
    const arrived = new Map<string, number>();
    for (const key of observed.backend.spans.keys()) {
      const traceId = key.slice(0, 32);
      arrived.set(traceId, (arrived.get(traceId) ?? 0) + 1);
    }
    for (const [traceId, { kind, spans }] of interesting) expect(arrived.get(traceId), kind).toBe(spans);

    await until(
      'all decisions',
      30_000,
      async () => (await observed.collector.selfMetric(decided)) >= TRACES,
    );
    await until(
      'the last batch',
      30_000,
      async () => (await observed.collector.selfMetric('otelcol_exporter_queue_size')) === 0,
    );
    const kept = [...observed.backend.sendersOfTrace.keys()].filter((id) => others.has(id)).length;
    // Within five standard deviations of a fair tenth.
    const deviation = Math.sqrt(others.size * SHARE * (1 - SHARE));
    expect(Math.abs(kept - others.size * SHARE)).toBeLessThan(5 * deviation);
    expect(
      await observed.collector.selfMetric(
        'otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total',
      ),
    ).toBe(0);

    await until('metrics of all calls', 30_000, async () => {
      const text = await observed.scrape();
      return (
        sumOfSeries(text, 'traces_span_metrics_calls_total', ['span_name="anthropic.messages.create"']) ===
        TRACES
      );
    });
  });

  describe('that keeps no share of the rest', () => {
    const own = temporaryFolder();
    let strict: Collector;

    const start = async (): Promise<Collector> =>
      startCollector({
        path: programs?.otelcol ?? '',
        configs: ['base.yaml', 'backends/otlp-http.yaml', jsonOverlay(own)],
        ports: await freeCollectorPorts(),
        folder: own,
        env: {
          OTLP_HTTP_ENDPOINT: observed.backend.url,
          COLLECTOR_SAMPLING_PERCENT: '0',
          COLLECTOR_DECISION_WAIT_AFTER_ROOT: '1s',
          COLLECTOR_DECISION_WAIT: '2s',
        },
      });

    beforeAll(async () => {
      if (programs !== null) strict = await start();
    });
    afterAll(() => strict?.program.stop());

    const send = async (spans: readonly OtlpSpan[]): Promise<void> => {
      const request = tracesRequest({ 'service.name': 'strict' }, new Map([[OWN_SCOPE, spans]]));
      expect((await post(strict.otlp, 'traces', request)).status).toBe(200);
    };

    it('keeps a late error of a trace that it had dropped', async () => {
      const dull = callSpans({ attempts: ['ok'] });
      // The last dropped trace is remembered, so this is not the last.
      for (const { call } of [dull, callSpans({ attempts: ['ok'] })]) {
        const before = await strict.selfMetric(decided);
        await send([call]);
        await until('the decision', 30_000, async () => (await strict.selfMetric(decided)) > before);
      }
      const [late] = callSpans({ attempts: ['serverError'] }).attempts;
      if (late === undefined) throw new Error('no attempt');
      await send([{ ...late, traceId: dull.traceId, parentSpanId: dull.call.spanId }]);
      await until('the late error', 30_000, () =>
        observed.backend.spans.has(`${dull.traceId}/${late.spanId}`),
      );
      expect([...observed.backend.spans.keys()].filter((key) => key.startsWith(dull.traceId))).toHaveLength(
        1,
      );
    });

    it('decides what it holds when it is asked to end, and delivers it, now or after its next start', async () => {
      const made = Array.from({ length: 500 }, () => callSpans({ attempts: ['rateLimited', 'ok'] }));
      const spans = made.flatMap(({ call, attempts }) => [call, ...attempts]);
      await send(spans);
      await strict.program.stop();
      strict = await start();
      await until('all spans', 30_000, () =>
        spans.every(({ traceId, spanId }) => observed.backend.spans.has(`${traceId}/${spanId}`)),
      );
    });
  });
});
