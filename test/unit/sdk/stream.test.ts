import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StreamLike } from '../../../src/sdk/shapes.ts';
import { stalls } from '../../../src/sdk/stalls.ts';
import { watchStream, type StreamEnd } from '../../../src/sdk/stream.ts';

/** A stream that the test feeds, and what its watcher is told. */
function setUp({ isBroken = false, isBare = false } = {}) {
  const abort = new AbortController();
  const waiting: { resolve: (item: IteratorResult<unknown>) => void; reject: (error: unknown) => void }[] =
    [];
  const calls: unknown[] = [];
  const iterator = () => ({
    next: (...args: unknown[]) => {
      calls.push(['next', ...args]);
      return new Promise<IteratorResult<unknown>>((resolve, reject) => waiting.push({ resolve, reject }));
    },
    ...(!isBare && {
      return: async (value: unknown) => {
        calls.push(['return', value]);
        return { done: true as const, value };
      },
      throw: async (error: unknown) => {
        calls.push(['throw', error]);
        return { done: true as const, value: 'thrown' };
      },
    }),
  });
  const stream = { controller: abort, iterator } as unknown as StreamLike & { iterator: typeof iterator };
  const told = { events: [] as unknown[], starts: 0, waits: [] as number[], ends: [] as StreamEnd[] };
  const tell = (): void => {
    if (isBroken) throw new EvalError('broken');
  };
  const stop = watchStream(stream, 'iterator', abort.signal, {
    patience: 1000,
    event: (event) => {
      told.events.push(event);
      tell();
    },
    stalled: tell,
    started: () => {
      told.starts += 1;
      tell();
    },
    waitedInVain: (milliseconds) => {
      told.waits.push(milliseconds);
      tell();
    },
    ended: (end) => {
      told.ends.push(end);
      tell();
    },
  });
  return {
    abort,
    told,
    stop,
    calls,
    read: () => stream.iterator() as unknown as Required<AsyncIterator<unknown>>,
    give: (value: unknown) => waiting.shift()?.resolve({ done: false, value }),
    finish: () => waiting.shift()?.resolve({ done: true, value: undefined }),
    fail: (error: unknown) => waiting.shift()?.reject(error),
  };
}

const COMPLETED = [{ reason: 'completed' }];
const CANCELED = [{ reason: 'canceled' }];

describe('a stream that is watched', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('tells its events and its end, once, and gives what it gives alone', async () => {
    const { read, give, finish, told, calls } = setUp();
    const iterator = read();
    const first = iterator.next('in');
    give('event');
    expect(await first).toEqual({ done: false, value: 'event' });
    for (let count = 0; count < 2; count += 1) {
      const last = iterator.next();
      finish();
      expect(await last).toEqual({ done: true, value: undefined });
    }
    expect(calls[0]).toEqual(['next', 'in']);
    expect(told).toMatchObject({ events: ['event'], starts: 1, ends: COMPLETED });
    expect(told.waits).toHaveLength(1);
  });

  it('tells an error, once, with how long it was waited for', async () => {
    const { read, fail, told } = setUp();
    const iterator = read();
    const error = new EvalError('mine');
    for (let count = 0; count < 2; count += 1) {
      const reading = iterator.next();
      fail(error);
      await expect(reading).rejects.toBe(error);
    }
    expect(told.ends).toEqual([{ reason: 'failed', error }]);
    expect(told.waits).toHaveLength(1);
  });

  it('costs the application nothing where its watcher throws', async () => {
    const one = setUp({ isBroken: true });
    const reading = one.read().next();
    one.give('event');
    expect(await reading).toEqual({ done: false, value: 'event' });
    expect(() => one.abort.abort()).not.toThrow();
    const other = setUp({ isBroken: true });
    const hanging = other.read().next();
    other.finish();
    expect(await hanging).toEqual({ done: true, value: undefined });
    expect([one.told.ends, other.told.ends]).toEqual([CANCELED, COMPLETED]);
  });

  it('has one reader: other iterators are as they are alone', async () => {
    const { read, give, finish, told } = setUp();
    const [watched, early] = [read(), read()];
    void watched.next();
    give('event');
    const late = read();
    for (const other of [early, late]) {
      const reading = other.next();
      give('other');
      expect(await reading).toEqual({ done: false, value: 'other' });
      await other.return('left');
    }
    expect(told).toMatchObject({ events: ['event'], starts: 1, ends: [] });
    void watched.next();
    finish();
    await Promise.resolve();
  });

  it.each([
    ['return', false],
    ['throw', false],
    ['return', true],
    ['throw', true],
  ] as const)('is left off by %s(), before a read or after one: %s', async (how, isRead) => {
    const { read, give, told, calls } = setUp();
    const iterator = read();
    if (isRead) {
      const reading = iterator.next();
      give('event');
      await reading;
    }
    const result = await iterator[how]('value');
    expect(result).toEqual({ done: true, value: how === 'throw' ? 'thrown' : 'value' });
    expect(calls.at(-1)).toEqual([how, 'value']);
    expect(told.ends).toEqual([{ reason: 'closed' }]);
  });

  it('may be without the methods that leave it off', async () => {
    const [returned, thrown] = [setUp({ isBare: true }), setUp({ isBare: true })];
    expect(await returned.read().return('value')).toEqual({ done: true, value: 'value' });
    await expect(thrown.read().throw('error')).rejects.toBe('error');
    for (const { told } of [returned, thrown]) expect(told.ends).toEqual([{ reason: 'closed' }]);
  });

  it.each([['before'], ['after']])('is canceled by an abort %s it is watched', (when) => {
    const signal = when === 'before' ? AbortSignal.abort() : undefined;
    const abort = new AbortController();
    const ends: StreamEnd[] = [];
    const stream = { iterator: () => ({}) } as unknown as StreamLike;
    watchStream(stream, 'iterator', signal ?? abort.signal, {
      patience: 1,
      event: () => {},
      stalled: () => {},
      started: () => {},
      waitedInVain: () => {},
      ended: (end) => ends.push(end),
    });
    abort.abort();
    expect(ends).toEqual(CANCELED);
  });

  it('is canceled where it ends or is left off after an abort', async () => {
    const [ended, left] = [setUp(), setUp()];
    const reading = ended.read().next();
    ended.abort.abort();
    expect(ended.told.ends).toEqual([]);
    expect(ended.told.waits).toHaveLength(1);
    ended.finish();
    await reading;
    const iterator = left.read();
    void iterator.next();
    left.abort.abort();
    await iterator.return();
    expect([ended.told.ends, left.told.ends]).toEqual([CANCELED, CANCELED]);
  });

  it('whose watch was stopped, or which has ended, tells nothing, and holds neither signal nor timer', async () => {
    const stopped = setUp();
    const unwatch = vi.spyOn(stalls, 'unwatch');
    const remove = vi.spyOn(stopped.abort.signal, 'removeEventListener');
    const reading = stopped.read().next();
    stopped.stop();
    expect(unwatch).toHaveBeenCalledOnce();
    expect(remove).toHaveBeenCalledOnce();
    stopped.give('event');
    await reading;
    stopped.abort.abort();
    expect(stopped.told).toMatchObject({ events: [], waits: [], ends: [] });
    const unread = setUp();
    unread.stop();
    for (const { read, told } of [stopped, unread]) {
      const late = read();
      void late.next();
      await late.return();
      expect(told).toMatchObject({ starts: told === stopped.told ? 1 : 0, ends: [] });
    }
  });

  it('counts a wait from the read that is pending', async () => {
    let now = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const watch = vi.spyOn(stalls, 'watch');
    const { read, give, finish, told } = setUp();
    const iterator = read();
    const one = iterator.next();
    now = 1050;
    const two = iterator.next();
    const pending = () => watch.mock.calls[0]?.[0].waitingSince;
    expect(pending()).toBe(1000);
    now = 1100;
    give('one');
    await one;
    expect(pending()).toBe(1100);
    now = 1300;
    give('two');
    await two;
    expect(pending()).toBe(0);
    now = 5000;
    const last = iterator.next();
    now = 5100;
    void iterator.next();
    now = 5400;
    finish();
    await last;
    expect(told.waits).toEqual([400]);
  });
});
