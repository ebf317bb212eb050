/** The tables, in Markdown, so that they can stand in the README as they are. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { added, GOALS, median, perCall, perEvent, perStream } from './costs.mjs';
import { VARIANTS } from './variants.mjs';

/** @typedef {import('./interleave.mjs').Measured} Measured */

/** @param {readonly (readonly string[])[]} rows the first one is the head */
function table(rows) {
  const [head = [], ...body] = rows;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {number} value */
const kilo = (value) => (value / 1000).toFixed(1);

/** @param {Readonly<Record<string, number>>} bytes a call, by variant */
export function allocationTable(bytes) {
  const native = (bytes['native'] ?? Number.NaN) - (bytes['none-new'] ?? Number.NaN);
  const rows = VARIANTS.map(({ id, label, baseline }) => {
    const own = bytes[id] ?? Number.NaN;
    if (baseline === undefined) return [label, kilo(own), '', ''];
    const more = own - (bytes[baseline] ?? Number.NaN);
    return [label, kilo(own), kilo(more), (more / native).toFixed(2)];
  });
  return table([['kB allocated', 'a call', 'added', 'of native'], ...rows]);
}

/** @param {string} name */
function versionOf(name) {
  const file = [
    new URL(`../node_modules/${name}/package.json`, import.meta.url),
    new URL(`peers/node_modules/${name}/package.json`, import.meta.url),
  ];
  for (const url of file) {
    try {
      return JSON.parse(readFileSync(url, 'utf8')).version;
    } catch {
      // In the other place.
    }
  }
  return 'not installed';
}

export function describeMachine() {
  const [cpu] = cpus();
  const versions = [
    'sdk-1.12',
    'sdk-0.91',
    '@opentelemetry/sdk-trace-base',
    '@opentelemetry/sdk-metrics',
    '@arizeai/openinference-instrumentation-anthropic',
    '@traceloop/instrumentation-anthropic',
    '@opentelemetry/auto-instrumentations-node',
  ].map((name) => `${name} ${versionOf(name)}`);
  return `${cpus().length} × ${cpu?.model.trim()}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}; ${versions.join(', ')}`;
}

/** @param {Measured} measured */
export function costTable({ rounds, spans }) {
  /** @param {(round: import('./interleave.mjs').Round) => number} of */
  const micros = (of) => median(rounds.map(of)).toFixed(2);
  const rows = VARIANTS.map(({ id, label, baseline }) => {
    const cells = [perCall, perStream, perEvent].flatMap((measure) => [
      micros((round) => measure(round, id)),
      baseline === undefined ? '' : micros(added(measure, id, baseline)),
    ]);
    return [label, (spans[id] ?? 0).toFixed(1), ...cells];
  });
  const head = ['µs', 'spans a call', 'a call', 'added', 'a stream of 10', 'added', 'an event', 'added'];
  return table([head, ...rows]);
}

/** @param {Measured} measured */
export function goalTable({ rounds }) {
  const rows = GOALS.map(({ label, of, over, goal }) => {
    const ratio = median(rounds.map(of)) / median(rounds.map(over));
    return [label, ratio.toFixed(2), `≤ ${goal}`, ratio <= goal ? 'reached' : 'not reached'];
  });
  return table([['ratio of what is added', 'measured', 'goal', ''], ...rows]);
}

/** @param {readonly { label: string; milliseconds: number }[]} times */
export function startupTable(times) {
  const base = times[0]?.milliseconds ?? 0;
  const rows = times.map(({ label, milliseconds }) => [
    label,
    milliseconds.toFixed(0),
    (milliseconds - base).toFixed(0),
  ]);
  return table([['start and end of a process, ms', 'all', 'added'], ...rows]);
}

/** @param {readonly { label: string; used: readonly number[] }[]} memory */
export function memoryTable(memory) {
  const rows = memory.map(({ label, used }) => [
    label,
    ...used.map((bytes) => (bytes / 1024 / 1024).toFixed(2)),
  ]);
  return table([['heap in use, MiB', 'after 20,000 calls', 'after 200,000'], ...rows]);
}
