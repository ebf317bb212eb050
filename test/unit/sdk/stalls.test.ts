import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stalls, type Waiting } from '../../../src/sdk/stalls.ts';

const watched: Waiting[] = [];

/** A watched stream of which a read is pending since now, or none. It keeps the seconds that it was told. */
function watch(patience: number, isPending = true): Waiting & { readonly told: number[] } {
  const told: number[] = [];
  const stream = {
    patience,
    waitingSince: isPending ? performance.now() : 0,
    told,
    stalled: (seconds: number) => void told.push(seconds),
  };
  watched.push(stream);
  stalls.watch(stream);
  return stream;
}

describe('streams that hang', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    vi.advanceTimersByTime(100_000);
  });
  afterEach(() => {
    for (const stream of watched.splice(0)) stalls.unwatch(stream);
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('are told once, soon after as long as they say', () => {
    const stream = watch(400);
    vi.advanceTimersByTime(399);
    expect(stream.told).toEqual([]);
    vi.advanceTimersByTime(101);
    expect(stream.told).toEqual([expect.closeTo(0.4, 1)]);
    vi.advanceTimersByTime(10_000);
    expect(stream.told).toHaveLength(1);
  });

  it('are none while the application does not read', () => {
    const stream = watch(400, false);
    vi.advanceTimersByTime(10_000);
    expect(stream.told).toEqual([]);
  });

  it('are told though another one cannot be, and nothing is thrown', () => {
    const broken = watch(400);
    broken.stalled = () => {
      throw new EvalError('broken');
    };
    const stream = watch(400);
    vi.advanceTimersByTime(500);
    expect(stream.told).toHaveLength(1);
  });

  it('have one timer, which does not keep the process alive and ends with the last of them', () => {
    const start = vi.spyOn(globalThis, 'setInterval');
    watch(400);
    watch(400);
    expect(vi.getTimerCount()).toBe(1);
    expect(start.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false]);
    vi.advanceTimersByTime(500);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are looked for as often as the least patient needs, and not more often than every 10 ms', () => {
    const start = vi.spyOn(globalThis, 'setInterval');
    for (const patience of [60_000, 400, 1, 400]) watch(patience);
    expect(start.mock.calls.map(([, period]) => period)).toEqual([1000, 100, 10]);
  });

  it('are told though new streams come all the time', () => {
    const stream = watch(4000);
    for (let count = 0; count < 6; count += 1) {
      vi.advanceTimersByTime(900);
      watch(4000);
    }
    expect(stream.told).toHaveLength(1);
  });
});
