import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COLLECTOR } from '../../../scripts/stack/paths.ts';
import { temporaryFolder } from '../folder.ts';
import { programPaths } from '../programs.ts';
import { ALL_RULES, runPromtool } from './promtool.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { inputSeries, type MetricSource } from './simulation.ts';

const UP = { series: 'up{job="otelcol",collector="localhost"}', values: '1+0x4000' };

const programs = programPaths('promtool');

describe.skipIf(programs === null)('alerts', () => {
  const folder = temporaryFolder();

  const alerts = new Set(SCENARIOS.map((scenario) => scenario.alert));
  for (const source of ['application', 'spans'] as const) {
    for (const alert of alerts) {
      const scenarios = SCENARIOS.filter(
        (scenario) => scenario.alert === alert && (scenario.sources ?? [source]).includes(source),
      );
      if (scenarios.length === 0) continue;
      it(`${alert}, from ${source}: ${scenarios.map((scenario) => scenario.name).join('; ')}`, () => {
        expect(promtool(join(folder, `${source}-${alert}.yaml`), scenarios, source)).toBe('');
      });
    }
  }

  it('has a scenario in which each alert fires', () => {
    const fired = new Set(
      SCENARIOS.flatMap(({ checkpoints }) => checkpoints.flatMap(({ firing }) => firing.map(alertName))),
    );
    expect([...fired].sort()).toEqual(alertNames().sort());
  });
});

/** Runs the scenarios and returns what promtool says where they fail. */
function promtool(file: string, scenarios: readonly Scenario[], source: MetricSource): string {
  return runPromtool(programs?.promtool ?? '', file, {
    ...ALL_RULES,
    tests: scenarios.map((scenario) => testGroup(scenario, source)),
  });
}

function testGroup(scenario: Scenario, source: MetricSource): object {
  const minutes = Math.max(...scenario.checkpoints.map(({ minute }) => minute)) + 1;
  return {
    name: scenario.name,
    interval: '1m',
    input_series: [UP, ...inputSeries(scenario.processes, source, minutes), ...(scenario.more ?? [])],
    promql_expr_test: scenario.checkpoints.flatMap(({ minute, firing, sums = {} }) => [
      {
        expr: 'count by (alertname, service_name) (ALERTS{alertstate="firing"})',
        eval_time: `${minute}m`,
        exp_samples: firing.map((name) => ({ labels: expectedLabels(name), value: 1 })),
      },
      ...Object.entries(sums).map(([series, value]) => ({
        expr: `round(sum(${series}) or vector(0))`,
        eval_time: `${minute}m`,
        exp_samples: [{ labels: '{}', value }],
      })),
    ]),
  };
}

/** `Alert` fires for the service `shop`, `Alert@other` for another, `Alert@` for none. */
function expectedLabels(name: string): string {
  const [alert, service = 'shop'] = name.split('@');
  return service === ''
    ? `{alertname="${alert ?? ''}"}`
    : `{alertname="${alert ?? ''}", service_name="${service}"}`;
}

function alertName(expected: string): string {
  return expected.split('@')[0] ?? '';
}

function alertNames(): string[] {
  const rules = parse(readFileSync(join(COLLECTOR, 'rules', 'alerts.yaml'), 'utf8')) as {
    groups: { rules: { alert: string }[] }[];
  };
  return rules.groups.flatMap((group) => group.rules.map((rule) => rule.alert));
}
