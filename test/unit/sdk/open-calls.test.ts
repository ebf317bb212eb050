import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { openCalls, type Open } from '../../../src/sdk/open-calls.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** What is held here is not collected. */
const held = new Set<object>();
const opened: TestCall[] = [];

class TestCall implements Open {
  readonly endedBy: string[] = [];
  isBeingRead = false;
  isRegistered = false;
  arrived: Open['arrived'];

  constructor() {
    opened.push(this);
    openCalls.add(this);
  }

  abandon(by: string): void {
    this.endedBy.push(by);
    openCalls.delete(this);
  }
}

/** Ends when a call has ended because its answer was collected: then so was what was dropped before. */
async function collected(): Promise<void> {
  const witness = new TestCall();
  openCalls.responded(witness, {});
  while (witness.endedBy.length === 0) {
    await turn();
    collectGarbage();
  }
}

/** An object that stays until it is no longer in `held`. */
function hold(): object {
  const holder = {};
  held.add(holder);
  return holder;
}

describe('a call that nobody ends', () => {
  afterEach(() => {
    held.clear();
    for (const call of opened.splice(0)) openCalls.delete(call);
  });

  it('ends when its answer is collected unread', async () => {
    const call = new TestCall();
    openCalls.responded(call, {});
    await collected();
    expect(call.endedBy).toEqual(['collected']);
  });

  it('does not while its answer is held', async () => {
    const call = new TestCall();
    openCalls.responded(call, hold());
    await collected();
    expect(call.endedBy).toEqual([]);
    held.clear();
    await collected();
    expect(call.endedBy).toEqual(['collected']);
  });

  it('does not where its answer is read: who reads it tells its end', async () => {
    const call = new TestCall();
    openCalls.responded(call, {});
    call.isBeingRead = true;
    await collected();
    expect(call.endedBy).toEqual([]);
  });

  it('ends with the stream that its answer became, not with the response', async () => {
    const [late, soon] = [new TestCall(), new TestCall()];
    openCalls.responded(late, {});
    await turn();
    openCalls.becameStream(late, hold());
    openCalls.responded(soon, {});
    openCalls.becameStream(soon, hold());
    await collected();
    expect([late.endedBy, soon.endedBy]).toEqual([[], []]);
    held.clear();
    await collected();
    expect([late.endedBy, soon.endedBy]).toEqual([['collected'], ['collected']]);
  });

  it.each([true, false])('ends with the iterator through which it is read (begun: %s)', async (isBegun) => {
    const call = new TestCall();
    openCalls.responded(call, {});
    call.isBeingRead = isBegun;
    openCalls.heldBy(call, hold());
    await collected();
    expect(call.endedBy).toEqual([]);
    held.clear();
    await collected();
    expect(call.endedBy).toEqual(['collected']);
  });

  it('is held back with its answer among 16 at most', async () => {
    const calls = Array.from({ length: 17 }, () => new TestCall());
    const areHeldBack = () => calls.map(({ arrived }) => arrived !== undefined);
    for (const call of calls.slice(1)) openCalls.responded(call, {});
    expect(new Set(areHeldBack().slice(1))).toEqual(new Set([true]));
    openCalls.responded(calls[0] as TestCall, {});
    expect(new Set(areHeldBack())).toEqual(new Set([false]));
    await collected();
    expect(calls.map(({ endedBy }) => endedBy)).toEqual(calls.map(() => ['collected']));
  });

  it('has no other end once it has ended', async () => {
    const [registered, arrived, read] = [new TestCall(), new TestCall(), new TestCall()];
    openCalls.responded(registered, {});
    await turn();
    openCalls.responded(arrived, {});
    for (const call of [registered, arrived, read]) openCalls.delete(call);
    openCalls.heldBy(read, {});
    await collected();
    expect([registered, arrived, read].map(({ endedBy }) => endedBy)).toEqual([[], [], []]);
  });

  it('ends at the flush, though another one cannot', () => {
    const broken = new TestCall();
    broken.abandon = () => {
      throw new EvalError('broken');
    };
    const call = new TestCall();
    openCalls.endAll();
    openCalls.endAll();
    expect(call.endedBy).toEqual(['flush']);
  });

  it('throws nothing into the process where it cannot be ended', async () => {
    const broken = new TestCall();
    let wasAsked = false;
    broken.abandon = () => {
      wasAsked = true;
      throw new EvalError('broken');
    };
    openCalls.responded(broken, {});
    await collected();
    await turn();
    expect(wasAsked).toBe(true);
  });
});
