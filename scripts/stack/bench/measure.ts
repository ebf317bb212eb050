import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { post } from '../traffic/otlp.ts';
import { SPANS_PER_REQUEST, type Load } from './load.ts';

/** Processor time in seconds and resident memory in MiB of a process, as Linux tells them. */
export interface Usage {
  readonly cpu: number;
  readonly memory: number;
}

export function usage(pid: number | undefined): Usage {
  if (pid === undefined) throw new Error('the Collector does not run');
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { cpu: ticks / 100, memory: (pages * 4096) / 1024 / 1024 };
}

/** A backend that takes everything and keeps nothing. `status` is what it answers. */
export async function startSink(status = 200): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.statusCode = status;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Sends the load to each of the receivers at a steady pace, for so many seconds.
 *
 * @returns how many spans each of them got.
 * @throws Error when one of them refuses.
 */
export async function drive(
  load: Load,
  receivers: readonly string[],
  spansPerSecond: number,
  seconds: number,
): Promise<number> {
  const start = performance.now();
  let spans = 0;
  while (performance.now() - start < seconds * 1000) {
    const body = load.request();
    const answers = await Promise.all(receivers.map((url) => post(url, 'traces', body)));
    const refused = answers.find(({ status }) => status !== 200);
    if (refused !== undefined) throw new Error(`refused with ${refused.status}: ${refused.body}`);
    spans += SPANS_PER_REQUEST;
    await sleep(Math.max(0, start + (spans / spansPerSecond) * 1000 - performance.now()));
  }
  return spans;
}

/** A table in Markdown; the first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
