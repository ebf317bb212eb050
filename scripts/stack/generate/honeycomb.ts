import { CONDITIONS, type Condition, type Filter } from './conditions.ts';

/** A trigger of Honeycomb's API, as `POST /1/triggers/__all__` takes it. */
interface Trigger {
  readonly name: string;
  readonly description: string;
  readonly frequency: number;
  readonly alert_type: 'on_change';
  readonly threshold: { readonly op: '>=' | '>'; readonly value: number; readonly exceeded_limit: number };
  readonly query: {
    readonly time_range: number;
    readonly breakdowns: readonly string[];
    readonly calculations: readonly [{ readonly op: 'COUNT' | 'P95'; readonly column?: string }];
    readonly filters: readonly { readonly column: string; readonly op: string; readonly value?: unknown }[];
    readonly filter_combination: 'AND';
  };
}

const OPS: Readonly<Record<Filter['op'], string>> = {
  '=': '=',
  '!=': '!=',
  '>=': '>=',
  in: 'in',
  exists: 'exists',
  absent: 'does-not-exist',
};

/**
 * Triggers over spans. They count and never divide: tail sampling keeps every failure and a tenth of the rest, and a
 * share of what was kept is no share of what was called.
 */
export function honeycombTriggers(): readonly Trigger[] {
  return CONDITIONS.filter(({ kind }) => kind !== 'headroom').map(trigger);
}

function trigger(condition: Condition): Trigger {
  const latency = condition.kind === 'latency';
  const spans = latency || (condition.kind === 'count' && condition.of === 'calls') ? CALLS : ATTEMPTS;
  const filters = condition.kind === 'count' ? condition.filters.map(filter) : [];
  return {
    name: `Claude API: ${condition.alert}`,
    description: `${condition.summary}. Runbook: collector/runbooks/${condition.alert}.md`,
    // Whole minutes; a query may look back four times its frequency at most.
    frequency: latency ? 300 : 120,
    alert_type: 'on_change',
    threshold: {
      op: latency ? '>' : '>=',
      value: latency ? latencyThreshold(condition) : condition.kind === 'count' ? condition.count : 0,
      exceeded_limit: Math.min(5, Math.max(1, Math.round(condition.minutes / (latency ? 5 : 2)))),
    },
    query: {
      time_range: latency ? 600 : 300,
      breakdowns: [
        'service.name',
        ...(condition.alert === 'RateLimited' ? ['anthropic.rate_limit.cause'] : []),
      ],
      calculations: [latency ? { op: 'P95', column: latencyColumn(condition) } : { op: 'COUNT' }],
      filters: [...spans, ...filters],
      filter_combination: 'AND',
    },
  };
}

const CALLS = [{ column: 'name', op: 'starts-with', value: 'anthropic.' }] as const;
const ATTEMPTS = [
  { column: 'library.name', op: '=', value: 'opentelemetry-instrumentation-anthropic' },
  { column: 'name', op: 'does-not-start-with', value: 'anthropic.' },
] as const;

function filter({ attribute, op, value }: Filter): { column: string; op: string; value?: unknown } {
  const unary = op === 'exists' || op === 'absent';
  return { column: attribute, op: OPS[op], ...(unary ? {} : { value }) };
}

/** Honeycomb has a span's duration in milliseconds, and our attribute in seconds. */
function latencyColumn(condition: Extract<Condition, { kind: 'latency' }>): string {
  return condition.metric.endsWith('first_chunk') ? 'gen_ai.response.time_to_first_chunk' : 'duration_ms';
}

function latencyThreshold(condition: Extract<Condition, { kind: 'latency' }>): number {
  return latencyColumn(condition) === 'duration_ms' ? condition.seconds * 1000 : condition.seconds;
}
