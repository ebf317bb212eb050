import {
  CONDITIONS,
  type Condition,
  type CountCondition,
  type Filter,
  type LatencyCondition,
} from './conditions.ts';

/** Alert rules in the form of Grafana's file provisioning. */
export interface GrafanaRules {
  readonly apiVersion: 1;
  readonly groups: readonly {
    readonly orgId: number;
    readonly name: string;
    readonly folder: string;
    readonly interval: string;
    readonly rules: readonly object[];
  }[];
}

/**
 * Grafana-managed alert rules over the raw metrics in any Prometheus-compatible store, for those who cannot load
 * recording rules there. The data source's UID is `prometheus`.
 */
export function grafanaRules(): GrafanaRules {
  return {
    apiVersion: 1,
    groups: [
      { orgId: 1, name: 'claude-api', folder: 'Claude API', interval: '1m', rules: CONDITIONS.map(rule) },
    ],
  };
}

function rule(condition: Condition): object {
  return {
    uid: `anthropic-${condition.alert.toLowerCase()}`,
    title: condition.alert,
    condition: 'A',
    data: [
      {
        refId: 'A',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid: 'prometheus',
        model: { refId: 'A', expr: expressionOf(condition), instant: true },
      },
    ],
    // The query has the comparison in it: no result is no alert.
    noDataState: 'OK',
    execErrState: 'Error',
    for: `${condition.minutes}m`,
    labels: { severity: condition.severity, family: 'anthropic' },
    annotations: {
      summary: `${condition.summary}: {{ or $labels.service_name "a service without a name" }}{{ with $labels.deployment_environment_name }} ({{ . }}){{ end }}`,
      runbook_url: `collector/runbooks/${condition.alert}.md`,
    },
  };
}

const WHO = 'service_name, deployment_environment_name';

/** The condition in PromQL over raw metrics. Its value is never zero, which Grafana takes for "not alerting". */
export function expressionOf(condition: Condition): string {
  if (condition.kind === 'latency') return latencyExpression(condition);
  if (condition.kind === 'headroom') {
    const labels = `${WHO}, gen_ai_request_model, anthropic_ratelimit_bucket`;
    const left = `min by (${labels}) (anthropic_client_ratelimit_remaining / (anthropic_client_ratelimit_limit > 0))`;
    const attempts = `sum by (${WHO}) (increase(anthropic_client_attempts_total[5m]))`;
    return `${left} < bool ${condition.ratio} == 1 and on (${WHO}) ${attempts} >= ${condition.floor}`;
  }
  const by = condition.byModel ? `${WHO}, gen_ai_request_model` : WHO;
  const all = `sum by (${by}) (increase(anthropic_client_${condition.of}_total[5m]))`;
  const metric = condition.counter?.replace('.', '_');
  const what = metric === undefined ? `${condition.of}_total{${selector(condition)}}` : `${metric}_total`;
  const counted = `sum by (${by}) (increase(anthropic_client_${what}[5m]))`;
  const many = `${counted} >= ${condition.count}`;
  if (metric !== undefined) return `${many} unless ${counted} <= ${condition.ratio ?? 0} * ${all}`;
  const parts = [many];
  if (condition.ratio !== undefined) parts.push(`${counted} / (${all} > 0) > ${condition.ratio}`);
  if (condition.floor !== undefined) parts.push(`${all} >= ${condition.floor}`);
  return parts.join(' and ');
}

/**
 * What is usual is the day's mean where there are enough calls to tell, without the last hour, which may be the
 * regression.
 */
function latencyExpression({ metric, latest, seconds, factor, floor }: LatencyCondition): string {
  const by = `${WHO}, gen_ai_request_model`;
  const increase = (suffix: string): string =>
    [metric, latest]
      .filter((name) => name !== undefined)
      .map((name) => `increase(${name.replaceAll('.', '_')}_seconds_${suffix}{error_type=""}[10m])`)
      .join(' or ');
  const p95 = `histogram_quantile(0.95, sum by (${by}, le) (${increase('bucket')}))`;
  const many = `sum by (${by}) (${increase('count')}) >= ${floor}`;
  return [
    `${p95} > ${seconds}`,
    `${p95} > ${factor} * avg_over_time((${p95} > 0 and ${many})[1d:10m] offset 1h)`,
    many,
  ].join(' and ');
}

function selector(condition: CountCondition): string {
  return condition.filters.map(matcher).join(', ');
}

function matcher({ attribute, op, value }: Filter): string {
  const label = attribute.replaceAll('.', '_');
  if (op === 'absent') return `${label}=""`;
  if (op === 'exists') return `${label}!=""`;
  if (op === 'in') return `${label}=~"${(value as readonly number[]).join('|')}"`;
  // Labels are text: of numbers only 5xx is asked for by comparison.
  if (op === '>=') return `${label}=~"${String(value)[0] ?? ''}.."`;
  return `${label}${op === 'unless' ? '!=' : op}"${String(value)}"`;
}
