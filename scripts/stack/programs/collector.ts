import { join } from 'node:path';
import { COLLECTOR } from '../paths.ts';
import { Program } from './program.ts';

/** The ports of one Collector, all on loopback. */
export interface CollectorPorts {
  readonly grpc: number;
  readonly http: number;
  readonly prometheus: number;
  readonly telemetry: number;
  readonly health: number;
}

export const COLLECTOR_PORTS: CollectorPorts = {
  grpc: 4317,
  http: 4318,
  prometheus: 8889,
  telemetry: 8888,
  health: 13133,
};

export interface CollectorOptions {
  readonly path: string;
  readonly name?: string;
  /** Configuration files, relative to `collector/config` or absolute. */
  readonly configs: readonly string[];
  readonly ports: CollectorPorts;
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A running Collector. */
export interface Collector {
  readonly program: Program;
  /** Base URL of its OTLP/HTTP receiver. */
  readonly otlp: string;
  /** host:port of its OTLP/gRPC receiver. */
  readonly grpc: string;
  /** Reads one of its own metrics: the sum of its series that carry all of the given label texts. */
  selfMetric(name: string, ...labels: string[]): Promise<number>;
}

/** Environment of a Collector on these ports. */
export function collectorEnvironment(ports: CollectorPorts, folder: string): Record<string, string> {
  return {
    COLLECTOR_OTLP_GRPC: `127.0.0.1:${ports.grpc}`,
    COLLECTOR_OTLP_HTTP: `127.0.0.1:${ports.http}`,
    COLLECTOR_PROMETHEUS: `127.0.0.1:${ports.prometheus}`,
    COLLECTOR_TELEMETRY_PORT: String(ports.telemetry),
    COLLECTOR_HEALTH: `127.0.0.1:${ports.health}`,
    COLLECTOR_QUEUE_DIR: join(folder, 'queue'),
    // For the limits that base.yaml's memory_limiter has by default.
    GOGC: '400',
    GOMEMLIMIT: goMemoryLimit(512, 128),
  };
}

/** Go's own limit: a tenth below where memory_limiter begins to refuse, or garbage alone would make it refuse. */
export function goMemoryLimit(limitMib: number, spikeMib: number): string {
  return `${Math.floor((limitMib - spikeMib) * 0.9)}MiB`;
}

/** The command line's `--config` arguments for files of `collector/config`. */
export function configArguments(configs: readonly string[]): string[] {
  return configs.flatMap((file) => [
    '--config',
    file.startsWith('/') ? file : join(COLLECTOR, 'config', file),
  ]);
}

/** Starts a Collector and waits until it is ready. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { ports, folder } = options;
  const program = await Program.start({
    name: options.name ?? 'collector',
    path: options.path,
    args: configArguments(options.configs),
    env: { ...collectorEnvironment(ports, folder), ...options.env },
    folder,
    readyUrl: `http://127.0.0.1:${ports.health}/`,
  });
  return {
    program,
    otlp: `http://127.0.0.1:${ports.http}`,
    grpc: `127.0.0.1:${ports.grpc}`,
    selfMetric: async (name, ...labels) => {
      const response = await fetch(`http://127.0.0.1:${ports.telemetry}/metrics`);
      return sumOfSeries(await response.text(), name, labels);
    },
  };
}

/** The sum of the series of one metric in Prometheus' text format that carry all of the given label texts. */
export function sumOfSeries(text: string, name: string, labels: readonly string[] = []): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const isSeries = line.startsWith(`${name}{`) || line.startsWith(`${name} `);
    if (isSeries && labels.every((label) => line.includes(label))) {
      sum += Number(line.slice(line.lastIndexOf(' ')));
    }
  }
  return sum;
}
