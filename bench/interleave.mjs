/** Runs every variant in turn, block by block, so that what slows the machine slows them all. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { VARIANTS } from './variants.mjs';
import { WORKLOADS } from './workloads.mjs';

/**
 * @typedef {Record<string, Record<string, number>>} Round microseconds per call, by variant and workload
 */

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));

/** @param {import('node:child_process').ChildProcess} child @param {string} order @returns {Promise<number>} */
async function ask(child, order) {
  child.send(order);
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`a child left with exit code ${code}`))),
  ]);
  return answer;
}

/**
 * @param {number} rounds
 * @returns {Promise<{ rounds: Round[]; spans: Record<string, number> }>} `spans`: exported per call, by variant
 */
export async function interleave(rounds) {
  const children = VARIANTS.map(({ id }) => ({ id, process: fork(CHILD, [id]) }));
  try {
    /** @type {Record<string, number>} */
    const spans = {};
    for (const child of children) spans[child.id] = await ask(child.process, 'warmUp');
    /** @type {Round[]} */
    const results = [];
    for (let round = 0; round < rounds; round += 1) {
      /** @type {Round} */
      const result = Object.fromEntries(children.map(({ id }) => [id, {}]));
      for (const workload of Object.keys(WORKLOADS)) {
        for (let turn = 0; turn < children.length; turn += 1) {
          const child = children[(turn + round) % children.length];
          if (child) /** @type {Record<string, number>} */ (result[child.id])[workload] = await ask(child.process, workload);
        }
      }
      results.push(result);
    }
    return { rounds: results, spans };
  } finally {
    for (const child of children) child.process.kill();
  }
}
