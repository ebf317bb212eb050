import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { watchSignals } from '../../../src/preload/end/departure.ts';

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
/** As Node emits it: with the signal's number, which its types leave out. */
const signal = () => process.emit('SIGTERM', ...(['SIGTERM', 15] as unknown as ['SIGTERM']));

describe('the watch for signals', () => {
  const log: unknown[] = [];
  const steps = {
    flush: async () => void log.push('flush'),
    collect: async () => void log.push('collect'),
    flushSynchronously: (isLast: boolean) => void log.push(['at once', isLast, ours()]),
    canFlushSynchronously: () => true,
  };
  let end: () => void;
  let kill: MockInstance<typeof process.kill>;
  let before = 0;
  const ours = () => process.listenerCount('SIGTERM') - before;
  const application = () => void log.push(['application', ours()]);
  beforeEach(() => {
    log.length = 0;
    kill = vi.spyOn(process, 'kill').mockImplementation((...args) => {
      log.push(args);
      return true;
    });
    before = process.listenerCount('SIGTERM');
    end = watchSignals(steps);
  });
  afterEach(() => {
    end();
    process.off('SIGTERM', application);
    vi.restoreAllMocks();
  });

  it('raises a signal again, after a flush, that nobody else listens for', async () => {
    signal();
    expect([log, ours()]).toEqual([['flush'], 0]);
    await turn();
    expect(log).toEqual(['flush', [process.pid, 'SIGTERM']]);
  });

  it('ends the process where the signal cannot be raised, as SIGHUP on Windows', async () => {
    kill.mockImplementation((...args) => {
      log.push(args);
      if (args[1] !== 'SIGKILL') throw Object.assign(new Error('kill ENOSYS'), { code: 'ENOSYS' });
      return true;
    });
    signal();
    await turn();
    expect(log).toEqual(['flush', [process.pid, 'SIGTERM'], [process.pid, 'SIGKILL']]);
  });

  it('flushes before the process raises a signal that nobody else listens for, and listens again if it outlives it', () => {
    process.kill(process.pid, 'SIGTERM');
    expect(log).toEqual([
      ['at once', true, 0],
      [process.pid, 'SIGTERM'],
    ]);
    expect(ours()).toBe(1);
  });

  it.each([
    ['listened for', (): void => void process.on('SIGTERM', application), process.pid, 'SIGTERM'],
    ['of another kind', (): void => {}, process.pid, 0],
    ['of another process', (): void => {}, process.ppid, 'SIGTERM'],
  ] as const)('leaves a signal alone that is %s', (_, prepare, pid, name) => {
    prepare();
    process.kill(pid, name);
    expect(log).toEqual([[pid, name]]);
  });

  it('gives process.kill back', () => {
    expect(process.kill).not.toBe(kill);
    end();
    expect(process.kill).toBe(kill);
  });

  it('flushes at once, each time, before who else listens, who sees nothing of it', async () => {
    end();
    process.on('SIGTERM', application);
    end = watchSignals(steps);
    for (let count = 0; count < 2; count += 1) {
      signal();
      await turn();
      expect(log.splice(0)).toEqual([
        ['at once', false, 1],
        ['application', 1],
      ]);
    }
    expect(ours()).toBe(2);
  });

  it('ends, also in the middle of a signal', async () => {
    process.on('SIGTERM', application);
    signal();
    end();
    await turn();
    expect(ours()).toBe(1);
    signal();
    expect(log).toHaveLength(3);
  });

  it('ends nothing by an event without a signal, and is there for the next', async () => {
    process.emit('SIGTERM', 'SIGTERM');
    await turn();
    expect([log, ours()]).toEqual([[], 1]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('is there for %s until it ends', (name) => {
    const counted = process.listenerCount(name);
    end();
    expect(process.listenerCount(name)).toBe(counted - 1);
  });
});
