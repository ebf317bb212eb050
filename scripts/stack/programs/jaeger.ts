import { join } from 'node:path';
import { COLLECTOR } from '../paths.ts';
import { Program } from './program.ts';

/** The ports of Jaeger, all on loopback. */
export interface JaegerPorts {
  readonly grpc: number;
  readonly query: number;
  readonly queryGrpc: number;
  readonly health: number;
}

export const JAEGER_PORTS: JaegerPorts = { grpc: 14317, query: 16686, queryGrpc: 16685, health: 13134 };

/** A span as Jaeger's query API gives it. */
export interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
}

export interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly JaegerSpan[];
}

/** A running Jaeger. */
export interface Jaeger {
  readonly program: Program;
  /** host:port of its OTLP/gRPC receiver. */
  readonly otlp: string;
  /** Base URL of its UI and its query API. */
  readonly url: string;
  /** Traces of a service with a span that has all of these tags. Values are strings, integers too. */
  find(service: string, tags?: Readonly<Record<string, string>>): Promise<JaegerTrace[]>;
  services(): Promise<string[]>;
}

/**
 * Starts Jaeger with `collector/jaeger/jaeger.yaml` and waits until it is ready.
 *
 * @param uiAssets - folder of a built UI; without it the UI is a placeholder.
 */
export async function startJaeger(options: {
  readonly path: string;
  readonly ports: JaegerPorts;
  readonly folder: string;
  readonly prometheusUrl?: string;
  readonly uiAssets?: string;
}): Promise<Jaeger> {
  const { ports, folder } = options;
  const url = `http://127.0.0.1:${ports.query}`;
  const program = await Program.start({
    name: 'jaeger',
    path: options.path,
    args: ['--config', join(COLLECTOR, 'jaeger', 'jaeger.yaml')],
    env: {
      JAEGER_HEALTH: `127.0.0.1:${ports.health}`,
      JAEGER_OTLP_GRPC: `127.0.0.1:${ports.grpc}`,
      JAEGER_QUERY_HTTP: `127.0.0.1:${ports.query}`,
      JAEGER_QUERY_GRPC: `127.0.0.1:${ports.queryGrpc}`,
      ...(options.prometheusUrl === undefined ? {} : { JAEGER_PROMETHEUS: options.prometheusUrl }),
      ...(options.uiAssets === undefined ? {} : { JAEGER_UI_ASSETS: options.uiAssets }),
    },
    folder,
    readyUrl: `${url}/api/services`,
  });
  const get = async <Data>(path: string): Promise<Data> => {
    const response = await fetch(`${url}${path}`);
    const body = (await response.json()) as { data: Data | null };
    return body.data ?? ([] as Data);
  };
  return {
    program,
    otlp: `127.0.0.1:${ports.grpc}`,
    url,
    services: () => get<string[]>('/api/services'),
    find: (service, tags = {}) => {
      const query = new URLSearchParams({ service, limit: '1000', tags: JSON.stringify(tags) });
      return get<JaegerTrace[]>(`/api/traces?${query.toString()}`);
    },
  };
}
