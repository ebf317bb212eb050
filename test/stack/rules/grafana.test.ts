// The Grafana-managed rules on the scenarios of the alerts that they stand for. They have no `for` here.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONDITIONS, type Condition } from '../../../scripts/stack/generate/conditions.ts';
import { expressionOf } from '../../../scripts/stack/generate/grafana.ts';
import { temporaryFolder } from '../folder.ts';
import { programPaths } from '../programs.ts';
import { runPromtool } from './promtool.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { inputSeries, type Process } from './simulation.ts';

const programs = programPaths('promtool');

/** At a minute, the services for which an expression has a value. */
interface Expected {
  readonly minute: number;
  readonly services: readonly string[];
}

const GOOD = { perMinute: 20, attempts: ['ok'] } as const;

/** A service with nothing at all left of a limit. */
const SPENT: Process = { phases: [{ minutes: 20, flows: [GOOD], remaining: 0 }] };

describe.skipIf(programs === null)('Grafana-managed rules', () => {
  const folder = temporaryFolder();

  const check = (
    condition: Condition,
    processes: readonly Process[],
    expected: readonly Expected[],
  ): string => {
    const minutes = Math.max(...expected.map(({ minute }) => minute)) + 1;
    const expression = `(${expressionOf(condition)})`;
    const at = ({ minute, services }: Expected): object[] => [
      {
        expr: `count by (service_name) (${expression})`,
        eval_time: `${minute}m`,
        exp_samples: services.map((service) => ({ labels: `{service_name="${service}"}`, value: 1 })),
      },
      // To Grafana zero is "not alerting".
      { expr: `${expression} == 0`, eval_time: `${minute}m`, exp_samples: [] },
    ];
    return runPromtool(programs?.promtool ?? '', join(folder, `${condition.alert}.yaml`), {
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: inputSeries(processes.map(bornAtZero), 'application', minutes),
          promql_expr_test: expected.flatMap(at),
        },
      ],
    });
  };

  it.each(CONDITIONS)('$alert holds when the alert fires, and no more when it is over', (condition) => {
    const scenario = scenarioOf(condition.alert);
    const firing = scenario.checkpoints.find(({ firing: names }) => names.includes(condition.alert));
    const over = scenario.checkpoints[scenario.checkpoints.length - 1];
    if (firing === undefined || over === undefined) throw new Error(`${condition.alert} never fires`);
    const expected = [
      { minute: firing.minute, services: ['shop'] },
      { minute: over.minute, services: [] },
    ];
    expect(check(condition, scenario.processes, expected)).toBe('');
  });

  it.each(CONDITIONS)('$alert does not hold on good traffic', (condition) => {
    const expected = [{ minute: 100, services: [] }];
    expect(check(condition, [{ phases: [{ minutes: 120, flows: [GOOD] }] }], expected)).toBe('');
  });

  it('HeadroomLow holds when nothing is left', () => {
    const expected = [{ minute: 15, services: ['shop'] }];
    expect(check(conditionOf('HeadroomLow'), [SPENT], expected)).toBe('');
  });

  it('RetriesExhausted does not hold where a spend limit was asked again: SpendLimit pages', () => {
    const spent: Process = {
      phases: [{ minutes: 20, flows: [{ perMinute: 20, attempts: ['spendLimit', 'spendLimit'] }] }],
    };
    expect(check(conditionOf('RetriesExhausted'), [spent], [{ minute: 15, services: [] }])).toBe('');
    expect(check(conditionOf('SpendLimit'), [spent], [{ minute: 15, services: ['shop'] }])).toBe('');
  });

  it.each([
    ['a few calls are slow', 150],
    ['a few quick calls at night', 830],
  ])('LatencyRegression does not hold for its scenario %s …', (begin, minute) => {
    const scenario = SCENARIOS.find(
      ({ alert, name }) => alert === 'LatencyRegression' && name.startsWith(begin),
    );
    expect(scenario?.processes).toBeDefined();
    const expected = [{ minute, services: [] }];
    for (const alert of ['LatencyRegression', 'TimeToFirstChunkRegression']) {
      expect(check(conditionOf(alert), scenario?.processes ?? [], expected)).toBe('');
    }
  });

  it('LatencyRegression knows the newest name of the duration', () => {
    const { processes } = scenarioOf('LatencyRegression');
    const latest = processes.map((process) => ({ ...process, latestNames: true }));
    const expected = [{ minute: 145, services: ['shop'] }];
    expect(check(conditionOf('LatencyRegression'), latest, expected)).toBe('');
  });
});

/** The process with series of all that it will count, at zero from its start on: so the instrumentation has them. */
function bornAtZero(process: Process): Process {
  const zeros = process.phases.flatMap(({ flows }) => flows.map((flow) => ({ ...flow, perMinute: 0 })));
  const phases = process.phases.map((phase) => ({ ...phase, flows: [...phase.flows, ...zeros] }));
  return { ...process, phases };
}

/** The first scenario of an alert: it fires, and is over at the end. */
function scenarioOf(alert: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.alert === alert);
  if (found === undefined) throw new Error(`no scenario of ${alert}`);
  return found;
}

function conditionOf(alert: string): Condition {
  const found = CONDITIONS.find((condition) => condition.alert === alert);
  if (found === undefined) throw new Error(`no condition ${alert}`);
  return found;
}
