import {
  CONDITIONS,
  type Condition,
  type CountCondition,
  type Filter,
  type LatencyCondition,
} from './conditions.ts';

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

/** A monitor, as the resource `datadog_monitor` of Datadog's Terraform provider. */
interface MonitorResource {
  readonly name: string;
  readonly type: Monitor['type'] | 'composite';
  readonly query: string;
  readonly message: string;
  readonly tags: readonly string[];
  readonly priority: Monitor['priority'];
  readonly monitor_thresholds?: { readonly critical: number };
  readonly require_full_window?: false;
  readonly notify_no_data?: false;
  readonly include_tags: true;
}

/** A configuration in Terraform's JSON syntax. */
export interface TerraformConfiguration {
  readonly '//': string;
  readonly terraform: { readonly required_providers: Readonly<Record<string, object>> };
  readonly variable: Readonly<Record<string, object>>;
  readonly resource: { readonly datadog_monitor: Readonly<Record<string, MonitorResource>> };
}

/** What one monitor compares. Of a condition with several parts, all must hold. */
interface Part {
  readonly part?: 'share' | 'count' | 'traffic' | 'seconds' | 'change';
  readonly query: string;
  readonly critical: number;
}

/** Monitors over the application's own metrics, which no sampling touches. */
export function datadogMonitors(): readonly Monitor[] {
  return CONDITIONS.flatMap((condition) => partsOf(condition).map((part) => monitor(condition, part)));
}

/** The same monitors, and for each condition of several parts one that refers to theirs, and notifies in their place. */
export function datadogTerraform(): TerraformConfiguration {
  const description = 'Who is told, such as "@slack-claude-api @pagerduty".';
  return {
    '//': 'Made from scripts/stack/generate/conditions.ts by `npm run stack:generate`; do not edit.',
    terraform: { required_providers: { datadog: { source: 'DataDog/datadog', version: '>= 3.30' } } },
    variable: { notify: { type: 'string', default: '', description } },
    resource: { datadog_monitor: Object.fromEntries(CONDITIONS.flatMap(resources)) },
  };
}

function resources(condition: Condition): [string, MonitorResource][] {
  const parts = partsOf(condition).map((part): [string, MonitorResource] => [
    [idOf(condition), part.part].filter((word) => word !== undefined).join('_'),
    resource(monitor(condition, part)),
  ]);
  const [only, ...more] = parts;
  if (only !== undefined && more.length === 0) {
    const [id, one] = only;
    return [[id, { ...one, message: notifying(one.message) }]];
  }
  const whole: MonitorResource = {
    name: nameOf(condition),
    type: 'composite',
    query: parts.map(([id]) => `\${datadog_monitor.${id}.id}`).join(' && '),
    message: notifying(messageOf(condition)),
    ...common(condition),
    include_tags: true,
  };
  return [...parts, [idOf(condition), whole]];
}

function resource({ options, ...one }: Monitor): MonitorResource {
  const { thresholds, ...flags } = options;
  return { ...one, monitor_thresholds: thresholds, ...flags };
}

/** `rate_limited` for RateLimited. */
const idOf = ({ alert }: Condition): string => alert.replaceAll(/\B[A-Z]/g, '_$&').toLowerCase();
const nameOf = ({ alert }: Condition): string => `Claude API: ${alert}`;
const messageOf = ({ summary, alert }: Condition, value = ''): string =>
  `${summary}: {{service.name}} ({{env.name}})${value}. Runbook: collector/runbooks/${alert}.md`;
const notifying = (message: string): string => `${message} \${var.notify}`;
const common = ({ severity }: Condition): Pick<Monitor, 'tags' | 'priority'> => ({
  tags: ['anthropic', `severity:${severity}`],
  priority: severity === 'critical' ? 1 : 3,
});

function monitor(condition: Condition, { part, query, critical }: Part): Monitor {
  return {
    name: part === undefined ? nameOf(condition) : `${nameOf(condition)}, ${part}`,
    type: 'query alert',
    query,
    message: messageOf(condition, ', {{value}}'),
    ...common(condition),
    options: {
      thresholds: { critical },
      require_full_window: false,
      notify_no_data: false,
      include_tags: true,
    },
  };
}

const gauge = (name: string): string =>
  `min:anthropic.client.ratelimit.${name}{*} by {service,env,gen_ai.request.model,anthropic.ratelimit.bucket}`;

function partsOf(condition: Condition): readonly Part[] {
  if (condition.kind === 'latency') return latencyParts(condition);
  if (condition.kind === 'headroom') {
    const critical = condition.ratio;
    return [{ query: `max(last_10m):${gauge('remaining')} / ${gauge('limit')} < ${critical}`, critical }];
  }
  const { ratio, floor, count, counter } = condition;
  const by = condition.byModel ? '{service,env,gen_ai.request.model}' : '{service,env}';
  const what = counter === undefined ? `${condition.of}{${scope(condition)}}` : `${counter}{*}`;
  const counted = `sum:anthropic.client.${what} by ${by}.as_count()`;
  const all = `sum:anthropic.client.${condition.of}{*} by ${by}.as_count()`;
  const many: Part = { query: `sum(last_5m):${counted} >= ${count}`, critical: count };
  if (ratio === undefined) return [many];
  const share: Part =
    counter === undefined
      ? { part: 'share', query: `sum(last_5m):${counted} / ${all} > ${ratio}`, critical: ratio }
      : { part: 'share', query: `sum(last_5m):${counted} - ${ratio} * ${all} > 0`, critical: 0 };
  const parts: Part[] = [share, { part: 'count', ...many }];
  if (floor !== undefined) {
    parts.push({ part: 'traffic', query: `sum(last_5m):${all} >= ${floor}`, critical: floor });
  }
  return parts;
}

/** What is usual is the same ten minutes of the day before: a monitor cannot look at a day's mean. */
function latencyParts({ metric, seconds, factor, floor }: LatencyCondition): readonly Part[] {
  const succeeded = `${metric}{!error.type:*} by {service,env,gen_ai.request.model}`;
  const percent = (factor - 1) * 100;
  return [
    { part: 'seconds', query: `percentile(last_10m):p95:${succeeded} > ${seconds}`, critical: seconds },
    {
      part: 'change',
      query: `pct_change(avg(last_10m),last_1d):p95:${succeeded} > ${percent}`,
      critical: percent,
    },
    { part: 'traffic', query: `sum(last_10m):count:${succeeded}.as_count() >= ${floor}`, critical: floor },
  ];
}

function scope(condition: CountCondition): string {
  return condition.filters.map(tagFilter).join(' AND ');
}

function tagFilter({ attribute, op, value }: Filter): string {
  if (op === 'absent') return `!${attribute}:*`;
  if (op === 'exists') return `${attribute}:*`;
  if (op === 'in') return `${attribute} IN (${(value as readonly number[]).join(', ')})`;
  if (op === '!=' || op === 'unless') return `!${attribute}:${String(value)}`;
  // Tags are text: of numbers only 5xx is asked for by comparison.
  if (op === '>=') return `${attribute}:${String(value)[0] ?? ''}*`;
  return `${attribute}:${String(value)}`;
}
