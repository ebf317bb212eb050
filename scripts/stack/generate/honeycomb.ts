import { CONDITIONS, type CountCondition, type Filter } from './conditions.ts';

/** A trigger of Honeycomb's API, as `POST /1/triggers/__all__` takes it. */
interface Trigger {
  readonly name: string;
  readonly description: string;
  readonly frequency: number;
  readonly alert_type: 'on_change';
  readonly threshold: { readonly op: '>='; readonly value: number; readonly exceeded_limit: number };
  readonly query: {
    readonly time_range: number;
    readonly breakdowns: readonly string[];
    readonly calculations: readonly [{ readonly op: 'COUNT' }];
    readonly filters: readonly { readonly column: string; readonly op: string; readonly value?: unknown }[];
    readonly filter_combination: 'AND';
  };
}

const OPS: Readonly<Record<Exclude<Filter['op'], 'unless'>, string>> = {
  '=': '=',
  '!=': '!=',
  '>=': '>=',
  in: 'in',
  exists: 'exists',
  absent: 'does-not-exist',
};

/**
 * Triggers over spans, and one over log records. They count failures, never divide and ask for no percentile: tail sampling keeps every failure,
 * every slow call and a tenth of the rest, and a share of what was kept is no share of what was called.
 */
export function honeycombTriggers(): readonly Trigger[] {
  return CONDITIONS.filter((condition) => condition.kind === 'count').map(trigger);
}

function trigger(condition: CountCondition): Trigger {
  return {
    name: `Claude API: ${condition.alert}`,
    description: `${condition.summary}. Runbook: collector/runbooks/${condition.alert}.md`,
    // Whole minutes; a query may look back four times its frequency at most.
    frequency: 120,
    alert_type: 'on_change',
    threshold: {
      op: '>=',
      value: condition.count,
      exceeded_limit: Math.min(5, Math.max(1, Math.round(condition.minutes / 2))),
    },
    query: {
      time_range: 300,
      breakdowns: [
        'service.name',
        ...(condition.alert === 'RateLimited' ? ['anthropic.rate_limit.cause'] : []),
        ...(condition.counter ? ['gen_ai.request.model'] : []),
      ],
      calculations: [{ op: 'COUNT' }],
      filters: condition.counter ? LOGGED[condition.counter] : spans(condition),
      filter_combination: 'AND',
    },
  };
}

const CALLS = [{ column: 'name', op: 'starts-with', value: 'anthropic.' }] as const;
const ATTEMPTS = [
  { column: 'library.name', op: '=', value: 'opentelemetry-instrumentation-anthropic' },
  { column: 'name', op: 'does-not-start-with', value: 'anthropic.' },
] as const;

/** What is counted while it lasts, by its log record: a span comes at its end and is filed at its beginning. */
const LOGGED = {
  'streams.stalled': [
    { column: 'severity_text', op: '=', value: 'WARN' },
    { column: 'body', op: 'contains', value: 'hangs' },
  ],
} as const;

function spans({ of, filters }: CountCondition): Trigger['query']['filters'] {
  return [...(of === 'calls' ? CALLS : ATTEMPTS), ...filters.flatMap(filter)];
}

function filter({ attribute, op, value }: Filter): Trigger['query']['filters'] {
  // Its documentation does not say whether `!=` holds for an absent attribute: one page too many, and none too few.
  if (op === 'unless') return [];
  const unary = op === 'exists' || op === 'absent';
  return [{ column: attribute, op: OPS[op], ...(unary ? {} : { value }) }];
}
