import { createNoopMeter, type Attributes } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { CountedSeries } from '../../../src/telemetry/counted-series.ts';

/** A counter that keeps what it is told, by the attribute `n`. */
function toldOf(series: CountedSeries, add?: (attributes: Attributes) => void): Map<unknown, number> {
  const told = new Map<unknown, number>();
  series.use(createNoopMeter(), {
    add: (value, attributes = {}) => {
      add?.(attributes);
      const name = attributes['otel.metric.overflow'] === true ? 'overflow' : attributes['n'];
      told.set(name, (told.get(name) ?? 0) + value);
    },
  });
  return told;
}

describe('the series of a counter', () => {
  it('are 2,000; what is counted beyond goes to one overflow series', () => {
    const series = new CountedSeries();
    const told = toldOf(series);
    for (const round of [1, 2]) {
      for (let n = 0; n < 2100; n += 1) series.add(`${n}`, '', round, { n });
    }
    series.flush();
    expect(told.size).toBe(2001);
    expect(told.get('overflow')).toBe(300);
    expect([told.get(0), told.get(1999), told.get(2000)]).toEqual([3, 3, undefined]);
  });

  it('are one for each set of attributes, and are told what is new', () => {
    const series = new CountedSeries();
    const added: Attributes[] = [];
    const told = toldOf(series, (attributes) => added.push(attributes));
    for (let count = 0; count < 3; count += 1) series.add('key', 'result', 2, { n: 1 });
    expect(series.addToKnown('key', 'result', 1)).toBe(true);
    expect(series.addToKnown('key', 'other', 1)).toBe(false);
    series.flush();
    series.flush();
    expect(told).toEqual(new Map([[1, 7]]));
    expect(added).toHaveLength(2);
  });

  it('are told though the meter refuses one of them', () => {
    const series = new CountedSeries();
    const told = toldOf(series, ({ n }) => {
      if (n === 1) throw new EvalError('refused');
    });
    for (const n of [1, 2]) series.add(`${n}`, '', 1, { n });
    series.flush();
    expect(told).toEqual(new Map([[2, 1]]));
  });
});
