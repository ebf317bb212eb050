// Runs the tests on other versions of Node than the machine's: `npm run test:nodes [-- 22 24]`.
// The Nodes come from npm, once, into a cache outside the repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSIONS = ['22', '24', '26'];
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'opentelemetry-instrumentation-anthropic',
  'nodes',
);

/** The npm package with Node's binary for this machine. */
const PACKAGE = `node-${process.platform}-${process.arch}`;

/** The folder with the binary of Node `version`, installed where it is missing; `undefined` where that fails. */
function install(version) {
  const folder = join(cache, version);
  const bin = join(folder, 'node_modules', PACKAGE, 'bin');
  if (existsSync(join(bin, 'node'))) return bin;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-save', `${PACKAGE}@${version}`], {
    cwd: folder,
    stdio: 'inherit',
  });
  return existsSync(join(bin, 'node')) ? bin : undefined;
}

const wanted = process.argv.slice(2);
for (const version of wanted.length > 0 ? wanted : VERSIONS) {
  const bin = install(version);
  if (!bin) {
    console.error(`SKIPPED: Node ${version} cannot be installed here, so the tests were not run on it.`);
    continue;
  }
  console.log(`\n== the tests on Node ${version}`);
  const { status } = spawnSync(join(bin, 'node'), ['node_modules/vitest/vitest.mjs', 'run'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, VITEST_REPORT: `node-${version}` },
  });
  if (status !== 0) process.exitCode = 1;
}
