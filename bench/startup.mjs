/** How long a process takes that does nothing, with each preload. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { median } from './costs.mjs';

const requirePeer = createRequire(new URL('peers/package.json', import.meta.url));
const OURS = new URL('../dist/register.js', import.meta.url).href;

/** With no collector to look for, and none of the metadata servers of clouds that are not there. */
const ENVIRONMENT = {
  ...process.env,
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_NODE_RESOURCE_DETECTORS: 'none',
};

/** @type {readonly { label: string; args: () => string[] }[]} */
const PRELOADS = [
  { label: 'no preload', args: () => [] },
  { label: 'opentelemetry-instrumentation-anthropic/register', args: () => ['--import', OURS] },
  {
    label: '@opentelemetry/auto-instrumentations-node/register',
    args: () => [
      '--import',
      pathToFileURL(requirePeer.resolve('@opentelemetry/auto-instrumentations-node/register')).href,
    ],
  },
];

/** @param {readonly string[]} args */
function milliseconds(args) {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [...args, '--eval', '0'], { env: ENVIRONMENT });
  if (status !== 0) throw new Error(`a process with ${args.join(' ')} failed: ${stderr.toString()}`);
  return performance.now() - startedAt;
}

/**
 * @param {number} rounds
 * @returns {{ label: string; milliseconds: number }[]} medians
 */
export function measureStartup(rounds) {
  /** @type {Map<string, number[]>} */
  const times = new Map(PRELOADS.map(({ label }) => [label, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { label, args } of PRELOADS) times.get(label)?.push(milliseconds(args()));
  }
  return [...times].map(([label, all]) => ({ label, milliseconds: median(all) }));
}
