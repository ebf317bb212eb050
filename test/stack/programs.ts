import { findPrograms, type ProgramName } from '../../scripts/stack/binaries/find.ts';

let programs: ReturnType<typeof findPrograms> | undefined;

/**
 * The paths of programs of the stack, or `null`, with one line that says so, where one of them cannot be had.
 * The first use in a fresh cache builds them, for minutes.
 */
export function programPaths<Name extends ProgramName>(
  ...names: readonly Name[]
): Record<Name, string> | null {
  programs ??= findPrograms();
  const paths: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const program = programs[name];
    if ('missing' in program) {
      process.stderr.write(`STACK TESTS SKIPPED: no ${name}: ${program.missing}\n`);
      return null;
    }
    paths[name] = program.path;
  }
  return paths as Record<Name, string>;
}
