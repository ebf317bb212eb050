import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';
import { cli, startWorld, type Outcome, type World } from './support.ts';

const ESCAPE = '\u001B';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const run = (args: readonly string[], options: Parameters<typeof cli>[1] = {}): Promise<Outcome> =>
  cli(['doctor', ...args], { ...options, cwd: world.cwd, env: { ...world.env, ...options.env } });

describe('in a pipe', () => {
  test('is plain text of at most 100 columns, line by line with its verdict, and nothing on stderr', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain(ESCAPE);
    expect(stdout).not.toContain('\r');
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(stdout.match(/^(?:Environment|Key|Network|API|Telemetry)$/gm)).toEqual([
      'Environment',
      'Key',
      'Network',
      'API',
      'Telemetry',
    ]);
    expect(stdout.match(/^ {2}✔ pass /gm)?.length).toBeGreaterThan(8);
    expect(stdout).toMatch(/^\d+ passed, 0 warnings, 0 failures$/m);
    expect(stdout).not.toContain('REDACTED');
  });

  test('says what it sends and what that costs, before it does', async () => {
    const { stdout } = await run([]);
    const [announced, answered] = [
      stdout.indexOf('Sends the known-good request'),
      stdout.indexOf('was answered'),
    ];
    expect(announced).toBeGreaterThan(0);
    expect(announced).toBeLessThan(answered);
    expect(stdout).toMatch(/Costs\s+nothing\./);
  });

  test('ends with the spans as the demo shows them, and the trace to look for', async () => {
    const { stdout } = await run([]);
    const end = stdout.slice(stdout.indexOf('Spans of the requests'));
    expect(end.match(/^anthropic\.messages\.create {2}claude-haiku-5-5 +[✔✖]/gm)).toHaveLength(2);
    expect(end.match(/^└─ POST \/v1\/messages/gm)).toHaveLength(2);
    const [, traceId] = /^Trace ID to look for: ([\da-f]{32})$/m.exec(end) ?? [];
    expect(world.receiver.spans().some((span) => span.traceId === traceId)).toBe(true);
  });

  test('says of each failure what it means, what to do next, and where the runbook is', async () => {
    const { code, stdout } = await run(['--no-requests'], { env: { ANTHROPIC_API_KEY: '' } });
    expect(code).toBe(1);
    const [, block] = /^( {2}✖ fail No key is set.*?)(?=^ {2}\S|^$)/ms.exec(stdout) ?? [];
    const [, runbook = ''] =
      /^ {9}means: .+\n {9}next: {2}.+\n[^]*^ {9}see: {3}(\S+)$/m.exec(block ?? '') ?? [];
    expect(await readFile(resolve(world.cwd, runbook), 'utf8')).toMatch(/^# Authentication/);
  });
});

describe('in a terminal', () => {
  test('has colours and progress', async () => {
    const { code, stdout } = await run([], { terminal: true, env: { TERM: 'xterm-256color' } });
    expect(code).toBe(0);
    expect(stdout).toContain(`${ESCAPE}[32m✔ pass${ESCAPE}[39m`);
    expect(stdout).toContain('Sending two requests');
    // The cursor that the spinner hides is shown again.
    expect(stdout.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(stdout.lastIndexOf(`${ESCAPE}[?25l`));
  });

  test('has no colours with NO_COLOR', async () => {
    const { stdout } = await run([], { terminal: true, env: { TERM: 'xterm-256color', NO_COLOR: '1' } });
    expect(stdout).toContain('✔ pass');
    // oxlint-disable-next-line no-control-regex
    expect(stdout.match(/\u001B\[[\d;]*3\dm/g)).toBeNull();
  });
});

test('has colours in a pipe with FORCE_COLOR', async () => {
  const { stdout } = await run(['--no-requests'], { env: { FORCE_COLOR: '1' } });
  expect(stdout).toContain(`${ESCAPE}[32m✔ pass${ESCAPE}[39m`);
});

describe('what a server says', () => {
  const HOSTILE = '\u009B31m\u0085`|';

  test.each([{ args: [] }, { args: ['--json'] }, { args: ['--report'] }])(
    'does not act on the terminal, with $args',
    async ({ args }) => {
      world.api.setDefault(() =>
        reply.error(500, {
          message: `a${HOSTILE}\u001B[2J\u202Eb`,
          requestId: `req_${HOSTILE}`,
          headers: { 'request-id': `req_${HOSTILE}`, 'anthropic-ratelimit-requests-remaining': HOSTILE },
        }),
      );
      const { stdout } = await run(args, { env: { OTEL_SERVICE_NAME: 'shop\u001B[31m`' } });
      world.api.setDefault(() => undefined);
      expect(stdout).toContain('500');
      expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u);
    },
  );

  test('is in JSON as it was said', async () => {
    world.api.setDefault(() => reply.error(500, { message: 'a\u009B\u202E\u{E0061}b' }));
    const { stdout } = await run(['--json']);
    world.api.setDefault(() => undefined);
    expect(stdout).toContain(String.raw`a\u009b\u202e\udb40\udc61b`);
    expect(JSON.parse(stdout)).toMatchObject({ requests: [{ message: 'a\u009B\u202E\u{E0061}b' }, {}] });
  });
});

describe('Ctrl-C', () => {
  test.each([false, true])(
    'ends it at once, without a trace of the stack (terminal: %s)',
    async (terminal) => {
      world.api.setDefault(() => reply.hang());
      let isSent = false;
      const { code, stdout, stderr } = await run(['--timeout', '45'], {
        terminal,
        env: { TERM: 'xterm-256color' },
        onStdout: (text, interrupt) => {
          if (isSent || !text.includes('Sends the controlled failure')) return;
          isSent = true;
          interrupt();
        },
      });
      world.api.setDefault(() => undefined);
      expect(code).toBe(130);
      const all = stdout + stderr;
      expect(all).toContain('stopped before all was checked');
      expect(all).not.toMatch(/^\s+at /m);
      expect(all).not.toContain('Trace ID');
      if (terminal) {
        expect(all.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(all.lastIndexOf(`${ESCAPE}[?25l`));
      }
    },
  );
});

describe('--report', () => {
  test('without a file is Markdown in place of the text', async () => {
    const { code, stdout } = await run(['--report']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# Claude API: diagnosis\n/);
    expect(stdout).toMatch(/^\| Local time \| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d \(.+\) \|$/m);
    expect(stdout).toMatch(/^\| UTC \| \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \|$/m);
    expect(stdout).toContain(`\n| SDK | @anthropic-ai/sdk ${NEWEST_SDK} |\n`);
    expect(stdout).toMatch(/^\| Node \| \d+\.\d+\.\d+ \|$/m);
    expect(stdout.match(/^- Status: (?:200|400)$/gm)).toHaveLength(2);
    expect(stdout.match(/^- Request ID: `req_\w+`$/gm)).toHaveLength(2);
    expect(stdout.match(/^- Duration: \d+ ms$/gm)).toHaveLength(2);
    expect(stdout.match(/^ {2}\{"keys":\["model","max_tokens","messages"\]/gm)).toHaveLength(2);
    expect(stdout).not.toContain('"Hi"');
  });

  test('with a file is beside the text', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-report-'));
    const file = join(folder, 'report.md');
    const { code, stdout } = await run(['--report', file, '--no-requests']);
    expect(code).toBe(0);
    expect(stdout).toContain(`The report is in ${file}\n`);
    expect(await readFile(file, 'utf8')).toMatch(/^# Claude API: diagnosis\n/);
    const json = await run([`--report=${file}`, '--json', '--no-requests']);
    expect(JSON.parse(json.stdout)).toMatchObject({ summary: { fail: 0 } });
    await rm(folder, { recursive: true });
  });

  test('that cannot be written is said in one line', async () => {
    const { code, stderr } = await run([
      '--report',
      join(world.cwd, 'no', 'such', 'folder'),
      '--no-requests',
    ]);
    expect(code).toBe(1);
    expect(stderr).toBe('opentelemetry-instrumentation-anthropic: the report could not be written: ENOENT\n');
  });
});

test('--json is JSON alone', async () => {
  const { code, stdout, stderr } = await run(['--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    tool: { name: 'opentelemetry-instrumentation-anthropic' },
    environment: { node: process.versions.node, sdk: [NEWEST_SDK] },
    summary: { warn: 0, fail: 0, exit_code: 0 },
    requests: [
      { name: 'known-good request', status: 200 },
      { name: 'controlled failure', status: 400 },
    ],
  });
});

test.each([
  { args: ['--modell', 'x'], problem: "Unknown option '--modell'" },
  { args: ['extra'], problem: "Unexpected argument 'extra'" },
  { args: ['--timeout', '0'], problem: '--timeout takes seconds' },
  { args: ['--model', ''], problem: '--model needs the name of a model' },
  { args: ['--json', '--report'], problem: 'name a file' },
  { args: ['--report', ''], problem: '--report needs the name of a file' },
  { args: ['--report='], problem: '--report needs the name of a file' },
  { args: ['--report', 'a', '--report', '-', '--json'], problem: 'name a file' },
  { args: ['--timeout', '-1'], problem: "'--timeout' argument is ambiguous" },
])('$args is bad usage: one line, exit code 2', async ({ args, problem }) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(problem);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('the help lists the options', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  for (const option of ['--no-requests', '--model', '--base-url', '--timeout', '--report', '--json']) {
    expect(stdout).toMatch(new RegExp(`^ {4}${option}\\b.* \\S`, 'm'));
  }
});
