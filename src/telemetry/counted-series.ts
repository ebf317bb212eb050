import type { Attributes, ObservableResult } from '@opentelemetry/api';

const MAX_SERIES = 2000;
const OVERFLOW = { 'otel.metric.overflow': true } as const;

interface Series {
  readonly attributes: Attributes;
  value: number;
}

/**
 * Counts, read when metrics are collected. A count costs two look-ups: a synchronous instrument would sort and
 * serialize the attributes every time. Beyond 2,000 series everything goes to one overflow series.
 */
export class CountedSeries {
  readonly #all: Series[] = [];
  readonly #byKey = new Map<string, Map<string, Series>>();
  #overflow: Series | undefined;

  /** Adds `value` to the series of `key` and `result`, whose attributes are made when it is new. */
  add(key: string, value: number, attributes: () => Attributes, result = ''): void {
    const series = this.#byKey.get(key)?.get(result) ?? this.#start(key, result, attributes);
    series.value += value;
  }

  #start(key: string, result: string, attributes: () => Attributes): Series {
    if (this.#all.length >= MAX_SERIES) return (this.#overflow ??= this.#keep(OVERFLOW));
    let results = this.#byKey.get(key);
    if (!results) this.#byKey.set(key, (results = new Map()));
    const series = this.#keep(attributes());
    results.set(result, series);
    return series;
  }

  #keep(attributes: Attributes): Series {
    const series: Series = { attributes, value: 0 };
    this.#all.push(series);
    return series;
  }

  readonly observe = (result: ObservableResult): void => {
    for (const { attributes, value } of this.#all) result.observe(value, attributes);
  };
}
