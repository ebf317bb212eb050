import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The collector bundle: configuration, rules, dashboards. */
export const COLLECTOR = join(ROOT, 'collector');

/** Built programs live here, outside the repository, so that a fresh clone finds them. */
export const CACHE = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'opentelemetry-instrumentation-anthropic',
);
