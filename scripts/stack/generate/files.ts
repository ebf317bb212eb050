import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { buildDashboard } from '../dashboard/build.ts';
import { datadogMonitors, datadogTerraform } from './datadog.ts';
import { grafanaRules } from './grafana.ts';
import { honeycombTriggers } from './honeycomb.ts';
import { prometheusRule } from './prometheus-rule.ts';
import { COLLECTOR } from '../paths.ts';

const FILES: Readonly<Record<string, () => string>> = {
  'dashboards/claude-api.json': () => JSON.stringify(buildDashboard()),
  'alerts-elsewhere/honeycomb-triggers.json': () => JSON.stringify(honeycombTriggers()),
  'alerts-elsewhere/datadog-monitors.json': () => JSON.stringify(datadogMonitors()),
  'alerts-elsewhere/datadog.tf.json': () => JSON.stringify(datadogTerraform()),
  'alerts-elsewhere/grafana-alert-rules.json': () => JSON.stringify(grafanaRules()),
  'kubernetes/prometheus-rule.yaml': prometheusRule,
};

/** The files under `collector/` that are made from others, with their texts. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const [file, make] of Object.entries(FILES)) {
    const filepath = join(COLLECTOR, file);
    made.set(file, await format(make(), { ...(await resolveConfig(filepath)), filepath }));
  }
  return made;
}
