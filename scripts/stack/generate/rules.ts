import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { COLLECTOR } from '../paths.ts';

/** A rule of Prometheus: one that records, or an alert. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** The files of rules, in the order in which Prometheus reads them. */
export const RULE_FILES = [
  'thresholds',
  'record-application',
  'record-spans',
  'record-common',
  'alerts',
] as const;

/** The groups of one of the files of `collector/rules`. */
export function ruleGroups(file: (typeof RULE_FILES)[number]): readonly RuleGroup[] {
  const text = readFileSync(join(COLLECTOR, 'rules', `${file}.yaml`), 'utf8');
  return (parse(text) as { groups: RuleGroup[] }).groups;
}

/**
 * The number of a threshold, by its name without the prefix.
 *
 * @throws Error when thresholds.yaml has no such threshold or it is not `vector(number)`.
 */
export function threshold(name: string): number {
  const rules = ruleGroups('thresholds').flatMap((group) => group.rules);
  const expr = rules.find((rule) => rule.record === `anthropic:threshold:${name}`)?.expr ?? '';
  const value = /^vector\(([\d.]+)\)$/.exec(expr)?.[1];
  if (value === undefined) throw new Error(`no threshold ${name}`);
  return Number(value);
}
