/**
 * `npm run bench`: what the instrumentation costs, beside what others cost.
 *
 *     node bench/run.mjs [--rounds 4] [--sets 8] [--only cost|allocation|startup|memory]
 *
 * A set starts every variant anew, since a process can be lucky or unlucky with its optimizations.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interleave } from './interleave.mjs';
import { installPeers } from './peers.mjs';
import {
  allocationTable,
  costTable,
  describeMachine,
  goalTable,
  memoryTable,
  startupTable,
} from './report.mjs';
import { measureStartup } from './startup.mjs';
import { variantOf, VARIANTS } from './variants.mjs';

const STARTUP_ROUNDS = 15;
const MEMORY_VARIANTS = ['none-new', 'native', 'ours-new', 'ours-old'];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    sets: { type: 'string', default: '8' },
    only: { type: 'string' },
  },
});

/** @param {'cost' | 'allocation' | 'startup' | 'memory'} part */
const isWanted = (part) => values.only === undefined || values.only === part;

async function reportCost() {
  /** @type {import('./interleave.mjs').Measured} */
  const all = { rounds: [], spans: {} };
  for (let set = 1; set <= Number(values.sets); set += 1) {
    const measured = await interleave(Number(values.rounds));
    console.log(`\nSet ${set}:\n\n${goalTable(measured)}`);
    all.rounds.push(...measured.rounds);
    all.spans = measured.spans;
  }
  console.log(`\nAll sets:\n\n${costTable(all)}\n\n${goalTable(all)}`);
}

/** @param {string} file @param {string} id @param {readonly string[]} [flags] */
function measureBy(file, id, flags = []) {
  const program = fileURLToPath(new URL(file, import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [...flags, program, id], { encoding: 'utf8' }));
}

/** @param {string} id */
function measureMemory(id) {
  return { label: variantOf(id).label, used: measureBy('memory.mjs', id, ['--expose-gc']) };
}

function measureAllocation() {
  return Object.fromEntries(VARIANTS.map(({ id }) => [id, measureBy('allocation.mjs', id)]));
}

installPeers();
console.log(describeMachine());
if (isWanted('cost')) await reportCost();
if (isWanted('allocation')) console.log(`\n${allocationTable(measureAllocation())}`);
if (isWanted('startup')) console.log(`\n${startupTable(measureStartup(STARTUP_ROUNDS))}`);
if (isWanted('memory')) console.log(`\n${memoryTable(MEMORY_VARIANTS.map(measureMemory))}`);
