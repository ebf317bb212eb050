// The alerts as conditions that other products can express: one table, from which their files are made.
import { threshold } from './rules.ts';

/** A comparison with an attribute of the telemetry. */
export interface Filter {
  readonly attribute: string;
  /** `unless`: the attribute is absent, or has another value. */
  readonly op: '=' | '!=' | 'unless' | '>=' | 'in' | 'exists' | 'absent';
  readonly value?: string | number | boolean | readonly number[];
}

interface Common {
  readonly alert: string;
  readonly severity: 'warning' | 'critical';
  readonly summary: string;
  /** Minutes that it must hold. */
  readonly minutes: number;
}

/** So many failures in five minutes, and a share of all, where a share is asked for. */
export interface CountCondition extends Common {
  readonly kind: 'count';
  /** What is counted: HTTP requests, or calls with all of their retries. */
  readonly of: 'attempts' | 'calls';
  readonly filters: readonly Filter[];
  readonly count: number;
  readonly ratio?: number;
  readonly floor?: number;
  /**
   * The metric that counts them, where that of calls lacks what the filters ask of spans. What it counts has not ended,
   * and may be all there is: its share cannot be a quotient.
   */
  readonly counter?: 'streams.stalled';
  /** Each model by itself: it has limits of its own. */
  readonly byModel?: true;
}

/**
 * The 95th percentile over ten minutes of what succeeded: of that many at least, in seconds, and against the day
 * before.
 */
export interface LatencyCondition extends Common {
  readonly kind: 'latency';
  readonly metric: 'gen_ai.client.operation.duration' | 'gen_ai.client.operation.time_to_first_chunk';
  /** Its name under `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`, where that is another. */
  readonly latest?: 'gen_ai.client.inference.duration';
  readonly seconds: number;
  readonly factor: number;
  readonly floor: number;
}

/** What is left of a rate limit, while there are so many attempts in five minutes. */
export interface HeadroomCondition extends Common {
  readonly kind: 'headroom';
  readonly ratio: number;
  readonly floor: number;
}

export type Condition = CountCondition | LatencyCondition | HeadroomCondition;

const STATUS = 'http.response.status_code';
const CAUSE = 'anthropic.rate_limit.cause';

const status = (op: Filter['op'], value: number | readonly number[]): Filter => ({
  attribute: STATUS,
  op,
  value,
});

/**
 * The conditions. Not among them: the error budgets, TelemetryAbsent and the Collector's own health, for which each
 * product has means of its own.
 */
export const CONDITIONS: readonly Condition[] = [
  {
    kind: 'count',
    alert: 'RateLimited',
    severity: 'warning',
    summary: 'The Claude API answers 429',
    minutes: 5,
    of: 'attempts',
    filters: [status('=', 429)],
    count: threshold('rate_limited_count'),
    ratio: threshold('rate_limited_ratio'),
    floor: threshold('rate_limited_floor'),
    byModel: true,
  },
  {
    kind: 'count',
    alert: 'SpendLimit',
    severity: 'critical',
    summary: 'A spend limit of the Claude API is reached',
    minutes: 0,
    of: 'attempts',
    filters: [{ attribute: CAUSE, op: '=', value: 'spend' }],
    count: 1,
  },
  {
    kind: 'count',
    alert: 'Overloaded',
    severity: 'warning',
    summary: 'The Claude API answers 529',
    minutes: 5,
    of: 'attempts',
    filters: [status('=', 529)],
    count: threshold('overloaded_count'),
    ratio: threshold('overloaded_ratio'),
    floor: threshold('overloaded_floor'),
  },
  {
    kind: 'count',
    alert: 'ServerErrors',
    severity: 'warning',
    summary: 'The Claude API answers 5xx',
    minutes: 5,
    of: 'attempts',
    filters: [status('>=', 500), status('!=', 529)],
    count: threshold('server_errors_count'),
    ratio: threshold('server_errors_ratio'),
    floor: threshold('server_errors_floor'),
  },
  {
    kind: 'count',
    alert: 'ConnectionErrors',
    severity: 'warning',
    summary: 'The Claude API cannot be reached',
    minutes: 5,
    of: 'attempts',
    filters: [
      { attribute: STATUS, op: 'absent' },
      { attribute: 'error.type', op: 'exists' },
    ],
    count: threshold('connection_errors_count'),
    ratio: threshold('connection_errors_ratio'),
    floor: threshold('connection_errors_floor'),
  },
  {
    kind: 'count',
    alert: 'RetriesExhausted',
    severity: 'critical',
    summary: 'Calls to the Claude API fail after their last retry',
    minutes: 2,
    of: 'calls',
    // A refusal over money is SpendLimit's, though the SDK repeats one that comes as 429.
    filters: [
      { attribute: 'anthropic.retry.exhausted', op: '=', value: true },
      { attribute: CAUSE, op: 'unless', value: 'spend' },
    ],
    count: threshold('retries_exhausted_count'),
    ratio: threshold('retries_exhausted_ratio'),
    floor: threshold('retries_exhausted_floor'),
  },
  {
    kind: 'count',
    alert: 'AuthFailing',
    severity: 'critical',
    summary: 'The Claude API refuses the key',
    minutes: 1,
    of: 'calls',
    filters: [status('in', [401, 403])],
    count: threshold('auth_failing_count'),
    ratio: threshold('auth_failing_ratio'),
  },
  {
    kind: 'count',
    alert: 'InvalidRequests',
    severity: 'warning',
    summary: 'The Claude API refuses requests as invalid',
    minutes: 5,
    of: 'calls',
    // With these statuses the only cause is money.
    filters: [status('in', [400, 404, 413, 422]), { attribute: CAUSE, op: 'absent' }],
    count: threshold('invalid_requests_count'),
    ratio: threshold('invalid_requests_ratio'),
  },
  {
    kind: 'count',
    alert: 'StreamsStalled',
    severity: 'warning',
    summary: 'Streams of the Claude API hang',
    minutes: 2,
    of: 'calls',
    filters: [{ attribute: 'anthropic.stream.stalled', op: '=', value: true }],
    counter: 'streams.stalled',
    count: threshold('streams_stalled_count'),
    ratio: threshold('streams_stalled_ratio'),
    byModel: true,
  },
  {
    kind: 'headroom',
    alert: 'HeadroomLow',
    severity: 'warning',
    summary: 'Little is left of a rate limit of the Claude API',
    minutes: 10,
    ratio: threshold('headroom_ratio'),
    floor: threshold('headroom_floor'),
  },
  {
    kind: 'latency',
    alert: 'LatencyRegression',
    severity: 'warning',
    summary: 'Calls to the Claude API take far longer than usual',
    minutes: 15,
    metric: 'gen_ai.client.operation.duration',
    latest: 'gen_ai.client.inference.duration',
    seconds: threshold('latency_seconds'),
    factor: threshold('latency_factor'),
    floor: threshold('latency_floor'),
  },
  {
    kind: 'latency',
    alert: 'TimeToFirstChunkRegression',
    severity: 'warning',
    summary: 'Streams of the Claude API start far later than usual',
    minutes: 15,
    metric: 'gen_ai.client.operation.time_to_first_chunk',
    seconds: threshold('first_chunk_seconds'),
    factor: threshold('first_chunk_factor'),
    floor: threshold('first_chunk_floor'),
  },
];
