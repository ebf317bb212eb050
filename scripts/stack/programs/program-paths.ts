import { findPrograms, type ProgramName } from '../binaries/find.ts';

/** The programs that the stack runs. Throws, with what to do, where one of them cannot be had. */
export function stackPaths() {
  const programs = findPrograms();
  const path = (name: ProgramName): string => {
    const program = programs[name];
    if ('missing' in program) throw new Error(`no ${name}: ${program.missing}`);
    return program.path;
  };
  return {
    otelcol: path('otelcol'),
    jaeger: path('jaeger'),
    prometheus: path('prometheus'),
    alertmanager: path('alertmanager'),
  };
}
