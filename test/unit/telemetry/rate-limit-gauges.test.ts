import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RateLimit } from '../../../src/facts.ts';
import { RateLimitGauges } from '../../../src/telemetry/rate-limit-gauges.ts';

const NOW = Date.UTC(2026, 0, 1);
const bucket = (reset?: string, name = 'requests'): RateLimit => ({
  bucket: name,
  limit: 50,
  remaining: 49,
  reset,
});

/** What is observed now, by bucket. */
function observed(gauges: RateLimitGauges, field: 'Limit' | 'Remaining' = 'Remaining') {
  const values = new Map<unknown, number>();
  gauges[`observe${field}`]({
    observe: (value, attributes) => void values.set(attributes?.['anthropic.ratelimit.bucket'], value),
  });
  return values;
}

describe('a bucket of a rate limit', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['without a reset time is believed for a minute', undefined, 60_000],
    ['is there until it resets', new Date(NOW + 5000).toISOString(), 5000],
  ])('%s', (_what, reset, ms) => {
    const gauges = new RateLimitGauges();
    gauges.heard('key', bucket(reset), {});
    vi.setSystemTime(NOW + ms - 1);
    expect([observed(gauges, 'Limit').get('requests'), observed(gauges).get('requests')]).toEqual([50, 49]);
    vi.setSystemTime(NOW + ms);
    expect([observed(gauges, 'Limit').size, observed(gauges).size]).toEqual([0, 0]);
  });

  it('whose reset time is none is not there', () => {
    const gauges = new RateLimitGauges();
    gauges.heard('key', bucket('soon'), {});
    expect(observed(gauges).size).toBe(0);
  });

  it('that resets in the far future by its own word is there for a day', () => {
    const gauges = new RateLimitGauges();
    gauges.heard('key', bucket('2099-12-31T23:59:59Z'), {});
    expect(observed(gauges).size).toBe(1);
    vi.setSystemTime(NOW + 86_400_000 - 1);
    expect([observed(gauges, 'Limit').size, observed(gauges).size]).toEqual([1, 1]);
    vi.setSystemTime(NOW + 86_400_000);
    expect([observed(gauges, 'Limit').size, observed(gauges).size]).toEqual([0, 0]);
    // What is heard anew is believed anew.
    gauges.heard('key', bucket('2099-12-31T23:59:59Z'), {});
    expect(observed(gauges).size).toBe(1);
  });

  it('of which one value alone is known shows no other', () => {
    const gauges = new RateLimitGauges();
    gauges.heard('key', { ...bucket(), limit: undefined }, {});
    expect([observed(gauges, 'Limit').size, observed(gauges).size]).toEqual([0, 1]);
  });

  it('has room among 2,000, once others have reset', () => {
    const gauges = new RateLimitGauges();
    const reset = new Date(NOW + 5000).toISOString();
    gauges.heard('key', bucket(undefined, 'stays'), {});
    for (let count = 0; count < 2000; count += 1) gauges.heard('key', bucket(reset, `b${count}`), {});
    expect(observed(gauges).size).toBe(2000);
    vi.setSystemTime(NOW + 6000);
    const names: string[] = [];
    // What had reset may come again; what had not is not there twice.
    for (const name of ['late', 'b1', 'stays']) gauges.heard('key', bucket(undefined, name), {});
    gauges.observeRemaining({
      observe: (_value, attributes) => names.push(String(attributes?.['anthropic.ratelimit.bucket'])),
    });
    expect(names).toEqual(['stays', 'late', 'b1']);
  });
});
