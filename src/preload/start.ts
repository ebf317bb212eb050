import { type Environment, resolveConfig } from '../config.ts';
import { registerLoaderHook } from '../loader/register.ts';
import { PACKAGE_NAME } from '../version.ts';
import { Preload } from './preload.ts';
import { say } from '../say.ts';

/** The names under which `OTEL_NODE_{ENABLED,DISABLED}_INSTRUMENTATIONS` know this instrumentation. */
const INSTRUMENTATION_NAMES = ['anthropic', PACKAGE_NAME];

/** Starts the preload in this thread. Throws where it cannot. */
export function startPreload(env: Environment = process.env): void {
  const config = resolveConfig(undefined, env, say, 'preload');
  if (!config.enabled) return;
  const isInstrumenting = isNamedFor(env);
  if (isInstrumenting) registerLoaderHook();
  new Preload(config, env, isInstrumenting).start();
}

/** Whether the variables that switch single instrumentations leave this one on. */
function isNamedFor(env: Environment): boolean {
  const named = (variable: string): boolean =>
    (env[variable] ?? '').split(',').some((name) => INSTRUMENTATION_NAMES.includes(name.trim()));
  const isLimited = (env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ?? '').trim() !== '';
  return (
    (!isLimited || named('OTEL_NODE_ENABLED_INSTRUMENTATIONS')) &&
    !named('OTEL_NODE_DISABLED_INSTRUMENTATIONS')
  );
}
