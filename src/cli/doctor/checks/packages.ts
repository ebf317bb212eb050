import { SDK_PACKAGE } from '../../../sdk/patch-points.ts';
import { PACKAGE_NAME } from '../../../version.ts';
import type { Context } from '../context.ts';
import { findPackages, type Installed } from '../packages.ts';

export const API_PACKAGE = '@opentelemetry/api';

/** Packages that instrument Claude calls as well, and with what. */
export const OTHER_INSTRUMENTATIONS: ReadonlyMap<string, string> = new Map([
  ['@traceloop/instrumentation-anthropic', 'OpenLLMetry'],
  ['@traceloop/node-server-sdk', 'OpenLLMetry'],
  ['@arizeai/openinference-instrumentation-anthropic', 'OpenInference'],
  ['@langtrase/typescript-sdk', 'Langtrace'],
  ['@sentry/node', 'Sentry'],
  ['openlit', 'OpenLIT'],
  ['dd-trace', 'Datadog'],
  ['braintrust', 'Braintrust'],
  ['newrelic', 'New Relic'],
]);

const WANTED: ReadonlySet<string> = new Set([
  SDK_PACKAGE,
  API_PACKAGE,
  PACKAGE_NAME,
  ...OTHER_INSTRUMENTATIONS.keys(),
]);

/** The copies in the working folder of one package. Reads the folders once in a run. */
export async function copiesOf(context: Context, name: string): Promise<readonly Installed[]> {
  return (await packagesOf(context)).filter((copy) => copy.name === name);
}

export async function packagesOf({ learned, cwd }: Context): Promise<readonly Installed[]> {
  return (learned.packages ??= await findPackages(cwd, WANTED));
}
