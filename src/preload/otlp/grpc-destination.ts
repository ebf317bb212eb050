import type { Environment } from '../../config.ts';
import { readFileSync } from 'node:fs';
import { guard } from '../../guard.ts';
import { load } from '../modules.ts';
import { LONGEST_TIMER_MS } from '../../longest-timer.ts';
import { SIGNALS, type Signal } from './destination.ts';
import type { Letter, TlsMaterial } from './letter.ts';
import { otlpSetting, type SettingName } from './setting.ts';

/** What OpenTelemetry's gRPC exporters take when no variable says. */
export const DEFAULT_GRPC_ENDPOINT = 'http://localhost:4317';

const METHODS = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const satisfies Record<Signal, string>;

const PROXY_VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'];
const DEFAULT_TIMEOUT_MS = 10_000;

/** Whether gRPC goes through a proxy, as grpc-js reads the variables. */
export function hasGrpcProxy(env: Environment): boolean {
  return PROXY_VARIABLES.some((name) => Boolean(env[name]));
}

/** Whether letters can go where a signal is sent over gRPC: to a Unix socket they cannot. */
export function canGoByLetter(signal: Signal, env: Environment): boolean {
  return !/^\s*unix:/i.test(otlpSetting(signal, 'ENDPOINT', env).value ?? '');
}

/**
 * Where the exports of a signal go over gRPC, by the standard variables, as OpenTelemetry's own exporter reads them.
 * It is for what that exporter cannot send any more, when the process ends.
 */
export class GrpcDestination {
  readonly timeoutMs: number;
  readonly limit = Infinity;
  readonly #url: string;
  readonly #rpc: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #tls: TlsMaterial;

  constructor(signal: Signal, env: Environment) {
    const timeout = Number(otlpSetting(signal, 'TIMEOUT', env).value);
    this.timeoutMs = timeout > 0 ? Math.min(timeout, LONGEST_TIMER_MS) : DEFAULT_TIMEOUT_MS;
    this.#url = urlOf(signal, env);
    this.#rpc = METHODS[signal];
    this.#headers = headersOf(signal, env);
    this.#tls = this.#url.startsWith('https:') ? tlsOf(signal, env) : {};
  }

  address(body: Uint8Array): Letter {
    return {
      url: this.#url,
      rpc: this.#rpc,
      headers: this.#headers,
      gzip: false,
      tls: this.#tls,
      body,
    };
  }
}

/** `http` and `https` say whether there is TLS; where there is another scheme, or none, a variable does. */
function urlOf(signal: Signal, env: Environment): string {
  const endpoint = otlpSetting(signal, 'ENDPOINT', env).value ?? DEFAULT_GRPC_ENDPOINT;
  if (/^https?:\/\//.test(endpoint)) return endpoint;
  const isInsecure = otlpSetting(signal, 'INSECURE', env).value?.toLowerCase() === 'true';
  return `${isInsecure ? 'http' : 'https'}://${endpoint.replace(/^\w{1,8}:\/\//, '')}`;
}

function headersOf(signal: Signal, env: Environment): Record<string, string> {
  const parse = load.core().parseKeyPairsIntoRecord;
  const all = {
    ...parse(env['OTEL_EXPORTER_OTLP_HEADERS']),
    ...parse(env[`OTEL_EXPORTER_OTLP_${SIGNALS[signal].variable}_HEADERS`]),
  };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value]));
}

function tlsOf(signal: Signal, env: Environment): TlsMaterial {
  const read = (name: SettingName): Uint8Array | undefined => {
    const file = otlpSetting(signal, name, env).value;
    return file === undefined ? undefined : guard('certificate', () => readFileSync(file));
  };
  const ca = read('CERTIFICATE');
  const cert = read('CLIENT_CERTIFICATE');
  const key = read('CLIENT_KEY');
  return { ...(ca && { ca }), ...(cert && key && { cert, key }) };
}
