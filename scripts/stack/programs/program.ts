import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FinalError, until } from '../until.ts';

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ProgramOptions {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folder that it runs in; its output goes to `NAME.log` there. */
  readonly folder: string;
  /** Answers with a 2xx status once the program is ready. */
  readonly readyUrl?: string;
}

/** A program of the stack that runs in the background. It is killed when this process exits. */
export class Program {
  readonly name: string;
  readonly logFile: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;

  private constructor(options: ProgramOptions) {
    this.name = options.name;
    this.logFile = join(options.folder, `${options.name}.log`);
    const log = openSync(this.logFile, 'a');
    this.#child = spawn(options.path, options.args, {
      cwd: options.folder,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', log, log],
    });
    running.add(this.#child);
    this.#exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code) => {
        running.delete(this.#child);
        resolve(code);
      });
    });
    this.#exited.catch(() => undefined);
  }

  /**
   * Starts a program and waits until it is ready.
   *
   * @throws Error with the end of its log when it exits before, or is not ready in 30 seconds.
   */
  static async start(options: ProgramOptions): Promise<Program> {
    const program = new Program(options);
    const { readyUrl } = options;
    if (readyUrl === undefined) return program;
    try {
      await until(`${options.name} to be ready`, 30_000, async () => {
        if (!program.isRunning) throw new FinalError(`${options.name} exited`);
        return (await fetch(readyUrl, { signal: AbortSignal.timeout(1000) })).ok;
      });
    } catch (error) {
      await program.kill();
      throw new Error(`${String(error)}\n${await program.log()}`, { cause: error });
    }
    return program;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit code, once it has exited; `null` when a signal ended it. */
  get exited(): Promise<number | null> {
    return this.#exited;
  }

  /** The end of its output. */
  async log(): Promise<string> {
    return (await readFile(this.logFile, 'utf8')).slice(-4000);
  }

  /** Asks it to end (SIGTERM), and kills it when it takes longer than so many milliseconds. */
  async stop(patienceMs = 15_000): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    this.#child.kill('SIGTERM');
    await this.#exited;
    clearTimeout(timer);
  }

  /** Ends it at once (SIGKILL), as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
