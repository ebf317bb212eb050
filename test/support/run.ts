import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareSdkFixture, SDKS, sdkFolder, type SdkVersion } from './sdks.ts';

export interface RunOptions {
  /**
   * Source text, or the path of a script (recognised by its ending). It is run as a copy inside the SDK's
   * folder, so it cannot import relative files; it can import the SDK and this package by their names.
   */
  readonly script: string;
  readonly sdk: SdkVersion;
  /** Module system of the script, and so the build of the SDK that it gets. */
  readonly build: 'esm' | 'cjs';
  /** How this package is preloaded, or Node's own flags in its place. Default: `none`. */
  readonly preload?: 'import' | 'require' | 'none' | readonly string[];
  /** The whole environment of the child, apart from `PATH` and `HOME`: nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of the script. */
  readonly args?: readonly string[];
  /** Milliseconds after which the child is killed, which fails the run. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Called with the child's standard output so far, and a way to send it a signal. */
  readonly onStdout?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export interface RunResult {
  /** Exit code; `null` where a signal ended the child. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PRELOADS = {
  import: ['--import', new URL('../../dist/register.js', import.meta.url).href],
  require: ['--require', fileURLToPath(new URL('../../shims/register.cjs', import.meta.url))],
  none: [],
} as const;

const SCRIPT_PATH = /^[^\n]+\.[mc]?[jt]s$/;

/**
 * Runs a script in a child process in which `@anthropic-ai/sdk` is the given version.
 * Rejects where the child does not end in time.
 */
export async function runScript(options: RunOptions): Promise<RunResult> {
  const fixture = SDKS.find(({ version }) => version === options.sdk);
  if (!fixture) throw new Error(`no SDK fixture ${options.sdk}`);
  await prepareSdkFixture(fixture);
  const folder = sdkFolder(options.sdk);
  const script = await copyScript(options, join(folder, 'scripts'));
  try {
    return await run(script, folder, options);
  } finally {
    await rm(script);
  }
}

/** Copies the script under a name whose ending settles its module system. Resolves to its path. */
async function copyScript({ script, build }: RunOptions, folder: string): Promise<string> {
  const isPath = SCRIPT_PATH.test(script);
  const source = isPath ? await readFile(script, 'utf8') : script;
  const language = isPath && extname(script).endsWith('ts') ? 'ts' : 'js';
  const path = join(folder, `${randomUUID()}.${build === 'esm' ? 'm' : 'c'}${language}`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, source);
  return path;
}

function run(script: string, cwd: string, options: RunOptions): Promise<RunResult> {
  const { preload = 'none', env = {}, args = [] } = options;
  const { timeoutMs = 30_000, onStdout } = options;
  const flags = typeof preload === 'string' ? PRELOADS[preload] : preload;
  const { PATH = '', HOME = '' } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, script, ...args], {
      cwd,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      onStdout?.(stdout, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (timedOut) {
        reject(new Error(`not ended after ${timeoutMs} ms\nstdout: ${stdout}\nstderr: ${stderr}`));
      } else {
        resolve({ code, signal, stdout, stderr });
      }
    });
  });
}
