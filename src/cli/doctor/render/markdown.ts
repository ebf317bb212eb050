import { renderTrees } from '../../../demo/tree.ts';
import { oneLine } from '../../../terminal/format.ts';
import { SDK_PACKAGE } from '../../../sdk/patch-points.ts';
import { PACKAGE_NAME } from '../../../version.ts';
import { runbookPath } from '../../shared/runbooks.ts';
import type { ApiCall } from '../api/call.ts';
import { countOf, localTime, utcTime, type CheckedFinding, type Result } from '../result.ts';

const LONGEST_MESSAGE = 500;

/** The run as Markdown for a support ticket: what support asks for, and nothing that is secret or a prompt. */
export function toMarkdown(result: Result): string {
  return [
    '# Claude API: diagnosis',
    '',
    ...facts(result),
    '',
    '## Findings',
    '',
    ...sections(result),
    '## Requests',
    '',
    ...requests(result.calls),
    '## Trace',
    '',
    `Trace ID \`${result.traceId}\`, service \`${plain(result.service)}\`, ${result.isExported ? 'taken by the OTLP receiver' : 'not taken by an OTLP receiver'}.`,
    '',
    ...trees(result),
  ].join('\n');
}

function facts(result: Result): readonly string[] {
  const rows = [
    ['Local time', localTime(result.startedAt)],
    ['UTC', utcTime(result.startedAt)],
    ['This package', `${PACKAGE_NAME} ${result.version}`],
    [
      'SDK',
      result.sdks.length === 0
        ? 'not installed'
        : result.sdks.map((version) => `${SDK_PACKAGE} ${version}`).join(', '),
    ],
    ['Node', result.node],
    ['Operating system', result.os],
    ['Base URL', result.baseUrl],
    [
      'Outcome',
      `${countOf(result, 'pass')} passed, ${countOf(result, 'warn')} warnings, ${countOf(result, 'fail')} failures`,
    ],
  ] as const;
  return ['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${plain(value)} |`)];
}

function sections({ findings }: Result): readonly string[] {
  const titles = [...new Set(findings.map(({ section }) => section))];
  return titles.flatMap((title) => [
    `### ${title}`,
    '',
    ...findings.filter(({ section }) => section === title).flatMap(finding),
    '',
  ]);
}

function finding({ level, title, meaning, next, runbook }: CheckedFinding): readonly string[] {
  return [
    `- **${level}** ${plain(title)}`,
    ...(meaning && level !== 'pass' ? [`  - Means: ${plain(meaning)}`] : []),
    ...(next ? [`  - Next: ${plain(next)}`] : []),
    ...(runbook && level !== 'pass' ? [`  - Runbook: \`${runbookPath(runbook)}\``] : []),
  ];
}

function requests(calls: readonly ApiCall[]): readonly string[] {
  if (calls.length === 0) return ['None was sent.', ''];
  return calls.flatMap((call) => [
    `### ${call.name}`,
    '',
    `- Sent: ${localTime(call.startedAt)}, ${utcTime(call.startedAt)}`,
    `- Model: \`${plain(call.model)}\``,
    `- Status: ${call.status ?? 'no answer'}`,
    `- Request ID: ${call.requestId === undefined ? 'none' : `\`${plain(call.requestId)}\``}`,
    `- Duration: ${call.ms} ms`,
    ...(call.headroom.length > 0 ? [`- Left of the limits: ${call.headroom.join(', ')}`] : []),
    ...diagnosisOf(call),
    ...(call.shape === undefined
      ? []
      : ['- Shape of the request:', '', '  ```json', `  ${call.shape}`, '  ```']),
    '',
  ]);
}

function diagnosisOf({ diagnosis, message }: ApiCall): readonly string[] {
  if (!diagnosis) return [];
  const { kind, errorType, code, cause, hint, field, retryable } = diagnosis;
  const parts = { class: kind, type: errorType, code, cause, hint, field, retryable };
  const known = Object.entries(parts).filter(([, value]) => value !== undefined);
  return [
    `- Diagnosis: ${known.map(([name, value]) => `${name} \`${String(value)}\``).join(', ')}`,
    ...(message === undefined ? [] : [`- Message: ${plain(message.slice(0, LONGEST_MESSAGE))}`]),
  ];
}

function trees({ spans }: Result): readonly string[] {
  const rendered = renderTrees(spans, { color: false });
  return rendered.length === 0 ? [] : ['```text', rendered.join('\n'), '```', ''];
}

/** One line, in which no text of others becomes markup. */
function plain(text: string): string {
  return oneLine(text).replaceAll(/[<>`|\\*]/g, '\\$&');
}
