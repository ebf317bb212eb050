import { retryText } from '../../diagnosis/index.ts';
import { ellipsized, oneLine } from '../../terminal/format.ts';
import { runbookFile, runbookPath } from '../shared/runbooks.ts';
import { paintFor, type Paint } from '../../terminal/paint.ts';
import { labelled, WIDTH } from '../../terminal/wrap.ts';
import type { Explanation } from './explanation.ts';

const LONGEST_MESSAGE = 400;

/** Explanations for people. */
export function renderExplanations(explanations: readonly Explanation[], color: boolean): string {
  const paint = paintFor(color);
  return `${explanations.map((one, index) => renderOne(one, index, explanations.length, paint)).join('\n\n')}\n`;
}

function renderOne(one: Explanation, index: number, total: number, paint: Paint): string {
  const { diagnosis, advice, attempts, requestIds, traceIds, times, message } = one;
  const { kind, hint, errorType } = diagnosis;
  const isUnknown = hint === 'unknown' || (kind === 'unknown' && errorType === undefined);
  const rows: readonly (readonly [label: string, text: string | undefined])[] = [
    ['class', classOf(one)],
    ['means', isUnknown ? `Unknown: ${advice.meaning}` : advice.meaning],
    ['retry', retryText(diagnosis.retryable)],
    ['check', advice.check],
    ['fix', advice.fix],
    ['runbook', runbookFile(advice.runbook)],
    ['support', one.support],
    ['requests', list(requestIds)],
    ['traces', list(traceIds)],
    ['times', list(times)],
    ['attempts', list(attempts)],
    [
      'said',
      message === undefined || message === ''
        ? undefined
        : `“${ellipsized(oneLine(message), LONGEST_MESSAGE)}”`,
    ],
  ];
  const lines = rows.flatMap(([label, text]) =>
    text === undefined ? [] : labelled(`  ${label.padEnd(9)}`, oneLine(text), WIDTH),
  );
  return [paint('bold', headline(one, index, total)), ...lines].join('\n');
}

function headline({ source, name, models, count }: Explanation, index: number, total: number): string {
  const number = total > 1 ? `${index + 1}. ` : '';
  const model = models.length > 0 ? ` (${models.join(', ')})` : '';
  const times = count > 1 ? `, ${count} times` : '';
  return oneLine(`${number}${source}${name === undefined ? '' : ` ${name}`}${model}${times}`);
}

function classOf({ diagnosis, status }: Explanation): string {
  const { kind, errorType, cause, hint, code, field } = diagnosis;
  return [
    kind,
    [status, errorType].filter((part) => part !== undefined).join(' ') || undefined,
    cause && `cause ${cause}`,
    hint && `hint ${hint}`,
    code && `code ${code}`,
    field && `field ${field}`,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function list(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(', ');
}

/** Explanations for machines. */
export function explanationsToJson(explanations: readonly Explanation[]): object {
  return {
    explanations: explanations.map(
      ({ diagnosis, advice, support, message, requestIds, traceIds, ...rest }) => ({
        ...rest,
        class: diagnosis.kind,
        error_type: diagnosis.errorType,
        code: diagnosis.code,
        cause: diagnosis.cause,
        hint: diagnosis.hint,
        field: diagnosis.field,
        retryable: diagnosis.retryable ?? null,
        meaning: advice.meaning,
        check: advice.check,
        fix: advice.fix,
        runbook: runbookPath(advice.runbook),
        support,
        request_ids: requestIds,
        trace_ids: traceIds,
        message: message === undefined ? undefined : ellipsized(oneLine(message), LONGEST_MESSAGE),
      }),
    ),
  };
}
