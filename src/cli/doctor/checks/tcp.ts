import { connect } from 'node:net';
import { serverOfUrl } from '../../../server.ts';
import type { Context } from '../context.ts';
import { DeadlineError, elapsedSince } from '../deadline.ts';
import { pass, type Finding } from '../finding.ts';
import { connectionFinding } from '../network-fault.ts';
import { skipped } from './address.ts';

/** Whether something listens at the address of the API. */
export async function checkTcp(context: Context): Promise<readonly Finding[]> {
  const { base, learned, options } = context;
  const nothing = skipped('TCP', context);
  if (nothing || !base.url) return nothing ? [nothing] : [];
  const { address: host, port } = serverOfUrl(base.url);
  const start = performance.now();
  try {
    const address = await reach(host, port, options.timeoutMs);
    const ms = elapsedSince(start);
    return [
      pass(`TCP: ${host}:${port} answers at ${address} (${ms} ms)`, { facts: { host, port, address, ms } }),
    ];
  } catch (error) {
    learned.unreachable = 'tcp';
    return [connectionFinding(`TCP: no connection to ${host}:${port}`, error, { host, port })];
  }
}

/** Opens a connection and closes it. Resolves to the address that answered. */
export function reach(host: string, port: number, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(timeoutMs, () => socket.destroy(new DeadlineError('no connection in time')));
    socket.once('connect', () => {
      resolve(socket.remoteAddress ?? host);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
