import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { COLLECTOR } from '../paths.ts';
import { Program } from './program.ts';
import { spedUp } from './speed.ts';

/** One alert of a notification. */
export interface NotifiedAlert {
  /** The receiver's path: `warnings` or `pages`. */
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A receiver of Alertmanager's webhooks. */
export interface Webhook {
  readonly url: string;
  /** All that it was told, in order. */
  readonly alerts: readonly NotifiedAlert[];
  close(): Promise<void>;
}

/** Starts a webhook receiver on loopback. */
export async function startWebhook(onAlert?: (alert: NotifiedAlert) => void): Promise<Webhook> {
  const alerts: NotifiedAlert[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        alerts: Omit<NotifiedAlert, 'receiver'>[];
      };
      for (const alert of body.alerts) {
        const notified = { ...alert, receiver: (request.url ?? '/').slice(1) };
        alerts.push(notified);
        onAlert?.(notified);
      }
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    alerts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Starts Alertmanager with `collector/alertmanager/alertmanager.yaml`, its webhooks sent to `webhook`. */
export async function startAlertmanager(options: {
  readonly path: string;
  readonly port: number;
  readonly folder: string;
  readonly webhook: string;
  readonly speed?: number;
}): Promise<{ readonly program: Program; readonly address: string; readonly url: string }> {
  const { port, folder, speed = 1 } = options;
  const text = await readFile(join(COLLECTOR, 'alertmanager', 'alertmanager.yaml'), 'utf8');
  const config = text.replaceAll('http://127.0.0.1:9095', options.webhook);
  const configFile = join(folder, 'alertmanager.yaml');
  await writeFile(configFile, speed === 1 ? config : spedUp(config, speed));
  const address = `127.0.0.1:${port}`;
  const program = await Program.start({
    name: 'alertmanager',
    path: options.path,
    args: [
      `--config.file=${configFile}`,
      `--storage.path=${join(folder, 'alertmanager-data')}`,
      `--web.listen-address=${address}`,
      // No cluster: nothing listens beyond loopback.
      '--cluster.listen-address=',
    ],
    folder,
    readyUrl: `http://${address}/-/ready`,
  });
  return { program, address, url: `http://${address}` };
}
