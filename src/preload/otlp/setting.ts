import { accessSync, constants } from 'node:fs';
import type { Environment } from '../../config.ts';
import { SIGNALS, type Signal } from './destination.ts';

/** A setting with the variable that it comes from; no variable where it is the default. */
export interface Setting {
  readonly value: string | undefined;
  readonly variable: string | undefined;
}

/** The settings that name a file of TLS. */
export const FILE_SETTINGS = ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'] as const;

export type SettingName =
  'ENDPOINT' | 'PROTOCOL' | 'HEADERS' | 'TIMEOUT' | 'INSECURE' | (typeof FILE_SETTINGS)[number];

/** A setting of OTLP: the signal's own variable, else the one for all signals. */
export function otlpSetting(signal: Signal, name: SettingName, env: Environment): Setting {
  for (const variable of [
    `OTEL_EXPORTER_OTLP_${SIGNALS[signal].variable}_${name}`,
    `OTEL_EXPORTER_OTLP_${name}`,
  ]) {
    const value = env[variable]?.trim();
    if (value) return { value, variable };
  }
  return { value: undefined, variable: undefined };
}

/** Whether the file that a setting names can be read; OpenTelemetry passes over one that cannot, in silence. */
export function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
