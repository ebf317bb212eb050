// The whole pipeline against a bare OTLP-to-OTLP Collector. All get the same requests at the same time and pace.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goMemoryLimit, startCollector, type Collector } from '../programs/collector.ts';
import { freeCollectorPorts } from '../programs/stack.ts';
import { Load } from './load.ts';
import { drive, startSink, table, usage } from './measure.ts';

const GOAL = 0.7;

export interface CompareOptions {
  readonly otelcol: string;
  readonly folder: string;
  readonly callsPerTrace: number;
  /** Whose the spans say they are, where not the instrumentation's and the SDK's own. */
  readonly scope: string | undefined;
  readonly spansPerSecond: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly gogc: string;
  readonly memoryMib: number;
  /** Also leaves out one stage at a time, to tell what it costs. */
  readonly stages: boolean;
}

interface Contender {
  readonly name: string;
  readonly collector: Collector;
  cpu: number;
  readonly memory: number[];
}

const FULL = ['base.yaml', 'backends/otlp-http.yaml'];

/** The pipeline with less in it, as overlays. */
const WITHOUT: Readonly<Record<string, object>> = {
  'everything but signal_to_metrics': {
    traces: { exporters: ['span_metrics', 'forward/sampling'] },
    'metrics/spans': { receivers: ['span_metrics'] },
  },
  'everything but masks': {
    'traces/sampled': { processors: ['batch/sampled', 'groupbyattrs'] },
  },
  'sampling alone': {
    traces: { exporters: ['forward/sampling'] },
    'metrics/spans': { receivers: ['otlp'] },
    'traces/sampled': { processors: ['batch/sampled', 'groupbyattrs'] },
  },
};

export async function compare(options: CompareOptions): Promise<string> {
  const sink = await startSink();
  const bare = join(options.folder, 'bare.yaml');
  writeFileSync(
    bare,
    `receivers: { otlp: { protocols: { http: { endpoint: '\${env:COLLECTOR_OTLP_HTTP}' } } } }
exporters: { otlp_http: { endpoint: '${sink.url}' } }
extensions: { health_check: { endpoint: '\${env:COLLECTOR_HEALTH}' } }
service:
  extensions: [health_check]
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } }
`,
  );
  const wanted: [string, readonly string[]][] = [
    ['bare', [bare]],
    ['everything', FULL],
    ['everything but metrics from spans', [...FULL, 'options/no-span-metrics.yaml']],
    ['everything but sampling', [...FULL, 'options/keep-all.yaml']],
  ];
  if (options.stages) {
    for (const [name, pipelines] of Object.entries(WITHOUT)) {
      const overlay = join(options.folder, `${name.replaceAll(' ', '-')}.yaml`);
      // JSON is YAML.
      writeFileSync(overlay, JSON.stringify({ service: { pipelines } }));
      wanted.push([name, [...FULL, overlay]]);
    }
  }

  const contenders: Contender[] = [];
  for (const [name, configs] of wanted) {
    const folder = join(options.folder, name.replaceAll(' ', '-'));
    mkdirSync(folder);
    const collector = await startCollector({
      path: options.otelcol,
      configs,
      ports: await freeCollectorPorts(),
      folder,
      env: {
        OTLP_HTTP_ENDPOINT: sink.url,
        GOGC: options.gogc,
        ...memoryVariables(options.memoryMib),
        // Full within the first rounds, so that those after it show whether memory still grows.
        COLLECTOR_SAMPLED_CACHE: '5000',
      },
    });
    contenders.push({ name, collector, cpu: 0, memory: [] });
  }

  const load = new Load(options.callsPerTrace, options.scope);
  const receivers = contenders.map(({ collector }) => collector.otlp);
  let spans = 0;
  // The first round fills the sampler and does not count.
  for (let round = 0; round <= options.rounds; round += 1) {
    const before = contenders.map(({ collector }) => usage(collector.program.pid).cpu);
    const sent = await drive(load, receivers, options.spansPerSecond, options.secondsPerRound);
    if (round === 0) continue;
    spans += sent;
    for (const [index, one] of contenders.entries()) {
      const now = usage(one.collector.program.pid);
      one.cpu += now.cpu - (before[index] ?? 0);
      one.memory.push(now.memory);
    }
  }
  await Promise.all(contenders.map(({ collector }) => collector.program.stop()));
  sink.close();

  const micros = ({ cpu }: Contender): number => (cpu / spans) * 1e6;
  const [first] = contenders;
  const rows = contenders.map((one) => [
    one.name,
    String(Math.round(1e6 / micros(one))),
    micros(one).toFixed(1),
    (first === undefined ? 1 : micros(first) / micros(one)).toFixed(2),
    one.memory.map((memory) => Math.round(memory)).join(' '),
  ]);
  const pace = Math.round(spans / (options.rounds * options.secondsPerRound));
  return `${table(['Collector', 'spans per second of one core', 'µs per span', 'of bare', 'memory, MiB, by round'], rows)}

${options.rounds} rounds of ${options.secondsPerRound} s, ${pace} spans a second to each, ${options.callsPerTrace} call(s) in a trace, GOGC=${options.gogc}, memory limit ${options.memoryMib} MiB. Goal: ${GOAL} of bare.`;
}

/** A memory limit as the variables have it: a quarter of it is the spike's. */
function memoryVariables(mib: number): Record<string, string> {
  const spike = Math.round(mib / 4);
  return {
    COLLECTOR_MEMORY_MIB: String(mib),
    COLLECTOR_MEMORY_SPIKE_MIB: String(spike),
    GOMEMLIMIT: goMemoryLimit(mib, spike),
  };
}
