import { stringify } from 'yaml';
import { RULE_FILES, ruleGroups } from './rules.ts';

/** All rules as a PrometheusRule of the Prometheus Operator. */
export function prometheusRule(): string {
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'anthropic', labels: { 'app.kubernetes.io/part-of': 'anthropic-telemetry' } },
    spec: { groups: RULE_FILES.flatMap(ruleGroups) },
  };
  const head = '# Made from collector/rules by `npm run stack:generate`; do not edit.\n';
  return head + stringify(resource, { lineWidth: 0, aliasDuplicateObjects: false });
}
