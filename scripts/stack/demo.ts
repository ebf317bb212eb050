import { spawn } from 'node:child_process';
import { ROOT } from './paths.ts';
import type { Stack } from './programs/stack.ts';
import { startTroubledService, TROUBLES, type TroubleName } from './traffic/troubles.ts';
import { until } from './until.ts';

/** Runs the demo application to its end, with its traces sent to the OTLP/HTTP receiver at `otlp`. */
export async function runDemoApplication(otlp: string): Promise<void> {
  const child = spawn(process.execPath, ['dist/cli/main.js', 'demo', '--otlp', otlp], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

/**
 * Runs services in each kind of trouble until their alerts have been notified, lets them recover, and waits for that.
 * Ends early when `signal` aborts.
 */
export async function runTrouble(stack: Stack, signal?: AbortSignal): Promise<void> {
  const isOver = (): boolean => signal?.aborted === true;
  if (isOver()) return;
  const names = Object.keys(TROUBLES) as TroubleName[];
  console.log(`Services in trouble, until their alerts have fired: ${names.join(', ')}\n`);
  const services = await Promise.all(
    names.map((trouble) =>
      startTroubledService({
        trouble,
        service: trouble,
        otlp: stack.collector.otlp,
        metrics: true,
        callsPerSecond: 5,
      }),
    ),
  );
  const heard = (status: 'firing' | 'resolved'): boolean =>
    services.every(({ name, trouble }) =>
      TROUBLES[trouble].told.every((line) =>
        stack.webhook.alerts.some(
          (alert) =>
            alert.status === status &&
            alert.labels['service_name'] === name &&
            line.endsWith(alert.labels['alertname'] ?? '?'),
        ),
      ),
    );
  try {
    await until('all alerts', 120_000, () => isOver() || heard('firing'));
    if (isOver()) return;
    console.log('\nThe API recovers …\n');
    for (const service of services) service.recover();
    await until('all alerts to be over', 120_000, () => isOver() || heard('resolved'));
  } finally {
    await Promise.all(services.map((service) => service.stop()));
  }
}
