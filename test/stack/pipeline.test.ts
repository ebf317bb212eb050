// The whole way: application → Collector → Jaeger, and → Prometheus → Alertmanager → webhook.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROWS } from '../../scripts/stack/dashboard/panels.ts';
import { CONDITIONS } from '../../scripts/stack/generate/conditions.ts';
import { expressionOf } from '../../scripts/stack/generate/grafana.ts';
import type { JaegerSpan, JaegerTrace } from '../../scripts/stack/programs/jaeger.ts';
import { COLLECTOR } from '../../scripts/stack/paths.ts';
import { freeStackPorts, startStack, type Stack } from '../../scripts/stack/programs/stack.ts';
import {
  startTroubledService,
  TROUBLES,
  type TroubledService,
  type TroubleName,
} from '../../scripts/stack/traffic/troubles.ts';
import { until } from '../../scripts/stack/until.ts';
import { temporaryFolder } from './folder.ts';
import { programPaths } from './programs.ts';

/** All durations of rules and intervals are divided by this: five minutes become fifteen seconds. */
const SPEED = 20;

const NAMES = Object.keys(TROUBLES) as TroubleName[];
const SOURCES = ['application', 'spans'] as const;

// Budgets of services that have failed since their start are gone, rightly; they are not asked here.
const isBudget = (name: string): boolean => name.startsWith('ErrorBudget');

const programs = programPaths('otelcol', 'jaeger', 'prometheus', 'alertmanager');

describe.skipIf(programs === null)('from the application to whoever is paged', () => {
  const folder = temporaryFolder();
  const services: TroubledService[] = [];
  let stack: Stack;

  beforeAll(async () => {
    if (programs === null) return;
    stack = await startStack({
      paths: programs,
      ports: await freeStackPorts(),
      folder,
      speed: SPEED,
      collectorEnv: {
        COLLECTOR_SPAN_METRICS_FLUSH: '500ms',
        COLLECTOR_DECISION_WAIT_AFTER_ROOT: '1s',
      },
    });
    await until('Prometheus to scrape the Collector', 30_000, async () => {
      const up = await stack.prometheus.query('up == 1');
      return up.length === 2;
    });
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await stack?.stop();
  });

  const firing = async (): Promise<string[]> =>
    (await stack.prometheus.firing()).filter((name) => !isBudget(name));
  const told = (status: 'firing' | 'resolved'): string[] =>
    stack.webhook.alerts
      .filter((alert) => alert.status === status && !isBudget(alert.labels['alertname'] ?? ''))
      .map(
        ({ receiver, labels }) => `${receiver}: ${labels['alertname'] ?? ''}@${labels['service_name'] ?? ''}`,
      );

  it('pages for each trouble, from both metric sources, and for nothing else', async () => {
    for (const trouble of NAMES) {
      for (const source of SOURCES) {
        const started = await startTroubledService({
          trouble,
          service: `${trouble}-${source}`,
          otlp: stack.collector.otlp,
          metrics: source === 'application',
          callsPerSecond: 5,
        });
        services.push(started);
      }
    }
    const expected = services
      .flatMap(({ name, trouble }) => TROUBLES[trouble].firing.map((alert) => `${alert}@${name}`))
      .sort();
    await until('all alerts to fire', 60_000, async () => {
      const now = await firing();
      return expected.every((name) => now.includes(name));
    }).catch(async (error: unknown) => {
      expect(await firing()).toEqual(expected);
      throw error;
    });
    expect(await firing()).toEqual(expected);
  });

  it('tells the webhook by severity, and what another alert explains not at all', async () => {
    const expected = services
      .flatMap(({ name, trouble }) => TROUBLES[trouble].told.map((line) => `${line}@${name}`))
      .sort();
    await until('the webhook to hear of all', 30_000, () =>
      expected.every((line) => told('firing').includes(line)),
    );
    expect([...new Set(told('firing'))].sort()).toEqual(expected);
    for (const { annotations } of stack.webhook.alerts) {
      expect(annotations['summary']).toBeTruthy();
      expect(annotations['description']).not.toContain('error expanding');
      expect(annotations['runbook_url']).toMatch(/^collector\/runbooks\/\w+\.md$/);
    }
  });

  it('has data for every line of the dashboard', async () => {
    const empty: string[] = [];
    for (const { panels } of ROWS) {
      for (const { title, lines } of panels) {
        for (const { query } of lines) {
          const all = query.replaceAll(/\$(service|environment|model)\b/g, '.*');
          if ((await stack.prometheus.query(all)).length === 0) empty.push(`${title}: ${all}`);
        }
      }
    }
    expect(empty).toEqual([]);
  });

  it('understands what the runbooks ask, and has an answer to most of it', async () => {
    const queries = runbookQueries();
    const answers = await Promise.all(queries.map((query) => stack.prometheus.query(query)));
    const empty = queries.filter((_, index) => answers[index]?.length === 0);
    // What has not happened here, and marks five minutes apart that a quick run has none of.
    const unasked =
      / > 0$| unless |:5m\]|collector:(?:missing|undelivered_ratio)|http_response_status_code=""/;
    expect(empty.filter((query) => !unasked.test(query))).toEqual([]);
    expect(empty.length).toBeLessThan(queries.length / 2);
  });

  it('is seen by the Grafana-managed rules as well', async () => {
    for (const condition of CONDITIONS) {
      const samples = await stack.prometheus.query(expressionOf(condition));
      const found = samples.map(({ metric }) => metric['service_name']);
      const troubled = services.filter(
        ({ name, trouble }) =>
          name.endsWith('-application') &&
          (TROUBLES[trouble].firing as readonly string[]).includes(condition.alert),
      );
      for (const { name } of troubled) expect(found, condition.alert).toContain(name);
    }
  });

  it('finds the trace in Jaeger by service, status, error type and request ID, with its parents', async () => {
    const byStatus = await until('the trace', 30_000, async () => {
      const traces = await stack.jaeger.find('limited-application', { 'http.response.status_code': '429' });
      return traces.find((trace) => trace.spans.length === 3);
    });
    const call = rootOf(byStatus);
    const attempts = byStatus.spans.filter((span) => span !== call);
    expect(call.operationName).toMatch(/^anthropic\.messages\./);
    expect(attempts.map((span) => span.operationName)).toEqual(['POST /v1/messages', 'POST /v1/messages']);
    for (const attempt of attempts) {
      expect(attempt.references.map(({ spanID }) => spanID)).toEqual([call.spanID]);
    }
    expect(new Set(attempts.map((span) => tag(span, 'http.response.status_code')))).toEqual(
      new Set([200, 429]),
    );

    const byType = await stack.jaeger.find('limited-application', { 'error.type': 'rate_limit_error' });
    expect(byType.map((trace) => trace.traceID)).toContain(byStatus.traceID);
    const id = tag(attempts[0] ?? call, 'anthropic.request.id');
    const byId = await stack.jaeger.find('limited-application', { 'anthropic.request.id': String(id) });
    expect(byId.map((trace) => trace.traceID)).toEqual([byStatus.traceID]);
    expect(await stack.jaeger.services()).toEqual(expect.arrayContaining(services.map(({ name }) => name)));
  });

  it('resolves when the trouble is over', async () => {
    for (const service of services) service.recover();
    await until('all alerts to be over', 120_000, async () => (await firing()).length === 0);
    const expected = services.flatMap(({ name, trouble }) =>
      TROUBLES[trouble].told.map((line) => `${line}@${name}`),
    );
    await until('the webhook to hear that all is over', 60_000, () =>
      expected.every((name) => told('resolved').includes(name)),
    );
  });
});

/** The queries of all runbooks' lines on Prometheus. */
function runbookQueries(): string[] {
  const folder = join(COLLECTOR, 'runbooks');
  const pages = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return pages.flatMap((page) =>
    [...page.matchAll(/^- Prometheus: ((?:.|\n(?= {2}))+)/gm)].flatMap(([, line = '']) =>
      [...line.replaceAll(/\n\s+/g, ' ').matchAll(/`([^`]*[({:][^`]*|otelcol_\w+)`/g)].map(
        ([, query = '']) => query,
      ),
    ),
  );
}

function rootOf(trace: JaegerTrace): JaegerSpan {
  const root = trace.spans.find((span) => span.references.length === 0);
  if (root === undefined) throw new Error('the trace has no root');
  return root;
}

function tag(span: JaegerSpan, key: string): unknown {
  return span.tags.find((candidate) => candidate.key === key)?.value;
}
