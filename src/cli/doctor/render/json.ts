import { PACKAGE_NAME } from '../../../version.ts';
import { runbookPath } from '../../shared/runbooks.ts';
import { countOf, exitCodeOf, localTime, utcTime, type Result } from '../result.ts';

/** The run for machines. Times are UTC, durations in milliseconds, span times in nanoseconds. */
export function toJson(result: Result): object {
  return {
    tool: { name: PACKAGE_NAME, version: result.version },
    time: { utc: utcTime(result.startedAt), local: localTime(result.startedAt) },
    environment: { node: result.node, os: result.os, sdk: result.sdks },
    base_url: result.baseUrl,
    summary: {
      pass: countOf(result, 'pass'),
      warn: countOf(result, 'warn'),
      fail: countOf(result, 'fail'),
      skip: countOf(result, 'skip'),
      exit_code: exitCodeOf(result),
    },
    findings: result.findings.map(({ section, check, level, title, meaning, next, runbook, facts }) => ({
      section,
      check,
      level,
      title,
      ...(meaning !== undefined && { meaning }),
      ...(next !== undefined && { next }),
      ...(runbook !== undefined && { runbook: runbookPath(runbook) }),
      ...(facts !== undefined && { facts }),
    })),
    requests: result.calls.map(({ startedAt, requestId, shape, diagnosis, message, ...call }) => ({
      ...call,
      started_at: startedAt.toISOString(),
      request_id: requestId,
      shape: shape === undefined ? undefined : (JSON.parse(shape) as unknown),
      diagnosis,
      message,
    })),
    trace: { id: result.traceId, service: result.service, exported: result.isExported },
    spans: result.spans.map(
      ({ startTime, endTime, resource: _resource, events: _events, links: _links, ...span }) => ({
        ...span,
        start_time: String(startTime),
        end_time: String(endTime),
      }),
    ),
  };
}
