import { diag } from '@opentelemetry/api';
import { PACKAGE_NAME } from './version.ts';

const log = diag.createComponentLogger({ namespace: PACKAGE_NAME });

/**
 * Runs one step of telemetry. What it throws ends here: it goes to OpenTelemetry's diagnostic logger as the
 * step's name alone, since a message could hold what the application sent, and the result is `undefined`.
 */
export function guard<T>(step: string, run: () => T): T | undefined {
  try {
    return run();
  } catch (problem) {
    failed(step, problem);
    return undefined;
  }
}

/** Reports that a telemetry step failed. A logger that throws is ignored: nothing of ours reaches the application. */
export function failed(step: string, problem: unknown): void {
  try {
    log.debug(`${step} failed: ${problem instanceof Error ? problem.name : typeof problem}`);
  } catch {
    // The diagnostic logger belongs to the application.
  }
}
