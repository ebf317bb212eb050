import type { Runbook } from '../../diagnosis/index.ts';

/** `skip`: not looked at, with the reason. It is no failure. */
export type Level = 'pass' | 'warn' | 'fail' | 'skip';

/** What one check found, once. May hold what only the redacting writer takes out. */
export interface Finding {
  readonly level: Level;
  /** What was found, in one line. */
  readonly title: string;
  /** What that means. */
  readonly meaning?: string;
  /** What to do next. */
  readonly next?: string;
  readonly runbook?: Runbook;
  /** The same for machines. Durations are in milliseconds. */
  readonly facts?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

type Rest = Omit<Finding, 'level' | 'title'>;

export const pass = (title: string, rest: Rest = {}): Finding => ({ level: 'pass', title, ...rest });
export const skip = (title: string, rest: Rest = {}): Finding => ({ level: 'skip', title, ...rest });
export const warn = (title: string, rest: Rest & { readonly next: string }): Finding => ({
  level: 'warn',
  title,
  ...rest,
});
export const fail = (title: string, rest: Rest & { readonly next: string }): Finding => ({
  level: 'fail',
  title,
  ...rest,
});
