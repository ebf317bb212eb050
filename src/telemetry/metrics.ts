import {
  createNoopMeter,
  ValueType,
  type Attributes,
  type Counter,
  type Histogram,
  type Meter,
  type Observable,
  type ObservableCallback,
  type UpDownCounter,
} from '@opentelemetry/api';
import { closedErrorType } from '../diagnosis/index.ts';
import { guard } from '../guard.ts';
import type { Failure, RateLimit } from '../facts.ts';
import { METRICS, type MetricName, type MetricSpec } from '../schema.ts';
import { BORN_SERIES } from './born-series.ts';
import { CountedSeries } from './counted-series.ts';
import { DeferredHistograms } from './deferred-histograms.ts';
import type { CallLabels } from './labels.ts';
import { RateLimitGauges } from './rate-limit-gauges.ts';

/** The metrics that are instruments of this kind. */
type NameOf<Instrument extends MetricSpec['instrument']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['instrument'] extends Instrument ? Name : never;
}[MetricName];
type HistogramName = NameOf<'histogram'>;
type CounterName = NameOf<'counter' | 'updowncounter'>;

/** What one attempt or call counts as. */
interface Counted {
  readonly status: number | undefined;
  readonly failure: Pick<Failure, 'type' | 'rateLimitCause'> | undefined;
  readonly exhausted?: boolean;
}

/** So many kinds of calls are known. The series of others begin at zero with every call, which adds nothing to them. */
const MAX_KNOWN = 1000;

const LATEST = 'gen_ai_latest_experimental';

/** Whether the standard variable asks for the newest names of the GenAI metrics. */
function wantsLatestNames(): boolean {
  return (process.env['OTEL_SEMCONV_STABILITY_OPT_IN'] ?? '')
    .split(',')
    .some((item) => item.trim() === LATEST);
}

/**
 * Every metric of the schema, kept here until the application's meter provider collects. A new meter takes
 * counts and gauges over as they are.
 */
export class Metrics {
  readonly #counted: Readonly<Record<CounterName, CountedSeries>> = forEach(
    ['counter', 'updowncounter'],
    () => new CountedSeries(),
  );
  readonly #rateLimits = new RateLimitGauges();
  readonly #measurements = new DeferredHistograms();
  readonly #known = new Set<string>();
  readonly #latestNames = wantsLatestNames();
  #histograms: Record<HistogramName, Histogram>;
  #release: () => void = () => {};

  constructor(meter: Meter) {
    this.#histograms = this.#makeHistograms(createNoopMeter());
    this.use(meter);
  }

  /** Records to `meter` from now on; what was measured before is for the one before. */
  use(meter: Meter): void {
    this.#flush();
    this.#release();
    this.#release = () => {};
    guard('instruments', () => {
      this.#histograms = this.#makeHistograms(meter);
      for (const [name, series] of Object.entries(this.#counted) as [CounterName, CountedSeries][]) {
        series.use(meter, makeCounter(meter, name));
      }
      const bindings: [Observable, ObservableCallback][] = [
        [
          meter.createObservableGauge(...describe('anthropic.client.ratelimit.limit')),
          this.#flushAndObserveLimit,
        ],
        [
          meter.createObservableGauge(...describe('anthropic.client.ratelimit.remaining')),
          this.#rateLimits.observeRemaining,
        ],
      ];
      for (const [instrument, callback] of bindings) instrument.addCallback(callback);
      this.#release = () => {
        for (const [instrument, callback] of bindings) {
          guard('instruments', () => instrument.removeCallback(callback));
        }
      };
    });
  }

  #makeHistograms(meter: Meter): Record<HistogramName, Histogram> {
    const make = (name: HistogramName): Histogram => {
      const { unit, brief, buckets } = METRICS[name];
      const spec: MetricSpec = METRICS[name];
      return meter.createHistogram((this.#latestNames ? spec.latest : undefined) ?? name, {
        unit,
        description: brief,
        valueType: unit === '{token}' ? ValueType.INT : ValueType.DOUBLE,
        advice: { explicitBucketBoundaries: [...buckets] },
      });
    };
    return forEach(['histogram'], make);
  }

  /** Asked when metrics are collected, before any instrument that is not observable is. */
  readonly #flushAndObserveLimit: ObservableCallback = (result) => {
    this.#flush();
    this.#rateLimits.observeLimit(result);
  };

  #flush(): void {
    this.#measurements.flush();
    for (const series of Object.values(this.#counted)) series.flush();
  }

  /** Records one value. `attributes` must stay as they are. */
  record(name: HistogramName, value: number, attributes: Attributes): void {
    this.#measurements.record(this.#histograms[name], value, attributes);
  }

  callStarted(labels: CallLabels): void {
    if (!this.#known.has(labels.key)) this.#bear(labels);
    this.#counted['anthropic.client.calls.in_flight'].add(labels.key, '', 1, labels.counted);
  }

  callEnded(labels: CallLabels, counted: Counted): void {
    this.#counted['anthropic.client.calls.in_flight'].add(labels.key, '', -1, labels.counted);
    count(this.#counted['anthropic.client.calls'], labels, counted, 1);
  }

  attemptEnded(labels: CallLabels, counted: Counted): void {
    count(this.#counted['anthropic.client.attempts'], labels, counted, 1);
  }

  cacheUsed(labels: CallLabels, operation: 'read' | 'write', tokens: number): void {
    const series = this.#counted['anthropic.client.cache.tokens'];
    if (series.addToKnown(labels.key, operation, tokens)) return;
    series.add(labels.key, operation, tokens, { ...labels.counted, 'anthropic.cache.operation': operation });
  }

  streamStalled(labels: CallLabels): void {
    this.#counted['anthropic.client.streams.stalled'].add(labels.key, '', 1, labels.counted);
  }

  longWaitBegan(labels: CallLabels): void {
    this.#counted['anthropic.client.retry.long_waits'].add(labels.key, '', 1, labels.counted);
  }

  heardRateLimit(labels: CallLabels, limit: RateLimit): void {
    this.#rateLimits.heard(labels.limitsKey, limit, labels.limits);
  }

  /** The first call of a model: the series that people alert on begin, at zero. */
  #bear(labels: CallLabels): void {
    if (this.#known.size < MAX_KNOWN) this.#known.add(labels.key);
    this.#counted['anthropic.client.streams.stalled'].add(labels.key, '', 0, labels.counted);
    this.#counted['anthropic.client.retry.long_waits'].add(labels.key, '', 0, labels.counted);
    if (labels.counted['gen_ai.request.model'] === undefined) return;
    if (labels.counted['gen_ai.operation.name'] === 'chat') {
      this.cacheUsed(labels, 'read', 0);
      this.cacheUsed(labels, 'write', 0);
    }
    const { 'anthropic.client.attempts': attempts, 'anthropic.client.calls': calls } = this.#counted;
    for (const { status, type, cause, of } of BORN_SERIES) {
      const failure = type === undefined ? undefined : { type, rateLimitCause: cause };
      for (const what of of) {
        const series = what === 'attempts' ? attempts : calls;
        count(series, labels, { status, failure, exhausted: what === 'exhausted' }, 0);
      }
    }
  }
}

function count(
  series: CountedSeries,
  labels: CallLabels,
  { status, failure, exhausted }: Counted,
  value: number,
): void {
  const type = failure && closedErrorType(failure.type);
  const cause = failure?.rateLimitCause;
  const result =
    failure === undefined ? String(status) : `${status}|${type}|${cause}|${exhausted ? 'exhausted' : ''}`;
  if (series.addToKnown(labels.key, result, value)) return;
  const attributes: Attributes = { ...labels.counted };
  if (status !== undefined) attributes['http.response.status_code'] = status;
  if (type !== undefined) attributes['error.type'] = type;
  if (cause !== undefined) attributes['anthropic.rate_limit.cause'] = cause;
  if (exhausted) attributes['anthropic.retry.exhausted'] = true;
  series.add(labels.key, result, value, attributes);
}

/** What `make` gives for each metric that is one of these instruments. */
function forEach<Instrument extends MetricSpec['instrument'], Made>(
  instruments: readonly Instrument[],
  make: (name: NameOf<Instrument>) => Made,
): Record<NameOf<Instrument>, Made> {
  const wanted: readonly string[] = instruments;
  const names = (Object.keys(METRICS) as MetricName[]).filter((name) =>
    wanted.includes(METRICS[name].instrument),
  );
  return Object.fromEntries((names as NameOf<Instrument>[]).map((name) => [name, make(name)])) as Record<
    NameOf<Instrument>,
    Made
  >;
}

function makeCounter(meter: Meter, name: CounterName): Counter | UpDownCounter {
  return METRICS[name].instrument === 'counter'
    ? meter.createCounter(...describe(name))
    : meter.createUpDownCounter(...describe(name));
}

function describe(name: MetricName): [string, { unit: string; description: string }] {
  return [name, { unit: METRICS[name].unit, description: METRICS[name].brief }];
}
