import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COLLECTOR } from '../paths.ts';
import { Program } from './program.ts';
import { spedUp } from './speed.ts';

const list = (targets: readonly string[]): string => `[${targets.join(', ')}]`;

/** One series of a query's result, at one moment. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** One series of a query's result, over time. */
export interface Curve {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since the epoch, and the value. */
  readonly values: readonly (readonly [number, string])[];
}

/** A running Prometheus. */
export interface Prometheus {
  readonly program: Program;
  readonly url: string;
  /** The result of an instant query. */
  query(expression: string): Promise<Sample[]>;
  /** The values of a query over time, from and to in seconds since the epoch. */
  queryRange(expression: string, from: number, to: number, stepSeconds: number): Promise<Curve[]>;
  /** Names of the alerts that fire, with their services: `RateLimited@shop`. */
  firing(): Promise<string[]>;
}

/**
 * Starts Prometheus with `collector/prometheus/prometheus.yaml` and `collector/rules`, and waits until it is ready.
 * Only addresses are replaced and, by `speed`, durations.
 */
export async function startPrometheus(options: {
  readonly path: string;
  readonly port: number;
  readonly folder: string;
  /** host:port of Collectors: what they export, and their own metrics. */
  readonly collectors: readonly { readonly exported: string; readonly telemetry: string }[];
  /** host:port of Alertmanager. */
  readonly alertmanager: string;
  /** All durations are divided by this; 1 unless given. */
  readonly speed?: number;
}): Promise<Prometheus> {
  const { port, folder, speed = 1 } = options;
  const rules = join(folder, 'rules');
  await mkdir(rules, { recursive: true });
  await mkdir(join(folder, 'prometheus'), { recursive: true });
  for (const file of await readdir(join(COLLECTOR, 'rules'))) {
    const text = await readFile(join(COLLECTOR, 'rules', file), 'utf8');
    await writeFile(join(rules, file), speed === 1 ? text : spedUp(text, speed));
  }
  const config = (await readFile(join(COLLECTOR, 'prometheus', 'prometheus.yaml'), 'utf8'))
    .replace('[127.0.0.1:8889]', list(options.collectors.map(({ exported }) => exported)))
    .replace('[127.0.0.1:8888]', list(options.collectors.map(({ telemetry }) => telemetry)))
    .replace('[127.0.0.1:9093]', list([options.alertmanager]))
    // Collectors on one host are told apart by their ports.
    .replace(
      "regex: '(.*):\\d+', ",
      options.collectors.length > 1 ? "regex: '(.*)', " : "regex: '(.*):\\d+', ",
    );
  const configFile = join(folder, 'prometheus', 'prometheus.yaml');
  await writeFile(configFile, speed === 1 ? config : spedUp(config, speed));

  const url = `http://127.0.0.1:${port}`;
  const program = await Program.start({
    name: 'prometheus',
    path: options.path,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'prometheus-data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(speed === 1 ? [] : [`--query.lookback-delta=${Math.round(300 / speed)}s`]),
    ],
    folder,
    readyUrl: `${url}/-/ready`,
  });
  const get = async <Data>(path: string): Promise<Data> => {
    const body = (await (await fetch(`${url}${path}`)).json()) as {
      status: string;
      data: Data;
      error?: string;
    };
    if (body.status !== 'success') throw new Error(body.error ?? 'the query failed');
    return body.data;
  };
  return {
    program,
    url,
    query: async (expression) => {
      const data = await get<{ result: Sample[] }>(`/api/v1/query?query=${encodeURIComponent(expression)}`);
      return data.result;
    },
    queryRange: async (expression, from, to, stepSeconds) => {
      const parameters = {
        query: expression,
        start: String(from),
        end: String(to),
        step: String(stepSeconds),
      };
      const query = new URLSearchParams(parameters).toString();
      return (await get<{ result: Curve[] }>(`/api/v1/query_range?${query}`)).result;
    },
    firing: async () => {
      const { alerts } = await get<{ alerts: { state: string; labels: Record<string, string> }[] }>(
        '/api/v1/alerts',
      );
      const names = alerts
        .filter((alert) => alert.state === 'firing')
        .map(({ labels }) => `${labels['alertname'] ?? ''}@${labels['service_name'] ?? ''}`);
      return [...new Set(names)].sort();
    },
  };
}
