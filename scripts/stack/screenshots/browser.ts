import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { writeFileSync } from 'node:fs';
import { FinalError, until } from '../until.ts';

/** A page in a headless Chromium, driven over the DevTools protocol's pipe. */
export interface Page {
  /** Opens an address in a window of this size, in pixels. */
  open(url: string, width: number, height: number): Promise<void>;
  /** Evaluates an expression in the page until it is true, or gives up after 30 seconds. */
  waitFor(what: string, expression: string): Promise<void>;
  run(expression: string): Promise<void>;
  screenshot(file: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts Chromium with one page. Its profile is kept in `folder`. */
export async function openPage(chromium: string, folder: string): Promise<Page> {
  const args = [
    '--headless=new',
    '--no-sandbox',
    '--hide-scrollbars',
    '--remote-debugging-pipe',
    `--user-data-dir=${folder}`,
  ];
  const child = spawn(chromium, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const connection = new Connection(child);
  const { targetId } = await connection.send<{ targetId: string }>('Target.createTarget', {
    url: 'about:blank',
  });
  const attached = await connection.send<{ sessionId: string }>('Target.attachToTarget', {
    targetId,
    flatten: true,
  });
  const send = <Result>(method: string, params: object = {}): Promise<Result> =>
    connection.send<Result>(method, params, attached.sessionId);
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result } = await send<{ result: { value?: unknown } }>('Runtime.evaluate', {
      expression,
      returnByValue: true,
    });
    return result.value;
  };
  return {
    open: async (url, width, height) => {
      await send('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await send('Page.navigate', { url });
    },
    waitFor: async (what, expression) => {
      await until(what, 30_000, async () => (await evaluate(expression)) === true);
    },
    run: async (expression) => {
      await evaluate(expression);
    },
    screenshot: async (file) => {
      const { data } = await send<{ data: string }>('Page.captureScreenshot', { format: 'png' });
      writeFileSync(file, Buffer.from(data, 'base64'));
    },
    close: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Commands and answers of the protocol: JSON, each ended by a zero byte, on two pipes. */
class Connection {
  readonly #input: Writable;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #next = 1;
  #rest = '';

  constructor(child: ChildProcess) {
    this.#input = child.stdio[3] as Writable;
    const output = child.stdio[4] as Readable;
    output.setEncoding('utf8');
    output.on('data', (text: string) => this.#read(text));
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new FinalError('Chromium exited'));
    });
  }

  send<Result>(method: string, params: object, sessionId?: string): Promise<Result> {
    const id = this.#next++;
    this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
    });
  }

  #read(text: string): void {
    const parts = (this.#rest + text).split('\0');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as { id?: number; result?: unknown; error?: { message: string } };
      const waiting = this.#waiting.get(message.id ?? 0);
      if (waiting === undefined) continue;
      this.#waiting.delete(message.id ?? 0);
      if (message.error === undefined) waiting.resolve(message.result);
      else waiting.reject(new Error(message.error.message));
    }
  }
}
