import type { Attributes, Counter, Meter, UpDownCounter } from '@opentelemetry/api';
import { guard } from '../guard.ts';
import { SeriesTable } from './series-table.ts';

const MAX_SERIES = 2000;
const OVERFLOW = { 'otel.metric.overflow': true } as const;

interface Series {
  readonly attributes: Attributes;
  value: number;
}

/**
 * Counts, told to an instrument when metrics are collected. A count costs two look-ups: the instrument would sort
 * and serialize the attributes every time. It is a synchronous one nevertheless: where a view takes attributes
 * away, OpenTelemetry JS adds up what that is told, and of an observable one it keeps the last value alone.
 * Beyond 2,000 series everything goes to one overflow series.
 */
export class CountedSeries {
  readonly #series = new SeriesTable<Series>();
  #overflow: Series | undefined;
  #instrument: Counter | UpDownCounter | undefined;
  /** How much of each series the instrument was told. */
  #told = new Map<Series, number>();
  readonly #toldTo = new WeakMap<Meter, Map<Series, number>>();

  /** Adds `value` to the series of `key` and `result`; `false` where there is none yet. */
  addToKnown(key: string, result: string, value: number): boolean {
    const series = this.#series.get(key, result);
    if (series) series.value += value;
    return series !== undefined;
  }

  /** Adds `value` to the series of `key` and `result`, which has these attributes. */
  add(key: string, result: string, value: number, attributes: Attributes): void {
    if (this.addToKnown(key, result, value)) return;
    if (this.#series.rows.length < MAX_SERIES) this.#series.add(key, result, { attributes, value });
    else (this.#overflow ??= { attributes: OVERFLOW, value: 0 }).value += value;
  }

  /** Counts go to this instrument from now on: to one of another meter from the beginning, else what is new. */
  use(meter: Meter, instrument: Counter | UpDownCounter): void {
    let told = this.#toldTo.get(meter);
    if (!told) this.#toldTo.set(meter, (told = new Map()));
    this.#told = told;
    this.#instrument = instrument;
  }

  /** Tells the instrument what is new, of every series: of one that is told nothing, a delta covers no time. */
  flush(): void {
    for (const series of this.#series.rows) this.#tell(series);
    if (this.#overflow) this.#tell(this.#overflow);
  }

  #tell(series: Series): void {
    const { attributes, value } = series;
    const told = this.#told.get(series);
    this.#told.set(series, value);
    guard('count', () => this.#instrument?.add(value - (told ?? 0), attributes));
  }
}
