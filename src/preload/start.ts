import { resolveConfig } from '../config.ts';
import { registerLoaderHook } from '../loader-hook.ts';
import { PACKAGE_NAME } from '../version.ts';
import { Preload } from './preload.ts';
import { say } from './say.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Set on the global object by the first preload of a thread, from whichever copy of this package. */
const CLAIM = Symbol.for(`${PACKAGE_NAME}.preload`);

/** The names under which `OTEL_NODE_{ENABLED,DISABLED}_INSTRUMENTATIONS` know this instrumentation. */
const INSTRUMENTATION_NAMES = ['anthropic', PACKAGE_NAME];

/** Starts the preload, once in a thread. Never throws: what goes wrong is told in one line. */
export function startPreload(env: Environment = process.env): void {
  try {
    if (isTrue(env['OTEL_SDK_DISABLED']) || !claim()) {
      return;
    }
    const config = resolveConfig(undefined, env, say, 'preload');
    if (!config.enabled) {
      return;
    }
    const isInstrumenting = isNamedFor(env);
    if (isInstrumenting) {
      registerLoaderHook();
    }
    new Preload(config, env, isInstrumenting).start();
  } catch (problem) {
    const what = problem instanceof Error ? problem.name : typeof problem;
    say(`could not start (${what}); the application runs without it`);
  }
}

function claim(): boolean {
  const holder = globalThis as { [CLAIM]?: boolean };
  const isFirst = holder[CLAIM] !== true;
  holder[CLAIM] = true;
  return isFirst;
}

/** Whether the variables that switch single instrumentations leave this one on. */
function isNamedFor(env: Environment): boolean {
  const named = (variable: string): boolean =>
    (env[variable] ?? '').split(',').some((name) => INSTRUMENTATION_NAMES.includes(name.trim()));
  const isLimited = (env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ?? '').trim() !== '';
  return (
    (!isLimited || named('OTEL_NODE_ENABLED_INSTRUMENTATIONS')) && !named('OTEL_NODE_DISABLED_INSTRUMENTATIONS')
  );
}

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === 'true';
}
