// A service that makes Claude API calls: sends the spans, the metrics or both that the instrumentation would send.
import { randomUUID } from 'node:crypto';
import {
  callSpans,
  isRetryable,
  NATIVE_SCOPE,
  OUTCOMES,
  OWN_SCOPE,
  type AttemptOutcome,
  type CallScript,
} from './calls.ts';
import {
  keyValues,
  metricsRequest,
  nanos,
  post,
  tracesRequest,
  type Attributes,
  type OtlpSpan,
} from './otlp.ts';

const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

const COUNTER_UNITS: Readonly<Record<string, string>> = {
  'anthropic.client.attempts': '{attempt}',
  'anthropic.client.calls': '{call}',
  'anthropic.client.cache.tokens': '{token}',
};

interface Counter {
  readonly attributes: Attributes;
  value: number;
}

interface Histogram {
  readonly attributes: Attributes;
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum: number;
}

/** The series that exist at zero from a model's first call: status, error type, cause. */
const ZEROES: readonly AttemptOutcome[] = [
  { status: 429, errorType: 'rate_limit_error', cause: 'unknown', seconds: 0 },
  { status: 429, errorType: 'rate_limit_error', cause: 'spend', seconds: 0 },
  { status: 529, errorType: 'overloaded_error', seconds: 0 },
  { status: 500, errorType: 'api_error', seconds: 0 },
  { status: 401, errorType: 'authentication_error', seconds: 0 },
  { status: 403, errorType: 'permission_error', seconds: 0 },
  { status: 400, errorType: 'invalid_request_error', seconds: 0 },
  { errorType: 'connection_error', seconds: 0 },
];

/** A stand-in for an instrumented service: it counts as one, and sends when told. */
export class Service {
  readonly resource: Attributes;
  readonly #startNanos = nanos(Date.now());
  readonly #counters = new Map<string, Map<string, Counter>>();
  readonly #histograms = new Map<string, Map<string, Histogram>>();
  #remaining: number | undefined;

  constructor(name: string, instance: string = randomUUID()) {
    this.resource = { 'service.name': name, 'service.instance.id': instance };
  }

  /** Counts a call and returns its spans, by scope. */
  call(script: CallScript): Map<string, OtlpSpan[]> {
    const { call, attempts } = callSpans(script);
    this.#count(script);
    return new Map([
      [NATIVE_SCOPE, [call]],
      [OWN_SCOPE, attempts],
    ]);
  }

  /** Sets the headroom gauge: what is left of 4,000 requests. */
  remaining(requests: number): void {
    this.#remaining = requests;
  }

  /** Sends spans to the receiver at `url`, and returns the answer's status. */
  async sendSpans(url: string, scopes: ReadonlyMap<string, readonly OtlpSpan[]>): Promise<number> {
    return (await post(url, 'traces', tracesRequest(this.resource, scopes))).status;
  }

  /** Sends what was counted since the start, as cumulative metrics, and returns the answer's status. */
  async sendMetrics(url: string): Promise<number> {
    const time = { startTimeUnixNano: this.#startNanos, timeUnixNano: nanos(Date.now()) };
    const metrics: object[] = [];
    for (const [name, series] of this.#counters) {
      const unit = COUNTER_UNITS[name] ?? '';
      const dataPoints = Array.from(series.values(), (counter) => ({
        ...time,
        attributes: keyValues(counter.attributes),
        asInt: String(counter.value),
      }));
      metrics.push({ name, unit, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } });
    }
    for (const [name, series] of this.#histograms) {
      const unit = name.endsWith('usage') ? '{token}' : 's';
      const dataPoints = Array.from(series.values(), (histogram) => ({
        ...time,
        attributes: keyValues(histogram.attributes),
        count: String(histogram.counts.reduce((a, b) => a + b, 0)),
        sum: histogram.sum,
        bucketCounts: histogram.counts.map(String),
        explicitBounds: histogram.bounds,
      }));
      metrics.push({ name, unit, histogram: { aggregationTemporality: 2, dataPoints } });
    }
    metrics.push(gauge('anthropic.client.calls.in_flight', '{call}', {}, 1, time));
    if (this.#remaining !== undefined) {
      const attributes = { ...MODEL, 'anthropic.ratelimit.bucket': 'requests' };
      metrics.push(gauge('anthropic.client.ratelimit.limit', '', attributes, 4000, time));
      metrics.push(gauge('anthropic.client.ratelimit.remaining', '', attributes, this.#remaining, time));
    }
    return (await post(url, 'metrics', metricsRequest(this.resource, OWN_SCOPE, metrics))).status;
  }

  #count(script: CallScript): void {
    const model = {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': script.model ?? 'claude-sonnet-5-5',
    };
    for (const outcome of ZEROES) {
      this.#add('anthropic.client.attempts', { ...model, ...labels(outcome) }, 0);
      this.#add('anthropic.client.calls', { ...model, ...labels(outcome) }, 0);
    }
    let seconds = script.bodySeconds ?? 0.6;
    for (const [index, name] of script.attempts.entries()) {
      const outcome: AttemptOutcome = OUTCOMES[name];
      seconds += outcome.seconds + (index === 0 ? 0 : 0.5);
      this.#add('anthropic.client.attempts', { ...model, ...labels(outcome) }, 1);
      if (index > 0) this.#observe('anthropic.client.retry.wait', model, SECONDS, 0.5);
      const http = { ...HTTP, 'http.response.status_code': outcome.status, 'error.type': outcome.errorType };
      this.#observe('http.client.request.duration', http, SECONDS, outcome.seconds);
    }
    const lastName = script.attempts[script.attempts.length - 1] ?? script.attempts[0];
    const last: AttemptOutcome = OUTCOMES[lastName];
    const exhausted = last.errorType !== undefined && isRetryable(lastName) ? true : undefined;
    this.#add(
      'anthropic.client.calls',
      { ...model, ...labels(last), 'anthropic.retry.exhausted': exhausted },
      1,
    );
    const duration = { ...model, 'error.type': last.errorType };
    this.#observe('gen_ai.client.operation.duration', duration, SECONDS, seconds);
    if (last.errorType === undefined) {
      this.#observe('gen_ai.client.operation.time_to_first_chunk', model, SECONDS, 0.45);
      this.#observe('gen_ai.client.token.usage', { ...model, 'gen_ai.token.type': 'input' }, TOKENS, 1200);
      this.#observe('gen_ai.client.token.usage', { ...model, 'gen_ai.token.type': 'output' }, TOKENS, 300);
      this.#add('anthropic.client.cache.tokens', { ...model, 'anthropic.cache.operation': 'read' }, 800);
    }
  }

  #add(name: string, attributes: Attributes, value: number): void {
    const series = this.#counters.get(name) ?? new Map<string, Counter>();
    this.#counters.set(name, series);
    const key = JSON.stringify(attributes);
    const counter = series.get(key) ?? { attributes, value: 0 };
    series.set(key, counter);
    counter.value += value;
  }

  #observe(name: string, attributes: Attributes, bounds: readonly number[], value: number): void {
    const series = this.#histograms.get(name) ?? new Map<string, Histogram>();
    this.#histograms.set(name, series);
    const key = JSON.stringify(attributes);
    const empty = (): Histogram => ({ attributes, bounds, counts: [...bounds, 0].map(() => 0), sum: 0 });
    const histogram = series.get(key) ?? empty();
    series.set(key, histogram);
    const found = bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? bounds.length : found;
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += value;
  }
}

const MODEL = { 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': 'claude-sonnet-5-5' } as const;
const HTTP = {
  'http.request.method': 'POST',
  'server.address': 'api.anthropic.com',
  'server.port': 443,
  'url.template': '/v1/messages',
} as const;

function labels(outcome: AttemptOutcome): Attributes {
  return {
    'http.response.status_code': outcome.status,
    'error.type': outcome.errorType,
    'anthropic.rate_limit.cause': outcome.cause,
  };
}

function gauge(
  name: string,
  unit: string,
  attributes: Attributes,
  value: number,
  time: { readonly timeUnixNano: string },
): object {
  const dataPoints = [
    { timeUnixNano: time.timeUnixNano, attributes: keyValues(attributes), asInt: String(value) },
  ];
  return { name, unit, gauge: { dataPoints } };
}
