import { exclusively } from './exclusively.ts';
import { run, say, which } from './shell.ts';

/** A program of a Debian package, under the first of its names that is on PATH. */
export interface DebianProgram {
  readonly names: readonly string[];
  readonly package: string;
}

/**
 * The program's path. Where it is missing, the user is root and there is an `apt-get`, its package is installed.
 *
 * @throws Error when it is missing and cannot be installed.
 */
export function debian(program: DebianProgram): string {
  const found = which(...program.names);
  if (found !== null) return found;
  if (which('apt-get') === null) throw new Error(`install ${program.package}: there is no apt-get here`);
  if (process.getuid?.() !== 0) throw new Error(`install ${program.package}: apt-get needs root`);

  return exclusively('apt-get', 'installs packages', () => {
    const installed = which(...program.names);
    if (installed !== null) return installed;
    say(`Installing Debian's ${program.package}`);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['-qq', 'update'], { env });
    run('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', program.package], { env });
    const path = which(...program.names);
    if (path === null) throw new Error(`${program.package} has no ${program.names.join(' or ')}`);
    return path;
  });
}
