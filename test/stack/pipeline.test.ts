// The whole way: application → Collector → Jaeger, and → Prometheus → Alertmanager → webhook.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JaegerSpan, JaegerTrace } from '../../scripts/stack/jaeger.ts';
import { freeStackPorts, startStack, type Stack } from '../../scripts/stack/stack.ts';
import { until } from '../../scripts/stack/until.ts';
import { reply, startFakeApi, type FakeApi, type Reply } from '../../src/demo/fake-api/index.ts';
import { startApp, type App } from './app/start.ts';
import { temporaryFolder } from './folder.ts';
import { programPaths } from './programs.ts';

/** All durations of rules and intervals are divided by this: five minutes become ten seconds. */
const SPEED = 30;

/** Retried at once, so that a test need not wait for the SDK's backoff. */
const AT_ONCE = { 'retry-after-ms': '1' };
const FINAL = { 'x-should-retry': 'false' };

/** How each service's API answers while it is in trouble, by turns. */
const TROUBLES = {
  limited: [
    reply.error(429, {
      message: 'This request would exceed the rate limit of 40,000 input tokens per minute.',
      headers: AT_ONCE,
    }),
    reply.message(),
  ],
  broken: [reply.error(500, { headers: AT_ONCE }), reply.message()],
  busy: [reply.error(529, { headers: AT_ONCE }), reply.message()],
  locked: [reply.error(401)],
  spent: [reply.error(429, { message: 'You have reached your API usage limits.', headers: FINAL })],
  drowned: [reply.error(529, { headers: AT_ONCE })],
} as const satisfies Record<string, readonly Reply[]>;

const SERVICES = Object.keys(TROUBLES) as (keyof typeof TROUBLES)[];
const SOURCES = ['application', 'spans'] as const;

const programs = programPaths('otelcol', 'jaeger', 'prometheus', 'alertmanager');

describe.skipIf(programs === null)('from the application to whoever is paged', () => {
  const folder = temporaryFolder();
  const apis: FakeApi[] = [];
  const apps: App[] = [];
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
    await Promise.all(apps.map((app) => app.stop()));
    await Promise.all(apis.map((api) => api.close()));
    await stack?.stop();
  });

  it('pages for each trouble, from both metric sources, and for nothing else', async () => {
    for (const service of SERVICES) {
      const api = await startFakeApi({ requireKey: false, record: false });
      apis.push(api);
      const replies = TROUBLES[service];
      let turn = 0;
      api.setDefault(() => replies[turn++ % replies.length]);
      for (const source of SOURCES) {
        apps.push(
          startApp({
            service: `${service}-${source}`,
            api: api.url,
            otlp: stack.collector.otlp,
            metrics: source === 'application',
            callsPerSecond: 5,
          }),
        );
      }
    }
    const expected = SOURCES.flatMap((source) => [
      `AuthFailing@locked-${source}`,
      `Overloaded@busy-${source}`,
      `Overloaded@drowned-${source}`,
      `RateLimited@limited-${source}`,
      `RateLimited@spent-${source}`,
      `RetriesExhausted@drowned-${source}`,
      `ServerErrors@broken-${source}`,
      `SpendLimit@spent-${source}`,
    ]).sort();
    // Budgets of services that have failed since their start are gone, rightly; they are not asked here.
    const firing = async (): Promise<string[]> =>
      (await stack.prometheus.firing()).filter((name) => !name.startsWith('ErrorBudget'));
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
    const told = (): string[] =>
      stack.webhook.alerts
        .filter((alert) => alert.status === 'firing' && !alert.labels['alertname']?.startsWith('ErrorBudget'))
        .map((alert) => `${alert.receiver}: ${alert.labels['alertname'] ?? ''}@${alert.labels['service_name'] ?? ''}`);
    const expected = SOURCES.flatMap((source) => [
      `pages: AuthFailing@locked-${source}`,
      `pages: RetriesExhausted@drowned-${source}`,
      `pages: SpendLimit@spent-${source}`,
      `warnings: Overloaded@busy-${source}`,
      `warnings: RateLimited@limited-${source}`,
      `warnings: ServerErrors@broken-${source}`,
    ]).sort();
    await until('the webhook to hear of all', 30_000, () => expected.every((line) => told().includes(line)));
    expect([...new Set(told())].sort()).toEqual(expected);
    for (const { annotations } of stack.webhook.alerts) {
      expect(annotations['summary']).toBeTruthy();
      expect(annotations['description']).not.toContain('error expanding');
      expect(annotations['runbook_url']).toMatch(/^collector\/runbooks\/\w+\.md$/);
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
    expect(attempts.map((span) => tag(span, 'http.response.status_code')).sort()).toEqual([200, 429]);

    const byType = await stack.jaeger.find('limited-application', { 'error.type': 'rate_limit_error' });
    expect(byType.map((trace) => trace.traceID)).toContain(byStatus.traceID);
    const id = tag(attempts[0] ?? call, 'anthropic.request.id');
    const byId = await stack.jaeger.find('limited-application', { 'anthropic.request.id': String(id) });
    expect(byId.map((trace) => trace.traceID)).toEqual([byStatus.traceID]);
    expect(await stack.jaeger.services()).toEqual(
      expect.arrayContaining(SERVICES.flatMap((service) => SOURCES.map((source) => `${service}-${source}`))),
    );
  });

  it('resolves when the trouble is over', async () => {
    for (const api of apis) api.setDefault(() => undefined);
    const open = async (): Promise<string[]> =>
      (await stack.prometheus.firing()).filter((name) => !name.startsWith('ErrorBudget'));
    await until('all alerts to be over', 60_000, async () => (await open()).length === 0);
    const resolved = (): string[] =>
      stack.webhook.alerts
        .filter((alert) => alert.status === 'resolved')
        .map((alert) => `${alert.labels['alertname'] ?? ''}@${alert.labels['service_name'] ?? ''}`);
    const expected = SOURCES.flatMap((source) => [
      `AuthFailing@locked-${source}`,
      `Overloaded@busy-${source}`,
      `RateLimited@limited-${source}`,
      `RetriesExhausted@drowned-${source}`,
      `ServerErrors@broken-${source}`,
      `SpendLimit@spent-${source}`,
    ]);
    await until('the webhook to hear that all is over', 60_000, () =>
      expected.every((name) => resolved().includes(name)),
    );
  });
});

function rootOf(trace: JaegerTrace): JaegerSpan {
  const root = trace.spans.find((span) => span.references.length === 0);
  if (root === undefined) throw new Error('the trace has no root');
  return root;
}

function tag(span: JaegerSpan, key: string): unknown {
  return span.tags.find((candidate) => candidate.key === key)?.value;
}
