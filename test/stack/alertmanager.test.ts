// Who is told of which alerts that fire together: the real Alertmanager, with the bundle's configuration.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startAlertmanager, startWebhook } from '../../scripts/stack/programs/alertmanager.ts';
import { ruleGroups } from '../../scripts/stack/generate/rules.ts';
import { COLLECTOR } from '../../scripts/stack/paths.ts';
import { freePorts } from '../../scripts/stack/programs/ports.ts';
import { until } from '../../scripts/stack/until.ts';
import { temporaryFolder } from './folder.ts';
import { programPaths } from './programs.ts';

const programs = programPaths('alertmanager', 'amtool');

const CONFIG = join(COLLECTOR, 'alertmanager', 'alertmanager.yaml');

const ALERTS = ruleGroups('alerts').flatMap(({ rules }) => rules);

/** An alert that fires: its name, its service and environment, and other labels. */
interface Firing {
  readonly alert: string;
  readonly service?: string;
  readonly environment?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const labelsOf = ({ alert, service = 'shop', environment = 'prod', labels }: Firing) => ({
  alertname: alert,
  severity: ALERTS.find((rule) => rule.alert === alert)?.labels?.['severity'] ?? '',
  ...(labels ?? { service_name: service, deployment_environment_name: environment }),
});

const down = (collector: string): Firing => ({
  alert: 'CollectorDown',
  labels: { job: 'otelcol', collector },
});

const nameOf = (labels: Readonly<Record<string, string>>): string =>
  ['alertname', 'service_name', 'deployment_environment_name', 'collector']
    .map((key) => labels[key] ?? '')
    .join(' ');

describe.skipIf(programs === null)('Alertmanager', () => {
  const folder = temporaryFolder();
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  it.each([
    {
      name: 'a spend limit is the reason for its 429s, in its service and environment',
      firing: [
        { alert: 'SpendLimit' },
        { alert: 'RateLimited' },
        { alert: 'RateLimited', environment: 'staging' },
        { alert: 'RateLimited', service: 'desk' },
        { alert: 'RetriesExhausted' },
      ],
      silent: [{ alert: 'RateLimited' }],
    },
    {
      name: 'a slow burn is no news beside a page',
      firing: ['AuthFailing', 'SpendLimit', 'RetriesExhausted', 'ErrorBudgetBurnFast'].flatMap((alert) => [
        { alert, service: alert },
        { alert: 'ErrorBudgetBurnSlow', service: alert },
        { alert: 'ErrorBudgetBurnSlow', service: alert, environment: 'staging' },
      ]),
      silent: ['AuthFailing', 'SpendLimit', 'RetriesExhausted', 'ErrorBudgetBurnFast'].map((service) => ({
        alert: 'ErrorBudgetBurnSlow',
        service,
      })),
    },
    {
      name: 'one Collector that is away silences no service',
      firing: [down('a'), { alert: 'TelemetryAbsent' }],
      silent: [],
    },
    {
      name: 'where no Collector is left, all services are silent for that reason',
      firing: [down('every instance'), { alert: 'TelemetryAbsent' }],
      silent: [{ alert: 'TelemetryAbsent' }],
    },
  ] satisfies { name: string; firing: Firing[]; silent: Firing[] }[])('$name', async ({ firing, silent }) => {
    const webhook = await startWebhook();
    closers.push(() => webhook.close());
    const [port = 0] = await freePorts(1);
    const { program, url } = await startAlertmanager({
      path: programs?.alertmanager ?? '',
      port,
      folder,
      webhook: webhook.url,
      speed: 20,
    });
    closers.push(() => program.stop());
    const response = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(firing.map((one) => ({ labels: labelsOf(one) }))),
    });
    expect(response.status).toBe(200);

    const hidden = silent.map((one) => nameOf(labelsOf(one)));
    const expected = firing.map((one) => nameOf(labelsOf(one))).filter((one) => !hidden.includes(one));
    const told = (): string[] => webhook.alerts.map(({ labels }) => nameOf(labels)).sort();
    // All that fire have waited as long: when those are told, the silent would have been.
    await until('the webhook to hear', 30_000, () => told().length >= expected.length);
    expect(told()).toEqual(expected.sort());
    for (const { receiver, labels } of webhook.alerts) {
      expect(receiver).toBe(labels['severity'] === 'critical' ? 'pages' : 'warnings');
    }
  });

  // PagerDuty refuses a page without a summary, and Alertmanager does not try again.
  it.each(['title', 'description'])(
    'the examples’ %s says something for alerts of one group that say different things',
    (field) => {
      const config = readFileSync(CONFIG, 'utf8');
      const [, template = ''] = new RegExp(`# {3,5}${field}: '(.*)'`).exec(config) ?? [];
      const alerts = ['a', 'b'].map((collector) => ({
        status: 'firing',
        labels: { alertname: 'CollectorDown', collector },
        annotations: { summary: `The Collector ${collector} cannot be scraped` },
      }));
      const render = (status: string, count: number): string => {
        const file = join(folder, 'notification.json');
        const data = { status, alerts: alerts.slice(0, count), commonAnnotations: {} };
        writeFileSync(file, JSON.stringify(data));
        const args = ['template', 'render', '--template.glob=/dev/null', `--template.data=${file}`];
        args.push(`--template.text=${template}`);
        return spawnSync(programs?.amtool ?? '', args, { encoding: 'utf8' }).stdout.trim();
      };
      expect(render('firing', 1)).toBe('The Collector a cannot be scraped');
      expect(render('firing', 2)).toBe('The Collector a cannot be scraped, and 1 more');
      if (field === 'title') expect(render('resolved', 1)).toBe('Over: The Collector a cannot be scraped');
    },
  );

  it.each(ALERTS)('routes $alert by its severity', ({ alert = '', labels }) => {
    const severity = labels?.['severity'] ?? '';
    const { stdout } = spawnSync(
      programs?.amtool ?? '',
      ['config', 'routes', 'test', `--config.file=${CONFIG}`, `alertname=${alert}`, `severity=${severity}`],
      { encoding: 'utf8' },
    );
    expect(stdout.trim()).toBe(severity === 'critical' ? 'pages' : 'warnings');
  });
});
