import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';

/** Runs a test of `promtool test rules`, written to `file`, and returns what promtool says where it fails. */
export function runPromtool(promtool: string, file: string, test: object): string {
  writeFileSync(file, stringify(test, { lineWidth: 0, aliasDuplicateObjects: false }));
  const result = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
  return result.status === 0 ? '' : `${result.stdout}${result.stderr}`;
}
