import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { startFakeApi, type FakeApi } from '../../../src/demo/fake-api/index.ts';
import { startTestReceiver, type OtlpReceiver } from '../../support/otlp.ts';
import { NEWEST_SDK, sdkFolder, type SdkVersion } from '../../support/sdks.ts';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const LIMIT_MS = 50_000;
const CTRL_C = '\u0003';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** The whole environment, apart from `PATH`. A variable that is `undefined` is not set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Called with what standard output has so far, and with what Ctrl-C does. */
  readonly onStdout?: (text: string, interrupt: () => void) => void;
  /** Runs it in a pseudo-terminal; both outputs then come in `stdout`. */
  readonly terminal?: boolean;
}

/** Runs the built command line to its end. */
export function cli(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  const { env = {}, cwd = tmpdir(), input = '', onStdout, terminal = false } = options;
  const variables = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const direct = [process.execPath, MAIN, ...args] as const;
  const [command, ...rest] = terminal
    ? (['script', '-qec', direct.map(quoted).join(' '), '/dev/null'] as const)
    : direct;
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', ...Object.fromEntries(variables) },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      onStdout?.(stdout, () => (terminal ? child.stdin.write(CTRL_C) : child.kill('SIGINT')));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    // A child that ends before it has read everything is no failure of the test.
    child.stdin.on('error', () => {});
    // The terminal's input stays open, so that keys can be pressed.
    if (!terminal) child.stdin.end(input);
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A key of the real shape that no scanner takes for one. */
export const KEY = `sk-ant-api03-${'A'.repeat(93)}AA`;

/** A world in which everything is good: an API, a receiver, and a folder with the SDK. */
export interface World {
  readonly api: FakeApi;
  readonly receiver: OtlpReceiver;
  readonly cwd: string;
  /** The environment of a program that is set up well. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

export async function startWorld(sdk: SdkVersion = NEWEST_SDK): Promise<World> {
  const [api, receiver, cwd] = await Promise.all([startFakeApi(), startTestReceiver(), folderWithSdk(sdk)]);
  return {
    api,
    receiver,
    cwd,
    env: {
      HOME: cwd,
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: api.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    },
    close: async () => {
      await Promise.all([api.close(), receiver.close(), rm(cwd, { recursive: true, force: true })]);
    },
  };
}

/** A new folder with one copy of the SDK, and no other package above it. */
export async function folderWithSdk(version: SdkVersion): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  const scope = join(folder, 'node_modules', '@anthropic-ai');
  await mkdir(scope, { recursive: true });
  await symlink(join(sdkFolder(version), 'node_modules', '@anthropic-ai', 'sdk'), join(scope, 'sdk'));
  return folder;
}

export interface JsonFinding {
  readonly section: string;
  readonly check: string;
  readonly level: 'pass' | 'warn' | 'fail' | 'skip';
  readonly title: string;
  readonly meaning?: string;
  readonly next?: string;
  readonly runbook?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface JsonResult {
  readonly findings: readonly JsonFinding[];
  readonly requests: readonly Readonly<Record<string, unknown>>[];
  readonly spans: readonly { readonly name: string }[];
  readonly summary: Readonly<Record<string, number>>;
  readonly trace: { readonly id: string; readonly exported: boolean };
  /** Those that did not pass, as `level check: title`. */
  readonly bad: readonly string[];
  readonly code: number | null;
}

/** Runs `doctor --json` in a world whose environment is changed by `env`. */
export async function doctor(
  world: Pick<World, 'env' | 'cwd'>,
  env: Readonly<Record<string, string | undefined>> = {},
  args: readonly string[] = [],
): Promise<JsonResult> {
  const { code, stdout, stderr } = await cli(['doctor', '--json', '--timeout', '5', ...args], {
    cwd: world.cwd,
    env: { ...world.env, ...env },
  });
  if (!stdout.startsWith('{')) throw new Error(`no JSON came: ${stdout}${stderr}`);
  const result = JSON.parse(stdout) as Omit<JsonResult, 'bad' | 'code'>;
  // The gate must take nothing from what we say ourselves.
  for (const { next = '' } of result.findings) expect(next).not.toContain('REDACTED');
  const bad = result.findings
    .filter(({ level }) => level !== 'pass')
    .map(({ level, check, title }) => `${level} ${check}: ${title}`);
  return { ...result, bad, code };
}
