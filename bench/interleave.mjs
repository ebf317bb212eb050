/** Runs every variant in turn, block by block, so that what slows the machine slows them all. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { VARIANTS } from './variants.mjs';
import { WORKLOADS } from './workloads.mjs';

/**
 * @typedef {Record<string, Record<string, number>>} Round microseconds per call, by variant and workload
 *
 * @typedef {object} Measured
 * @property {Round[]} rounds
 * @property {Record<string, number>} spans exported per call, by variant
 */

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));
const GARBAGE_COLLECTION = [
  '--single-threaded-gc',
  '--min-semi-space-size=16',
  '--no-allocation-site-pretenuring',
];

/**
 * A variant in a process of its own, which does one thing at a time. Its garbage is collected on its own thread:
 * threads that help each other use processor time to wait. Its young generation has from the start the size that V8
 * lets it grow to, and V8 does not guess what will live long: when it grows, and what is guessed, is chance, and changes
 * the cost of everything that allocates.
 */
class Runner {
  #process;
  /** @type {(answer: number) => void} */
  #answered = () => {};
  /** @type {(problem: Error) => void} */
  #failed = () => {};

  /** @param {string} id */
  constructor(id) {
    this.id = id;
    this.#process = fork(CHILD, [id], { execArgv: GARBAGE_COLLECTION });
    this.#process.on('message', (answer) => this.#answered(Number(answer)));
    this.#process.on('exit', (code) => this.#failed(new Error(`variant ${id} left with exit code ${code}`)));
  }

  /**
   * @param {string} order
   * @returns {Promise<number>}
   */
  ask(order) {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#process.send(order);
    });
  }

  stop() {
    this.#process.kill();
  }
}

/**
 * @param {readonly Runner[]} runners
 * @param {number} first who begins: each in turn, so that none always follows the same one
 * @returns {Promise<Round>}
 */
async function runRound(runners, first) {
  /** @type {Round} */
  const round = {};
  const order = [...runners.slice(first), ...runners.slice(0, first)];
  for (const workload of Object.keys(WORKLOADS)) {
    for (const runner of order) (round[runner.id] ??= {})[workload] = await runner.ask(workload);
  }
  return round;
}

/**
 * @param {number} count of rounds
 * @returns {Promise<Measured>}
 */
export async function interleave(count) {
  const runners = VARIANTS.map(({ id }) => new Runner(id));
  try {
    /** @type {Measured} */
    const measured = { rounds: [], spans: {} };
    for (const runner of runners) measured.spans[runner.id] = await runner.ask('warmUp');
    for (let index = 0; index < count; index += 1) {
      measured.rounds.push(await runRound(runners, index % runners.length));
    }
    return measured;
  } finally {
    for (const runner of runners) runner.stop();
  }
}
