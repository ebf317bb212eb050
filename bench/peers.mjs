/** Installs what the benchmark compares with, once, beside the repository's own packages. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('peers', import.meta.url));

export function installPeers() {
  if (existsSync(new URL('peers/node_modules/.package-lock.json', import.meta.url))) return;
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    stdio: 'inherit',
  });
}
