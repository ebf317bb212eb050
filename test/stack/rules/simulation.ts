// Counters of simulated services, minute by minute, as input series of `promtool test rules`.
import {
  OUTCOMES,
  OWN_SCOPE,
  isRetryable,
  type AttemptOutcome,
  type OutcomeName,
} from '../../../scripts/stack/traffic/calls.ts';

/** So many calls a minute that all go alike. */
export interface Flow {
  readonly perMinute: number;
  readonly attempts: readonly [OutcomeName, ...OutcomeName[]];
  /** Seconds that the call took, and to its first chunk. */
  readonly seconds?: number;
  readonly firstChunk?: number;
}

/** A stretch of time in which the same goes on each minute. No flows: idle. */
export interface Phase {
  readonly minutes: number;
  readonly flows: readonly Flow[];
  /** What is left of a limit of 4,000 requests. */
  readonly remaining?: number;
  /** Streams a minute that hang; none of these calls ends. */
  readonly stalled?: number;
}

/** One process. Its counters start at zero; after its last phase its series stay for five minutes, then end. */
export interface Process {
  readonly service?: string;
  readonly instance?: string;
  /** What it sends; the source that is asked about, unless given. */
  readonly sends?: readonly MetricSource[];
  /** The minute it starts in; 0 unless given. */
  readonly from?: number;
  readonly phases: readonly Phase[];
  /** Minutes after its start at which its counters start anew at zero, as after a crash with the same instance ID. */
  readonly resetAfter?: number;
  /** Its metrics have the newest names, as the standard variable can ask for. */
  readonly latestNames?: boolean;
}

/** Where the numbers come from: the services' own metrics, or spans. */
export type MetricSource = 'application' | 'spans';

/** One input series: a value for each minute from 0, `null` where there is no sample. */
interface Series {
  readonly labels: string;
  readonly values: (number | null)[];
}

const MODEL = 'claude-sonnet-5-5';
const BOUNDS = ['0.5', '1', '2', '4', '8', '16', '32', '64', '+Inf'];

/** The input series, in promtool's notation, of processes that run beside each other. */
export function inputSeries(
  processes: readonly Process[],
  source: MetricSource,
  minutes: number,
): { series: string; values: string }[] {
  const all = new Map<string, Series>();
  for (const process of processes) {
    for (const sent of process.sends ?? [source]) {
      for (const [name, values] of simulate(process, sent, minutes)) {
        const known = all.get(name);
        // Spans know no instances: the Collector counts all of a service's processes together.
        all.set(
          name,
          known === undefined
            ? { labels: name, values }
            : { labels: name, values: add(known.values, values) },
        );
      }
    }
  }
  return Array.from(all.values(), (one) => ({ series: one.labels, values: notation(one.values) }));
}

function simulate(process: Process, source: MetricSource, minutes: number): Map<string, (number | null)[]> {
  const totals = new Map<string, number>();
  const history = new Map<string, (number | null)[]>();
  const bump = (name: string, by: number): void => {
    totals.set(name, (totals.get(name) ?? 0) + by);
  };
  const from = process.from ?? 0;
  const plan = process.phases.flatMap((phase) => Array.from({ length: phase.minutes }, () => phase));

  for (let minute = 0; minute < minutes; minute += 1) {
    const phase = plan[minute - from];
    if (minute - from === process.resetAfter) totals.clear();
    if (phase !== undefined) {
      for (const flow of phase.flows) record(process, source, flow, bump);
      if (phase.remaining !== undefined) headroom(process, source, phase.remaining, totals);
      if (phase.stalled !== undefined) bump(stalledSeries(process, source), phase.stalled);
    }
    const listed = source === 'spans' ? minute >= from : minute >= from && minute < from + plan.length + 5;
    if (!listed) continue;
    for (const [name, value] of totals) {
      const values = history.get(name) ?? Array.from<number | null>({ length: minutes }).fill(null);
      history.set(name, values);
      values[minute] = value;
    }
  }
  return history;
}

function record(
  process: Process,
  source: MetricSource,
  flow: Flow,
  bump: (name: string, by: number) => void,
): void {
  const app = source === 'application';
  const who = identity(process, source);
  const attemptsName = app ? 'anthropic_client_attempts_total' : 'traces_span_metrics_calls_total';
  const callsName = app ? 'anthropic_client_calls_total' : 'traces_span_metrics_calls_total';
  const attempt = app
    ? { gen_ai_request_model: MODEL }
    : { span_instrumentation_scope_name: OWN_SCOPE, span_name: 'POST /v1/messages' };
  const call = app
    ? { gen_ai_request_model: MODEL }
    : { gen_ai_request_model: MODEL, span_name: 'anthropic.messages.create' };

  for (const name of flow.attempts) {
    bump(series(attemptsName, { ...who, ...attempt, ...labels(OUTCOMES[name]) }), flow.perMinute);
  }
  const last = flow.attempts[flow.attempts.length - 1] ?? flow.attempts[0];
  const outcome: AttemptOutcome = OUTCOMES[last];
  const exhausted = outcome.errorType !== undefined && isRetryable(last) ? 'true' : undefined;
  bump(
    series(callsName, { ...who, ...call, ...labels(outcome), anthropic_retry_exhausted: exhausted }),
    flow.perMinute,
  );

  if (outcome.errorType !== undefined) return;
  const operation = process.latestNames ? 'inference' : 'operation';
  const durations = app
    ? `gen_ai_client_${operation}_duration_seconds`
    : 'traces_span_metrics_duration_seconds';
  const chunks = app
    ? 'gen_ai_client_operation_time_to_first_chunk_seconds'
    : 'anthropic_spans_time_to_first_chunk_seconds';
  histogram(durations, { ...who, ...call }, flow.seconds ?? 1.5, flow.perMinute, bump);
  histogram(chunks, { ...who, gen_ai_request_model: MODEL }, flow.firstChunk ?? 0.7, flow.perMinute, bump);
}

function histogram(
  name: string,
  attributes: Labels,
  value: number,
  count: number,
  bump: (name: string, by: number) => void,
): void {
  for (const le of BOUNDS) {
    bump(
      series(`${name}_bucket`, { ...attributes, le }),
      value <= Number(le.replace('+Inf', 'Infinity')) ? count : 0,
    );
  }
  bump(series(`${name}_count`, attributes), count);
}

function headroom(
  process: Process,
  source: MetricSource,
  remaining: number,
  totals: Map<string, number>,
): void {
  const who = identity(process, source);
  if (source === 'spans') {
    totals.set(series('anthropic_spans_headroom_requests_ratio', who), remaining / 4000);
    return;
  }
  const labelled = { ...who, gen_ai_request_model: MODEL, anthropic_ratelimit_bucket: 'requests' };
  totals.set(series('anthropic_client_ratelimit_limit', labelled), 4000);
  totals.set(series('anthropic_client_ratelimit_remaining', labelled), remaining);
}

function stalledSeries(process: Process, source: MetricSource): string {
  return series('anthropic_client_streams_stalled_total', {
    ...identity(process, source),
    gen_ai_request_model: MODEL,
  });
}

type Labels = Readonly<Record<string, string | undefined>>;

function identity(process: Process, source: MetricSource): Labels {
  const service = process.service ?? 'shop';
  const collector = 'localhost';
  return source === 'spans'
    ? { service_name: service, collector }
    : { service_name: service, job: service, instance: process.instance ?? 'a', collector };
}

function labels(outcome: AttemptOutcome): Labels {
  return {
    http_response_status_code: outcome.status === undefined ? undefined : String(outcome.status),
    error_type: outcome.errorType,
    anthropic_rate_limit_cause: outcome.cause,
  };
}

function series(name: string, attributes: Labels): string {
  const pairs = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `${name}{${pairs.map(([key, value]) => `${key}="${value ?? ''}"`).join(',')}}`;
}

function add(a: readonly (number | null)[], b: readonly (number | null)[]): (number | null)[] {
  return a.map((value, index) => {
    const other = b[index] ?? null;
    return value === null ? other : value + (other ?? 0);
  });
}

/** Values in promtool's notation; the end of a series is a staleness marker. */
function notation(values: readonly (number | null)[]): string {
  return values
    .map((value, index) => {
      if (value !== null) return String(value);
      return index > 0 && values[index - 1] !== null ? 'stale' : '_';
    })
    .join(' ');
}
