import { isExecutable } from './shell.ts';
import { debian } from './debian.ts';
import { jaeger } from './jaeger.ts';
import { otelcol } from './otelcol.ts';

interface Source {
  /** Environment variable that names the program's path, and so skips building and installing. */
  readonly variable: string;
  readonly obtain: () => string;
}

const SOURCES = {
  otelcol: { variable: 'STACK_OTELCOL', obtain: otelcol },
  jaeger: { variable: 'STACK_JAEGER', obtain: jaeger },
  prometheus: {
    variable: 'STACK_PROMETHEUS',
    obtain: () => debian({ names: ['prometheus'], package: 'prometheus' }),
  },
  promtool: {
    variable: 'STACK_PROMTOOL',
    obtain: () => debian({ names: ['promtool'], package: 'prometheus' }),
  },
  alertmanager: {
    variable: 'STACK_ALERTMANAGER',
    obtain: () =>
      debian({ names: ['alertmanager', 'prometheus-alertmanager'], package: 'prometheus-alertmanager' }),
  },
  amtool: {
    variable: 'STACK_AMTOOL',
    obtain: () => debian({ names: ['amtool'], package: 'prometheus-alertmanager' }),
  },
} as const satisfies Record<string, Source>;

/** The programs of the stack. */
export type ProgramName = keyof typeof SOURCES;

/** Each program's path, or the reason why it cannot be had here. */
export type Programs = Record<ProgramName, { readonly path: string } | { readonly missing: string }>;

/** Finds every program, and builds or installs what is missing. It does not throw: a reason stands for a program. */
export function findPrograms(): Programs {
  const entries = Object.entries(SOURCES).map(([name, source]) => [name, find(source)] as const);
  return Object.fromEntries(entries) as Programs;
}

function find(source: Source): { path: string } | { missing: string } {
  const named = process.env[source.variable];
  if (named !== undefined) {
    return isExecutable(named)
      ? { path: named }
      : { missing: `${source.variable}=${named} is not an executable file` };
  }
  try {
    return { path: source.obtain() };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}
