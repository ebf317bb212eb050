/**
 * One variant in a process of its own: `node child.mjs <variant>`. Runs a block of calls for every message
 * with a workload's name, and answers with microseconds of processor time per call: what else runs on the machine
 * would count in any other.
 */
import { setUp } from './caller.mjs';
import { variantOf } from './variants.mjs';
import { runCalls, WORKLOADS } from './workloads.mjs';

const WARM_UP_BLOCKS = 5;

const caller = await setUp(variantOf(process.argv[2]));
const makers = Object.fromEntries(
  Object.values(WORKLOADS).map(({ id, deltas }) => [id, caller.maker(deltas)]),
);

/** @param {keyof typeof WORKLOADS} id */
async function runBlock(id) {
  const { calls } = WORKLOADS[id];
  const before = process.cpuUsage();
  await caller.inRequest(() => runCalls(calls, makers[id]));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** @returns {Promise<number>} spans for each call */
async function warmUp() {
  let calls = 0;
  for (let block = 0; block < WARM_UP_BLOCKS; block += 1) {
    for (const id of /** @type {(keyof typeof WORKLOADS)[]} */ (Object.keys(WORKLOADS))) {
      await runBlock(id);
      calls += WORKLOADS[id].calls;
    }
  }
  return (await caller.spans()) / calls;
}

process.on('message', async (/** @type {'warmUp' | keyof typeof WORKLOADS} */ order) => {
  process.send?.(order === 'warmUp' ? await warmUp() : await runBlock(order));
});
