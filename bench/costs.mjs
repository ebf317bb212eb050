/**
 * From rounds to costs. Each cost is the median of the differences within single rounds; a ratio is one of two
 * costs, since a round in which the divisor came out near zero would say nothing.
 */
import { LONG_STREAM, SHORT_STREAM } from './workloads.mjs';

/** @typedef {import('./interleave.mjs').Round} Round */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** @param {Round} round @param {string} id */
export function perCall(round, id) {
  return round[id]?.['call'] ?? Number.NaN;
}

/**
 * A stream of ten pieces, from the call to its end.
 *
 * @param {Round} round
 * @param {string} id
 */
export function perStream(round, id) {
  return round[id]?.['short'] ?? Number.NaN;
}

/** @param {Round} round @param {string} id */
export function perEvent(round, id) {
  const { short = Number.NaN, long = Number.NaN } = round[id] ?? {};
  return (long - short) / (LONG_STREAM - SHORT_STREAM);
}

/**
 * What `id` costs more than `baseline`.
 *
 * @param {typeof perCall} measure
 * @param {string} id
 * @param {string} baseline
 * @returns {(round: Round) => number}
 */
export function added(measure, id, baseline) {
  return (round) => measure(round, id) - measure(round, baseline);
}

/** The goals: each a cost over another, and what it may be at most. */
export const GOALS = [
  {
    label: 'a call: ours on 0.91 / native on 1.12',
    of: added(perCall, 'ours-old', 'none-old'),
    over: added(perCall, 'native', 'none-new'),
    goal: 0.6,
  },
  {
    label: 'a call: ours on top of native / native',
    of: added(perCall, 'ours-new', 'native'),
    over: added(perCall, 'native', 'none-new'),
    goal: 0.6,
  },
  {
    label: 'a stream event: ours on 0.91 / native on 1.12',
    of: added(perEvent, 'ours-old', 'none-old'),
    over: added(perEvent, 'native', 'none-new'),
    goal: 0.5,
  },
  {
    label: 'a stream event: ours on top of native / native',
    of: added(perEvent, 'ours-new', 'native'),
    over: added(perEvent, 'native', 'none-new'),
    goal: 0.5,
  },
];
