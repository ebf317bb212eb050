// Prints where the stack's programs are, as JSON, and builds or installs what is missing. A program that cannot be had
// is null; the reason goes to standard error and the exit code is 1.
import { findPrograms } from './binaries/find.ts';
import { say } from './binaries/shell.ts';

const paths: Record<string, string | null> = {};
for (const [name, program] of Object.entries(findPrograms())) {
  if ('path' in program) {
    paths[name] = program.path;
  } else {
    paths[name] = null;
    process.exitCode = 1;
    say(`${name}: ${program.missing}`);
  }
}
process.stdout.write(`${JSON.stringify(paths, null, 2)}\n`);
