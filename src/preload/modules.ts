import { createRequire } from 'node:module';
import type * as contexts from '@opentelemetry/context-async-hooks';
import type * as core from '@opentelemetry/core';
import type * as otlpMetrics from '@opentelemetry/exporter-metrics-otlp-http';
import type * as otlpSettings from '@opentelemetry/otlp-exporter-base/node-http';
import type * as otlpSerializers from '@opentelemetry/otlp-transformer';
import type * as logs from '@opentelemetry/sdk-logs';
import type * as resources from '@opentelemetry/resources';
import type * as metrics from '@opentelemetry/sdk-metrics';
import type * as sdk from '@opentelemetry/sdk-node';
import type * as traces from '@opentelemetry/sdk-trace';

const require = createRequire(import.meta.url);

const SDK = '@opentelemetry/sdk-node';
const OTLP = '@opentelemetry/exporter-trace-otlp-http';

/** Loads as the given package would: with its own versions of what it depends on. */
function loadFrom(packageName: string, request: string): unknown {
  return createRequire(require.resolve(packageName))(request);
}

/**
 * OpenTelemetry's packages, loaded when they are needed: they are most of the preload's cost. Synchronously,
 * since they are first needed in the middle of a synchronous call.
 */
export const load = {
  core: () => require('@opentelemetry/core') as typeof core,
  sdk: () => require(SDK) as typeof sdk,
  contexts: () => loadFrom(SDK, '@opentelemetry/context-async-hooks') as typeof contexts,
  resources: () => loadFrom(SDK, '@opentelemetry/resources') as typeof resources,
  traces: () => loadFrom(SDK, '@opentelemetry/sdk-trace') as typeof traces,
  metrics: () => loadFrom(SDK, '@opentelemetry/sdk-metrics') as typeof metrics,
  logs: () => loadFrom(SDK, '@opentelemetry/sdk-logs') as typeof logs,
  otlpMetrics: () => require('@opentelemetry/exporter-metrics-otlp-http') as typeof otlpMetrics,
  otlpSettings: () => loadFrom(OTLP, '@opentelemetry/otlp-exporter-base/node-http') as typeof otlpSettings,
  otlpSerializers: () => loadFrom(OTLP, '@opentelemetry/otlp-transformer') as typeof otlpSerializers,
  /** An exporter that the SDK brings along for those who name it in a variable. */
  exporter: (packageName: string) => loadFrom(SDK, packageName),
};
