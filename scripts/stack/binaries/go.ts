import { run, which } from './shell.ts';

/**
 * Go's environment for the builds: the installed toolchain, and the first module proxy alone, because the fall-through
 * to a direct download hangs where no repository host can be reached.
 *
 * @throws Error when there is no `go` on PATH.
 */
export function goEnvironment(): Record<string, string> {
  if (which('go') === null) throw new Error('no go on PATH');
  const proxy = run('go', ['env', 'GOPROXY']).trim().split(/[,|]/)[0] ?? '';
  return {
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-buildvcs=false',
    GOPROXY: proxy,
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
}

/** Runs a Go command at low priority: a build must not starve what else the machine does. */
export function go(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): string {
  return which('nice') === null ? run('go', args, { cwd, env }) : run('nice', ['go', ...args], { cwd, env });
}
