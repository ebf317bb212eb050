/**
 * What is left in memory after many calls: `node --expose-gc memory.mjs <variant>` prints the bytes of heap in
 * use after 20,000 calls and after 200,000.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { setUp } from './caller.mjs';
import { variantOf } from './variants.mjs';
import { runCalls } from './workloads.mjs';

const STAGES = [20_000, 200_000];
const COLLECTIONS = 5;

/** Collects until nothing more goes: finalizers run between collections. */
async function heapUsed() {
  for (let round = 0; round < COLLECTIONS; round += 1) {
    globalThis.gc?.();
    await sleep(20);
  }
  return process.memoryUsage().heapUsed;
}

const caller = await setUp(variantOf(process.argv[2]));
const make = caller.maker(undefined);
const used = [];
let done = 0;
for (const calls of STAGES) {
  await caller.inRequest(() => runCalls(calls - done, make));
  done = calls;
  await caller.spans();
  used.push(await heapUsed());
}
console.log(JSON.stringify(used));
process.exit();
