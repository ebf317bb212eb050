import type { ReceivedSpan } from './otlp/types.ts';
import { describe, type Description, type SpanEnd } from './tree/describe.ts';
import { ellipsized } from '../terminal/format.ts';
import { paintFor, type Paint } from '../terminal/paint.ts';
import { WIDTH } from '../terminal/wrap.ts';

export interface TreeOptions {
  /** Whether to use terminal colours. */
  readonly color: boolean;
}

/** The result starts at its column, and the duration ends where the line does. */
const RESULT_COLUMN = 48;
const DURATION_WIDTH = 12;

const MARKS: Readonly<Record<SpanEnd, string>> = { good: '✔', failed: '✖', canceled: '◼' };
const COLORS = { good: 'green', failed: 'red', canceled: 'yellow' } as const;

/**
 * Renders spans as trees for a terminal: each call with its attempts under it, one tree for each span whose
 * parent is not among `spans`, in the order in which they started. Lines are 100 columns wide.
 */
export function renderTrees(spans: readonly ReceivedSpan[], options: TreeOptions): readonly string[] {
  const ids = new Set(spans.map((span) => span.spanId));
  return spans
    .filter((span) => span.parentSpanId === undefined || !ids.has(span.parentSpanId))
    .sort(byStart)
    .map((root) => renderTree(root, spans, options));
}

/** Renders one span with all that is under it. */
function renderTree(root: ReceivedSpan, spans: readonly ReceivedSpan[], options: TreeOptions): string {
  return renderSpan(root, spans, ROOT, paintFor(options.color)).join('\n');
}

/** Where a span stands in its tree. */
interface Place {
  /** What stands before its own line, and before each line below it. */
  readonly first: string;
  readonly rest: string;
  /** The message of the span above, which is not repeated. */
  readonly toldMessage: string | undefined;
}

const ROOT: Place = { first: '', rest: '', toldMessage: undefined };

function renderSpan(
  span: ReceivedSpan,
  spans: readonly ReceivedSpan[],
  place: Place,
  paint: Paint,
): readonly string[] {
  const children = spans.filter(({ parentSpanId }) => parentSpanId === span.spanId).sort(byStart);
  const description = describe(span, place !== ROOT);
  const message = description.message === place.toldMessage ? undefined : description.message;
  const indent = `${place.rest}${children.length > 0 ? '│' : ' '}  `;
  return [
    headline(description, place, paint),
    ...(message === undefined ? [] : [messageLine(message, indent, paint)]),
    ...detailLines(description.details, indent, paint),
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      const childPlace = {
        first: `${place.rest}${isLast ? '└─ ' : '├─ '}`,
        rest: `${place.rest}${isLast ? '   ' : '│  '}`,
        toldMessage: description.message,
      };
      return renderSpan(child, spans, childPlace, paint);
    }),
  ];
}

function headline(description: Description, { first }: Place, paint: Paint): string {
  const { name, subject, outcome, result, duration } = description;
  const label = `${first}${name}${subject === undefined ? '' : `  ${subject}`}`;
  const mark = `${MARKS[outcome]} ${result}`;
  const gap = ' '.repeat(Math.max(RESULT_COLUMN - label.length, 2));
  const used = label.length + gap.length + mark.length;
  return [
    paint('dim', first),
    paint('bold', name),
    subject === undefined ? '' : `  ${paint('cyan', subject)}`,
    gap,
    paint(COLORS[outcome], mark),
    ' '.repeat(Math.max(WIDTH - DURATION_WIDTH - used, 0)),
    duration.padStart(DURATION_WIDTH),
  ].join('');
}

function messageLine(message: string, indent: string, paint: Paint): string {
  return `${paint('dim', indent)}${paint('italic', ellipsized(`“${message}”`, WIDTH - indent.length))}`;
}

/** The details, as many on a line as fit. */
function detailLines(details: readonly string[], indent: string, paint: Paint): readonly string[] {
  const space = WIDTH - indent.length;
  const lines: string[] = [];
  for (const detail of details) {
    const joined = lines.length === 0 ? detail : `${lines.at(-1)} · ${detail}`;
    if (lines.length > 0 && joined.length <= space) {
      lines[lines.length - 1] = joined;
    } else {
      lines.push(detail);
    }
  }
  return lines.map((line) => paint('dim', indent + ellipsized(line, space)));
}

/** By start; spans that started in the same nanosecond by their number, then by their ID. */
function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return compare(a.startTime, b.startTime) || compare(resends(a), resends(b)) || compare(a.spanId, b.spanId);
}

function resends({ attributes }: ReceivedSpan): number {
  const count = attributes['http.request.resend_count'];
  return typeof count === 'number' ? count : 0;
}

function compare<T extends bigint | number | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
