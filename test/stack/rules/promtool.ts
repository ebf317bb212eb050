import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RULE_FILES } from '../../../scripts/stack/generate/rules.ts';
import { COLLECTOR } from '../../../scripts/stack/paths.ts';

/** What a test of all our rules begins with: the files, and the order in which their groups build on each other. */
export const ALL_RULES = {
  rule_files: RULE_FILES.map((name) => join(COLLECTOR, 'rules', `${name}.yaml`)),
  evaluation_interval: '1m',
  group_eval_order: [
    'anthropic-thresholds',
    'anthropic-application',
    'anthropic-spans',
    'anthropic-common',
    'anthropic-collector',
  ],
};

/** Runs a test of `promtool test rules`, written to `file`, and returns what promtool says where it fails. */
export function runPromtool(promtool: string, file: string, test: object): string {
  writeFileSync(file, stringify(test, { lineWidth: 0, aliasDuplicateObjects: false }));
  const result = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
  return result.status === 0 ? '' : `${result.stdout}${result.stderr}`;
}
