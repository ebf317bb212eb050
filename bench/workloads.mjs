/**
 * What a block of measurement does, whichever the variant.
 *
 * @typedef {object} Workload
 * @property {string} id
 * @property {number | undefined} deltas pieces of a streamed answer, or `undefined` for an answer in one
 * @property {number} calls calls in one block
 */

/** The streams differ in their length alone: what an event costs is the difference, by the number of events. */
export const SHORT_STREAM = 10;
export const LONG_STREAM = 410;

/**
 * So many calls that the young generation fills several times within a block. In small blocks its collection, which
 * takes some milliseconds, falls into the same one of a variant's blocks round after round, and into another one of the
 * next variant's.
 *
 * @type {Readonly<Record<'call' | 'short' | 'long', Workload>>}
 */
export const WORKLOADS = {
  call: { id: 'call', deltas: undefined, calls: 1000 },
  short: { id: 'short', deltas: SHORT_STREAM, calls: 300 },
  long: { id: 'long', deltas: LONG_STREAM, calls: 100 },
};

/** Lets timers and the batch processor run, as between an application's calls. */
const CALLS_PER_TURN = 10;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * @param {number} calls
 * @param {() => Promise<void>} make makes one call and reads its answer
 */
export async function runCalls(calls, make) {
  for (let call = 1; call <= calls; call += 1) {
    await make();
    if (call % CALLS_PER_TURN === 0) await turn();
  }
}
