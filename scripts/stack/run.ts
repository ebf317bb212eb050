// npm run stack: Collector, Jaeger, Prometheus and Alertmanager on loopback, until Ctrl-C.
// --speed N divides all durations of the rules by N; --demo lets the demo application drive it, once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { NotifiedAlert } from './programs/alertmanager.ts';
import { stackPaths } from './programs/program-paths.ts';
import { DEFAULT_PORTS, startStack } from './programs/stack.ts';

const { values } = parseArgs({
  options: { speed: { type: 'string', default: '1' }, demo: { type: 'boolean' } },
});

const speed = Number(values.speed);
if (!(speed > 0)) end(`--speed=${values.speed}: a number above 0 is allowed`);

// Before signals are listened for: it can take minutes, in which Ctrl-C must end it.
const paths = tryStackPaths();

const folder = mkdtempSync(join(tmpdir(), 'stack-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const interrupt = new AbortController();
const interrupted = new Promise<void>((resolve) => {
  interrupt.signal.addEventListener('abort', () => resolve());
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());

const stack = await startStack({
  paths,
  ports: DEFAULT_PORTS,
  folder,
  speed,
  onAlert: print,
}).catch(end);
console.log(`Collector     OTLP/HTTP http://127.0.0.1:4318   OTLP/gRPC 127.0.0.1:4317
Jaeger        ${stack.jaeger.url}
Prometheus    ${stack.prometheus.url}
Alertmanager  ${stack.alertmanagerUrl}
Alerts are printed as they come. Logs are in ${folder}. Ctrl-C ends it all.
`);

try {
  await (values.demo === true ? demo() : interrupted);
} finally {
  await stack.stop();
}

function end(reason: unknown): never {
  console.error(reason instanceof Error ? reason.message : reason);
  process.exit(1);
}

function tryStackPaths(): ReturnType<typeof stackPaths> {
  try {
    return stackPaths();
  } catch (error) {
    return end(error);
  }
}

function print(alert: NotifiedAlert): void {
  const sign = alert.status === 'firing' ? '▲' : '▽';
  const { summary, description, runbook_url: runbook } = alert.annotations;
  const name = `${alert.labels['alertname'] ?? ''} (${alert.labels['severity'] ?? ''})`;
  console.log(`${sign} ${alert.status} ${name} ${summary ?? ''}\n    ${description ?? ''} ${runbook ?? ''}`);
}

/** Lets the demo application send its traces, then a service in trouble, until its alert has fired and is over. */
async function demo(): Promise<void> {
  const { runDemoApplication, runTrouble } = await import('./demo.ts');
  console.log('The demo application sends its traces …');
  await runDemoApplication(stack.collector.otlp);
  await runTrouble(stack, interrupt.signal);
  console.log(
    '\nThe demo is over, and ends the stack. To look around: npm run stack, and beside it ' +
      `npm run demo -- --otlp ${stack.collector.otlp}`,
  );
}
