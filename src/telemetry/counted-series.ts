import type { Attributes, ObservableResult } from '@opentelemetry/api';

const MAX_SERIES = 2000;
const OVERFLOW = { 'otel.metric.overflow': true } as const;

interface Series {
  readonly attributes: Attributes;
  value: number;
}

/**
 * Counts, read when metrics are collected. A count costs one look-up: a synchronous instrument would sort and
 * serialize the attributes every time. Beyond 2,000 series everything goes to one overflow series.
 */
export class CountedSeries {
  readonly #series = new Map<string, Series>();

  /** Adds `value` to the series `key`, whose attributes are made when it is new. */
  add(key: string, value: number, attributes: () => Attributes): void {
    let series = this.#series.get(key);
    if (!series) {
      const isFull = this.#series.size >= MAX_SERIES;
      const name = isFull ? '' : key;
      series = this.#series.get(name) ?? { attributes: isFull ? OVERFLOW : attributes(), value: 0 };
      this.#series.set(name, series);
    }
    series.value += value;
  }

  has(key: string): boolean {
    return this.#series.has(key);
  }

  readonly observe = (result: ObservableResult): void => {
    for (const { attributes, value } of this.#series.values()) result.observe(value, attributes);
  };
}
