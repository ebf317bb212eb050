// Two first runs at the same time.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { until } from '../../scripts/stack/until.ts';
import { temporaryFolder } from './folder.ts';

const SCRIPT = fileURLToPath(new URL('build-tool.ts', import.meta.url));
const parent = temporaryFolder();
const children: ChildProcess[] = [];
afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

interface Run {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly said: () => string;
  /** The program that it found. */
  readonly found: Promise<string>;
}

function start(folder: string): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, folder], {
    env: { ...process.env, XDG_CACHE_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return { child, said: () => errors, found: new Promise((done) => child.once('close', () => done(output))) };
}

const builds = (folder: string): string[] => readFileSync(join(folder, 'builds'), 'utf8').trim().split('\n');
const inCache = (folder: string): string[] =>
  readdirSync(join(folder, 'opentelemetry-instrumentation-anthropic')).map((name) =>
    name.replace(/-[^-]+-[^-]+-[0-9a-f]{16}/, ''),
  );

/** One that builds, and one that has said what it does. */
async function startTwo() {
  const folder = mkdtempSync(join(parent, 'two-'));
  const first = start(folder);
  await until('the first to build', 60_000, () => first.said().includes('Building tool once'));
  const second = start(folder);
  await until('the second to say what it does', 60_000, () => second.said().includes('\n'));
  return { folder, first, second };
}

it('the second run waits for the build of the first, says so, and takes its program', async () => {
  const { folder, first, second } = await startTwo();
  expect(second.said()).toContain(`Waiting for process ${first.child.pid}, which builds tool`);
  writeFileSync(join(folder, 'go'), '');
  expect(await second.found).toBe(await first.found);
  expect(await first.found).toMatch(/\/tool$/);
  expect(builds(folder)).toEqual([String(first.child.pid)]);
  expect(inCache(folder)).toEqual(['tool']);
});

it('a build that was killed is begun anew, by who waits for it, and leaves nothing behind', async () => {
  const { folder, first, second } = await startTwo();
  first.child.kill('SIGKILL');
  await first.found;
  writeFileSync(join(folder, 'go'), '');
  expect(await second.found).toMatch(/\/tool$/);
  expect(builds(folder)).toEqual([first.child.pid, second.child.pid].map(String));
  expect(inCache(folder)).toEqual(['tool']);
});
