/**
 * What a call allocates: `node allocation.mjs <variant>` prints the bytes of one call, garbage included. Sampled by V8,
 * which no other work on the machine disturbs.
 */
import { Session } from 'node:inspector/promises';
import { setUp } from './caller.mjs';
import { variantOf } from './variants.mjs';
import { runCalls } from './workloads.mjs';

const CALLS = 4000;
const SAMPLING = {
  samplingInterval: 4096,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
};

/** @param {import('node:inspector').HeapProfiler.SamplingHeapProfileNode} node @returns {number} */
const bytesOf = ({ selfSize, children }) => children.reduce((sum, child) => sum + bytesOf(child), selfSize);

const caller = await setUp(variantOf(process.argv[2]));
const make = caller.maker(undefined);
const run = () => caller.inRequest(() => runCalls(CALLS, make));
await run();
const session = new Session();
session.connect();
await session.post('HeapProfiler.startSampling', SAMPLING);
await run();
const { profile } = await session.post('HeapProfiler.stopSampling');
console.log(JSON.stringify(bytesOf(profile.head) / CALLS));
process.exit();
