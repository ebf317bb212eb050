import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Loads as the given package would: with its own versions of what it depends on. */
function loadFrom(packageName: string, request: string): unknown {
  return createRequire(require.resolve(packageName))(request);
}

/**
 * OpenTelemetry's packages, loaded when they are needed: they are most of the preload's cost. Synchronously,
 * since they are first needed in the middle of a synchronous call.
 */
export const load = {
  core: () => require('@opentelemetry/core') as typeof import('@opentelemetry/core'),
  sdk: () => require('@opentelemetry/sdk-node') as typeof import('@opentelemetry/sdk-node'),
  traces: () =>
    loadFrom('@opentelemetry/sdk-node', '@opentelemetry/sdk-trace') as typeof import('@opentelemetry/sdk-trace'),
  metrics: () =>
    loadFrom(
      '@opentelemetry/sdk-node',
      '@opentelemetry/sdk-metrics',
    ) as typeof import('@opentelemetry/sdk-metrics'),
  logs: () =>
    loadFrom('@opentelemetry/sdk-node', '@opentelemetry/sdk-logs') as typeof import('@opentelemetry/sdk-logs'),
  otlpMetrics: () =>
    require('@opentelemetry/exporter-metrics-otlp-http') as typeof import('@opentelemetry/exporter-metrics-otlp-http'),
  otlpSettings: () =>
    loadFrom(
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/otlp-exporter-base/node-http',
    ) as typeof import('@opentelemetry/otlp-exporter-base/node-http'),
  otlpSerializers: () =>
    loadFrom(
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/otlp-transformer',
    ) as typeof import('@opentelemetry/otlp-transformer'),
  /** An exporter that the SDK brings along for those who name it in a variable. */
  exporter: (packageName: string) => loadFrom('@opentelemetry/sdk-node', packageName),
};
