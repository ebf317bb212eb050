import { arch, platform, release } from 'node:os';
import { SDK_PACKAGE } from '../../sdk/patch-points.ts';
import type { Redactor } from '../../redaction/index.ts';
import { PACKAGE_VERSION } from '../../version.ts';
import { baseUrlOf } from './base-url.ts';
import { SECTIONS, type Check } from './checks.ts';
import { copiesOf } from './checks/packages.ts';
import type { Context } from './context.ts';
import { fail, type Finding } from './finding.ts';
import type { DoctorOptions } from './options.ts';
import type { CheckedFinding, Result } from './result.ts';
import { Tracing } from './telemetry/tracing.ts';

/** What a run tells while it goes on. */
export interface Listener {
  section(title: string): void;
  /** A check begins. */
  doing(text: string): void;
  /** Something is about to be sent, and what it costs. */
  notice(text: string): void;
  finding(finding: CheckedFinding): void;
}

interface Place {
  readonly env: Context['env'];
  readonly cwd: string;
  readonly redactor: Redactor;
}

/** Runs every check, in order. Never rejects for what a check finds. */
export async function runChecks(options: DoctorOptions, place: Place, listener: Listener): Promise<Result> {
  const { env, cwd, redactor } = place;
  const startedAt = new Date();
  const tracing = new Tracing(env, redactor);
  const base = baseUrlOf(options, env);
  const context: Context = {
    options,
    env,
    cwd,
    redactor,
    base,
    tracing,
    learned: { calls: [], spans: [] },
    notify: (text) => listener.notice(text),
  };
  const findings = await runSections(context, listener);
  const copies = await copiesOf(context, SDK_PACKAGE);
  return {
    startedAt,
    version: PACKAGE_VERSION,
    node: process.versions.node,
    os: `${platform()} ${release()} ${arch()}`,
    sdks: [...new Set(copies.map(({ version }) => version))],
    baseUrl: redactor.url(base.text),
    findings,
    calls: context.learned.calls.map((call) => ({
      ...redactor.value({ ...call, startedAt: undefined }),
      startedAt: call.startedAt,
    })),
    spans: context.learned.spans,
    traceId: tracing.traceId,
    service: redactor.text(tracing.service),
    isExported: findings.some(({ check, level }) => check === 'telemetry-export' && level === 'pass'),
  };
}

async function runSections(context: Context, listener: Listener): Promise<readonly CheckedFinding[]> {
  const findings: CheckedFinding[] = [];
  for (const { title, checks } of SECTIONS) {
    listener.section(title);
    for (const check of checks) {
      listener.doing(check.doing);
      for (const finding of await runCheck(check, context)) {
        const checked = context.redactor.value({ section: title, check: check.id, ...finding });
        findings.push(checked);
        listener.finding(checked);
      }
    }
  }
  return findings;
}

/** A check that breaks is a defect of this program, and no reason to leave the others out. */
async function runCheck(check: Check, context: Context): Promise<readonly Finding[]> {
  try {
    return await check.run(context);
  } catch (error) {
    return [
      fail(`The check "${check.id}" broke: ${error instanceof Error ? error.name : typeof error}`, {
        ...(error instanceof Error && { meaning: error.message }),
        next: 'Report this with the output of --report.',
      }),
    ];
  }
}
