import { CONDITIONS, type Condition, type CountCondition, type Filter } from './conditions.ts';

/** A monitor, as `POST /api/v1/monitor` of Datadog's API takes it. */
interface Monitor {
  readonly name: string;
  readonly type: 'query alert';
  readonly query: string;
  readonly message: string;
  readonly tags: readonly string[];
  readonly priority: 1 | 3;
  readonly options: {
    readonly thresholds: { readonly critical: number };
    readonly require_full_window: false;
    readonly notify_no_data: false;
    readonly include_tags: true;
  };
}

/** Monitors over the application's own metrics, which no sampling touches. */
export function datadogMonitors(): readonly Monitor[] {
  return CONDITIONS.flatMap((condition) => {
    if (condition.kind !== 'count' || condition.ratio === undefined) return [monitor(condition)];
    const { ratio: _, floor: __, ...counted } = condition;
    // The share and the count, each a monitor: a composite monitor of both is what pages. Its query needs their IDs.
    return [
      monitor(condition, `Claude API: ${condition.alert}, share`),
      monitor(counted, `Claude API: ${condition.alert}, count`),
    ];
  });
}

function monitor(condition: Condition, name = `Claude API: ${condition.alert}`): Monitor {
  const { query, critical } = queryOf(condition);
  return {
    name,
    type: 'query alert',
    query,
    message: `${condition.summary}: {{service.name}}, {{value}}. Runbook: collector/runbooks/${condition.alert}.md`,
    tags: ['anthropic', `severity:${condition.severity}`],
    priority: condition.severity === 'critical' ? 1 : 3,
    options: {
      thresholds: { critical },
      require_full_window: false,
      notify_no_data: false,
      include_tags: true,
    },
  };
}

const gauge = (name: string): string =>
  `min:anthropic.client.ratelimit.${name}{*} by {service,anthropic.ratelimit.bucket}`;

function queryOf(condition: Condition): { query: string; critical: number } {
  if (condition.kind === 'latency') {
    const critical = condition.seconds;
    return { query: `percentile(last_10m):p95:${condition.metric}{*} by {service} > ${critical}`, critical };
  }
  if (condition.kind === 'headroom') {
    const critical = condition.ratio;
    return { query: `max(last_10m):${gauge('remaining')} / ${gauge('limit')} < ${critical}`, critical };
  }
  const counted = `sum:anthropic.client.${condition.of}{${scope(condition)}} by {service}.as_count()`;
  const all = `sum:anthropic.client.${condition.of}{*} by {service}.as_count()`;
  const critical = condition.ratio ?? condition.count;
  return condition.ratio === undefined
    ? { query: `sum(last_5m):${counted} >= ${critical}`, critical }
    : { query: `sum(last_5m):${counted} / ${all} > ${critical}`, critical };
}

function scope(condition: CountCondition): string {
  return condition.filters.map(tagFilter).join(' AND ');
}

function tagFilter({ attribute, op, value }: Filter): string {
  if (op === 'absent') return `!${attribute}:*`;
  if (op === 'exists') return `${attribute}:*`;
  if (op === 'in') return `${attribute} IN (${(value as readonly number[]).join(', ')})`;
  if (op === '!=') return `!${attribute}:${String(value)}`;
  // Tags are text: of numbers only 5xx is asked for by comparison.
  if (op === '>=') return `${attribute}:${String(value)[0] ?? ''}*`;
  return `${attribute}:${String(value)}`;
}
