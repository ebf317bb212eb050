import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DEMO_KEY } from '../../../src/demo/scenarios.ts';
import { startTestReceiver } from '../../support/otlp.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line, in `cwd`. */
async function cli(args: readonly string[], cwd = ROOT): Promise<Outcome> {
  try {
    const output = await promisify(execFile)(process.execPath, [MAIN, ...args], { cwd, timeout: 60_000 });
    return { code: 0, ...output };
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome;
    return { code, stdout, stderr };
  }
}

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(await readFile(`${ROOT}/package.json`, 'utf8')) as { version: string };
  expect(await cli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([[['--help']], [['-h']], [['help']], [['demo', '--help']]])(
  '%j lists the commands',
  async (args) => {
    const { code, stdout } = await cli(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}demo \[--otlp URL\] +\S/m);
  },
);

test.each([
  { args: [], problem: 'a command is missing' },
  { args: ['demos'], problem: "unknown command 'demos'" },
  { args: ['demo', '--oltp', 'x'], problem: "Unknown option '--oltp'" },
  { args: ['demo', '--otlp'], problem: "'--otlp <value>' argument missing" },
  { args: ['demo', '--otlp', 'localhost:4318'], problem: '--otlp takes the http or https URL' },
  { args: ['demo', '--otlp', 'http://user:word@localhost:4318'], problem: 'without a user' },
  { args: ['\u001B[31m\nx'], problem: "unknown command ' [31m x'" },
  { args: ['demo', 'extra'], problem: "Unexpected argument 'extra'" },
])('$args is bad usage: one line, exit code 2', async ({ args, problem }) => {
  const { code, stdout, stderr } = await cli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(problem);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test.each([
  { name: 'a pipe that nobody reads', output: 'closed', code: 141, says: '' },
  {
    name: 'a full disk',
    output: '/dev/full',
    code: 1,
    says: 'opentelemetry-instrumentation-anthropic: the output cannot be written: ENOSPC\n',
  },
])('$name ends it without a stack', async ({ output, code, says }) => {
  const isFull = output !== 'closed';
  const stdout = isFull ? openSync(output, 'w') : 'pipe';
  // The pipe's end is closed before anything is written to it: the input comes later.
  const child = spawn(process.execPath, [MAIN, 'explain', '-'], { stdio: ['pipe', stdout, 'pipe'] });
  if (child.stdout) {
    child.stdout.destroy();
    await once(child.stdout, 'close');
  }
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin?.end('529 overloaded_error');
  const [exitCode] = (await once(child, 'close')) as [number];
  if (typeof stdout === 'number') closeSync(stdout);
  expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: says });
});

describe('demo', () => {
  test('shows a tree for each call, forwards all of it, and exports no key', async () => {
    const backend = await startTestReceiver();
    try {
      const { code, stdout, stderr } = await cli(['demo', '--otlp', backend.url]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.match(/^\d+\. .+$/gm)).toHaveLength(9);
      const sections = stdout.split(/^\d+\. /m).slice(1);
      const attempts = sections.map((section) => section.match(/[├└]─ POST \/v1\/messages/g)?.length);
      expect(attempts).toEqual([1, 1, 2, 3, 1, 1, 1, 1, 1]);
      const calls = sections.map((section) => / [✔✖◼] .+?(?= {2})/.exec(section.split('\n')[1] ?? '')?.[0]);
      expect(calls).toEqual([
        ' ✔ 200',
        ' ✔ 200',
        ' ✔ 200',
        ' ✖ 529 overloaded_error',
        ' ✖ 400 invalid_request_error',
        ' ✖ 401 authentication_error',
        ' ✖ 200 overloaded_error',
        expect.stringMatching(/^ ✖ 200 \w+$/),
        ' ◼ canceled',
      ]);
      expect(stdout).not.toContain(DEMO_KEY);
      expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
      expect(backend.spans().filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(9);
      expect(backend.metrics().length).toBeGreaterThan(0);
      expect(backend.requests.filter(({ rawBody }) => rawBody.includes(DEMO_KEY))).toEqual([]);
    } finally {
      await backend.close();
    }
  });

  test('says what to install where there is no SDK', async () => {
    const { code, stderr } = await cli(['demo'], tmpdir());
    expect(code).toBe(1);
    expect(stderr).toContain('npm install @anthropic-ai/sdk');
  });

  test('says in one line that the endpoint cannot be reached', async () => {
    const gone = await startTestReceiver();
    await gone.close();
    const { code, stderr } = await cli(['demo', '--otlp', gone.url]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^opentelemetry-instrumentation-anthropic: .+ could not be reached: .+\n$/);
  });
});
