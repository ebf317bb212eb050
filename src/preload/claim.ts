import type { Environment } from '../config.ts';
import { PACKAGE_NAME } from '../version.ts';

/** Set on the global object by the first preload of a thread, from whichever copy of this package. */
const CLAIM = Symbol.for(`${PACKAGE_NAME}.preload`);

/** Whether the preload is to start: telemetry is not switched off, and no other preload was here before. */
export function isWanted(env: Environment): boolean {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  const holder = globalThis as { [CLAIM]?: boolean };
  const isFirst = holder[CLAIM] !== true;
  holder[CLAIM] = true;
  return isFirst;
}
