import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../paths.ts';

const APP = fileURLToPath(new URL('app.mjs', import.meta.url));

/** A running application that calls the Claude API with the real SDK. */
export interface App {
  /** Lets it end by itself: it flushes its telemetry. */
  stop(): Promise<void>;
  /** Its exit code, when it has made all its calls. */
  readonly exited: Promise<number | null>;
}

/** Starts the application with the instrumentation preloaded, as a user would: `node --import …/register app.mjs`. */
export function startApp(options: {
  readonly service: string;
  /** Base URL of the API. */
  readonly api: string;
  /** Base URL of the Collector's OTLP/HTTP receiver. */
  readonly otlp: string;
  /** Without metrics it only traces. */
  readonly metrics: boolean;
  readonly callsPerSecond?: number;
  readonly calls?: number;
  readonly apiKey?: string;
}): App {
  const child = spawn(
    process.execPath,
    ['--import', 'opentelemetry-instrumentation-anthropic/register', APP],
    {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        ANTHROPIC_API_KEY: options.apiKey ?? 'no-key',
        ANTHROPIC_BASE_URL: options.api,
        CALLS_PER_SECOND: String(options.callsPerSecond ?? 10),
        ...(options.calls === undefined ? {} : { CALLS: String(options.calls) }),
        OTEL_SERVICE_NAME: options.service,
        OTEL_EXPORTER_OTLP_ENDPOINT: options.otlp,
        OTEL_BSP_SCHEDULE_DELAY: '200',
        OTEL_METRIC_EXPORT_INTERVAL: '500',
        OTEL_METRIC_EXPORT_TIMEOUT: '400',
        ...(options.metrics ? {} : { OTEL_METRICS_EXPORTER: 'none' }),
      },
    },
  );
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  return {
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
}
