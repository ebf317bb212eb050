import { buildDashboard } from './dashboard/build.ts';
import { prometheusRule } from './generate/prometheus-rule.ts';

/** The files under `collector/` that are made from others, with their texts. */
export function generatedFiles(): Map<string, string> {
  return new Map([
    ['dashboards/claude-api.json', json(buildDashboard())],
    ['kubernetes/prometheus-rule.yaml', prometheusRule()],
  ]);
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
