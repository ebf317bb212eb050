// The gateway form: a first tier that routes to two collectors of the second, at several paces and sizes of traces.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startCollector, type Collector } from '../programs/collector.ts';
import { freeCollectorPorts } from '../programs/stack.ts';
import { until } from '../until.ts';
import { Load, SPANS_PER_REQUEST } from './load.ts';
import { drive, startSink, table, usage } from './measure.ts';

const CALLS_PER_TRACE = [1, 10];
const SPANS_PER_SECOND = [1000, 4000, 8000];
/** Longer than a trace waits for its decision. */
const WARM_UP_SECONDS = 12;
const SECONDS = 15;
const SPANS_ON_DISK = 100 * SPANS_PER_REQUEST;

export interface GatewayOptions {
  readonly otelcol: string;
  readonly folder: string;
}

export async function benchGateway(options: GatewayOptions): Promise<string> {
  const rows: string[][] = [];
  for (const calls of CALLS_PER_TRACE) {
    for (const pace of SPANS_PER_SECOND) rows.push(await oneSize(options, calls, pace));
  }
  const head = [
    'calls in a trace',
    'spans per second',
    'first tier: µs per span',
    'MiB',
    'second tier: µs per span',
    'MiB each',
    'cores in all',
  ];
  return `${table(head, rows)}

On disk, while a backend is away: ${await bytesOnDisk(options)} bytes a span.`;
}

async function oneSize(options: GatewayOptions, calls: number, pace: number): Promise<string[]> {
  const sink = await startSink();
  const folder = join(options.folder, `${calls}-${pace}`);
  const second: Collector[] = [];
  for (const index of [0, 1]) {
    second.push(
      await start(options, join(folder, `second-${index}`), ['base.yaml', 'backends/otlp-http.yaml'], {
        OTLP_HTTP_ENDPOINT: sink.url,
      }),
    );
  }
  const first = await start(options, join(folder, 'first'), ['gateway/first-tier.yaml'], {
    GATEWAY_SECOND_TIER: `[${second.map(({ grpc }) => grpc).join(', ')}]`,
  });

  const load = new Load(calls);
  await drive(load, [first.otlp], pace, WARM_UP_SECONDS);
  const all = [first, ...second];
  const before = all.map(({ program }) => usage(program.pid).cpu);
  const spans = await drive(load, [first.otlp], pace, SECONDS);
  const after = all.map(({ program }) => usage(program.pid));
  for (const { program } of all) await program.stop();
  sink.close();

  const [router = 0, ...samplers] = after.map(({ cpu }, index) => cpu - (before[index] ?? 0));
  const sampling = samplers.reduce((sum, cpu) => sum + cpu, 0);
  const micros = (cpu: number): string => ((cpu / spans) * 1e6).toFixed(0);
  const [routerMemory = 0, ...memory] = after.map((one) => one.memory);
  return [
    String(calls),
    String(Math.round(spans / SECONDS)),
    micros(router),
    routerMemory.toFixed(0),
    micros(sampling),
    Math.max(...memory).toFixed(0),
    ((router + sampling) / SECONDS).toFixed(2),
  ];
}

/** What a span takes in the queue of one backend that is away. */
async function bytesOnDisk(options: GatewayOptions): Promise<number> {
  const sink = await startSink(503);
  const folder = join(options.folder, 'disk');
  const one = await start(
    options,
    folder,
    ['base.yaml', 'backends/otlp-http.yaml', 'options/keep-all.yaml'],
    {
      OTLP_HTTP_ENDPOINT: sink.url,
    },
  );
  await drive(new Load(1), [one.otlp], 10_000, SPANS_ON_DISK / 10_000);
  await until('the spans to be in the queue', 10_000, async () => {
    return (await one.selfMetric('otelcol_exporter_queue_size', 'data_type="traces"')) > 0;
  });
  const held = await one.selfMetric('otelcol_exporter_queue_size', 'data_type="traces"');
  await one.program.kill();
  sink.close();
  const queue = join(folder, 'queue');
  const bytes = readdirSync(queue).reduce((sum, file) => sum + statSync(join(queue, file)).size, 0);
  return Math.round(bytes / held);
}

async function start(
  options: GatewayOptions,
  folder: string,
  configs: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Collector> {
  mkdirSync(folder, { recursive: true });
  return startCollector({ path: options.otelcol, configs, ports: await freeCollectorPorts(), folder, env });
}
