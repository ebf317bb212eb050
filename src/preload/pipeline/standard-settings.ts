/** What the standard variables say of processors, readers and exporters. */
import { load } from '../modules.ts';
import { LONGEST_TIMER_MS } from '../../longest-timer.ts';

export function batchSettings(prefix: 'BSP' | 'BLRP') {
  return withoutAbsent({
    maxQueueSize: positiveNumber(`OTEL_${prefix}_MAX_QUEUE_SIZE`),
    scheduledDelayMillis: positiveNumber(`OTEL_${prefix}_SCHEDULE_DELAY`),
    exportTimeoutMillis: positiveNumber(`OTEL_${prefix}_EXPORT_TIMEOUT`),
    maxExportBatchSize: positiveNumber(`OTEL_${prefix}_MAX_EXPORT_BATCH_SIZE`),
  });
}

export function periodicSettings() {
  const exportIntervalMillis = positiveNumber('OTEL_METRIC_EXPORT_INTERVAL') ?? 60_000;
  const timeout = positiveNumber('OTEL_METRIC_EXPORT_TIMEOUT') ?? 30_000;
  return { exportIntervalMillis, exportTimeoutMillis: Math.min(timeout, exportIntervalMillis) };
}

/** The exporter reads the variables itself in 2.x alone. */
export function prometheusSettings() {
  return withoutAbsent({
    host: load.core().getStringFromEnv('OTEL_EXPORTER_PROMETHEUS_HOST'),
    port: positiveNumber('OTEL_EXPORTER_PROMETHEUS_PORT'),
  });
}

function positiveNumber(variable: string): number | undefined {
  const value = load.core().getNumberFromEnv(variable);
  return value !== undefined && value > 0 ? Math.min(value, LONGEST_TIMER_MS) : undefined;
}

function withoutAbsent<T extends object>(settings: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
