import type { Attributes, ObservableResult } from '@opentelemetry/api';
import { SeriesTable } from './series-table.ts';

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
  readonly #series = new SeriesTable<Series>();
  #overflow: Series | undefined;

  /** Adds `value` to the series of `key` and `result`, whose attributes are made when it is new. */
  add(key: string, value: number, attributes: () => Attributes, result = ''): void {
    const series = this.#series.get(key, result) ?? this.#start(key, result, attributes);
    series.value += value;
  }

  #start(key: string, result: string, attributes: () => Attributes): Series {
    if (this.#series.rows.length >= MAX_SERIES)
      return (this.#overflow ??= { attributes: OVERFLOW, value: 0 });
    return this.#series.add(key, result, { attributes: attributes(), value: 0 });
  }

  readonly observe = (result: ObservableResult): void => {
    for (const { attributes, value } of this.#series.rows) result.observe(value, attributes);
    if (this.#overflow) result.observe(this.#overflow.value, this.#overflow.attributes);
  };
}
