import type { ReceivedSpan } from '../../demo/otlp/types.ts';
import type { ApiCall } from './api/call.ts';
import type { Finding, Level } from './finding.ts';

/** A finding, with the check that made it. */
export interface CheckedFinding extends Finding {
  readonly section: string;
  readonly check: string;
}

/** A whole run, as every renderer takes it. Redacted. */
export interface Result {
  readonly startedAt: Date;
  readonly version: string;
  readonly node: string;
  readonly os: string;
  /** Versions of the SDK in the working folder. */
  readonly sdks: readonly string[];
  readonly baseUrl: string;
  readonly findings: readonly CheckedFinding[];
  readonly calls: readonly ApiCall[];
  readonly spans: readonly ReceivedSpan[];
  readonly traceId: string;
  /** The service name that the spans have. */
  readonly service: string;
  /** Whether a receiver took the spans. */
  readonly isExported: boolean;
}

export function countOf(result: Result, level: Level): number {
  return result.findings.filter((finding) => finding.level === level).length;
}

/** Exit code of a run: 1 where a check failed. */
export function exitCodeOf(result: Result): number {
  return countOf(result, 'fail') > 0 ? 1 : 0;
}

/** `2026-11-22 21:05:09 +01:00 (Europe/Berlin)`. */
export function localTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const size = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
  return `${shifted} ${zone} (${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
}

/** `2026-11-22T20:05:09Z`. */
export function utcTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
