import { renderTrees } from '../../../demo/tree.ts';
import { oneLine } from '../../../terminal/format.ts';
import { PACKAGE_NAME } from '../../../version.ts';
import { runbookFile } from '../../shared/runbooks.ts';
import { paintFor, type Paint, type Style } from '../../../terminal/paint.ts';
import { labelled, WIDTH, wrap } from '../../../terminal/wrap.ts';
import type { Level } from '../finding.ts';
import { countOf, localTime, utcTime, type CheckedFinding, type Result } from '../result.ts';

const INDENT = '         ';

const MARKS: Readonly<Record<Level, { readonly mark: string; readonly style: Style }>> = {
  pass: { mark: '✔ pass', style: 'green' },
  warn: { mark: '! warn', style: 'yellow' },
  fail: { mark: '✖ fail', style: 'red' },
  skip: { mark: '– skip', style: 'dim' },
};

export interface TextOptions {
  readonly color: boolean;
}

/** The first lines, before anything is checked. */
export function renderStart(startedAt: Date, version: string, { color }: TextOptions): string {
  const paint = paintFor(color);
  const title = `${PACKAGE_NAME} ${version} · doctor`;
  return `${paint('bold', title)}\n${paint('dim', `${localTime(startedAt)} · ${utcTime(startedAt)}`)}\n`;
}

export function renderSection(title: string, { color }: TextOptions): string {
  return `\n${paintFor(color)('bold', title)}\n`;
}

/** Lines that say what is about to happen. */
export function renderNotice(text: string, { color }: TextOptions): string {
  const paint = paintFor(color);
  return `${wrap(oneLine(text), WIDTH - 2)
    .map((line) => paint('dim', `  ${line}`))
    .join('\n')}\n`;
}

export function renderFinding(finding: CheckedFinding, { color }: TextOptions): string {
  const paint = paintFor(color);
  const { mark, style } = MARKS[finding.level];
  const [first = '', ...rest] = wrap(oneLine(finding.title), WIDTH - INDENT.length);
  return [
    `  ${paint(style, mark)} ${first}`,
    ...rest.map((line) => `${INDENT}${line}`),
    ...details(finding, paint),
    '',
  ].join('\n');
}

function details({ meaning, next, runbook, level }: CheckedFinding, paint: Paint): readonly string[] {
  const lines = [
    ...(meaning ? labelled(`${INDENT}means: `, oneLine(meaning), WIDTH) : []),
    ...(next ? labelled(`${INDENT}next:  `, oneLine(next), WIDTH) : []),
    ...(runbook && level !== 'pass' ? [`${INDENT}see:   ${runbookFile(runbook)}`] : []),
  ];
  return lines.map((line) => paint('dim', line));
}

/** The spans of the requests, where to find them, and the sum of it all. */
export function renderEnd(result: Result, { color }: TextOptions): string {
  const paint = paintFor(color);
  const trees = renderTrees(result.spans, { color });
  const [failures, warnings] = [countOf(result, 'fail'), countOf(result, 'warn')];
  const sum = `${countOf(result, 'pass')} passed, ${count(warnings, 'warning')}, ${count(failures, 'failure')}`;
  const worst = (['fail', 'warn'] as const).find((level) => countOf(result, level) > 0) ?? 'pass';
  const where = result.isExported
    ? `It is in your backend, under the service ${oneLine(result.service)}.`
    : 'It did not arrive in any backend.';
  return [
    ...(trees.length === 0 ? [] : ['', paint('bold', 'Spans of the requests'), ...trees]),
    '',
    `Trace ID to look for: ${paint('bold', result.traceId)}`,
    ...wrap(where, WIDTH),
    '',
    paint(MARKS[worst].style, sum),
    '',
  ].join('\n');
}

function count(size: number, word: string): string {
  return `${size} ${word}${size === 1 ? '' : 's'}`;
}
