import type { FailureFacts } from '../../../diagnosis/index.ts';
import { requestIdsIn, type Incident } from '../incident.ts';
import { headersFrom } from './headers.ts';

/** One error of a printed chain. */
interface Frame {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
  /** Where its message begins in the text. */
  readonly at: number;
}

const FRAME = /(?:^|[\s:[(>])((?:[A-Z]\w*)?(?:Error|Exception))(?: \[([A-Z]\w+)\])?(?:: ([^\n]*)|(?=\s*$))/gm;
const STACK_LINE = /^[ \t]+at .*$/gm;
const CODE_LINE = /^[ \t]*\[?code\]?: ['"]?([A-Z][A-Z0-9_]+)['"]?,?$/m;
const CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;
const MOST_FRAMES = 12;

/** Ways in which a status stands in a text. */
const STATUSES = [
  /^[ \t]*status(?:Code)?: (\d{3}),?$/m,
  /["']?\bstatus(?:_?code)?["']?\s?[:=]\s?["']?([1-5]\d\d)\b/i,
  /\b(?:HTTP(?:\/[\d.]+)?|Error code|API Error|status code)[: ]{1,2}([1-5]\d\d)\b/i,
  /(?:^|[\s:])([45]\d\d) (?=[{"<]|status code|[A-Z][a-z]|[a-z_]+_error\b)/m,
];

/** Headers that decide something, as `util.inspect`, curl or a log print them. */
const HEADER =
  /^[<\t ]*['"]?(request-id|retry-after|x-should-retry|x-amzn-errortype|anthropic-ratelimit-[\w-]+)['"]?(?: ?=>|:) ?['"]?([^'"\r\n]{1,200}?)['"]?,?\r?$/gim;

/** Of several in a row the last: before it may come one of a proxy, or a "100 Continue". */
const RESPONSE = /^HTTP\/[\d.]+ (\d{3})[^\n]*\n((?:(?!HTTP\/)[^\r\n]+\r?\n)*)\r?\n(?!HTTP\/)/m;

/** Reads what a person pasted: an error of the SDK as it is printed, a response of curl, any other text. */
export function readErrorText(text: string): Incident {
  const requestIds = requestIdsIn(text);
  const response = RESPONSE.exec(text);
  if (response) {
    const [whole, status, head = ''] = response;
    return {
      source: 'HTTP response',
      facts: {
        status: Number(status),
        headers: headersFrom(headLines(head)),
        body: text.slice(response.index + whole.length),
      },
      stated: {},
      requestIds,
    };
  }
  const frames = framesIn(text);
  return {
    source: frames.length > 0 ? 'SDK error' : 'text',
    facts: frames.length > 0 ? thrownFacts(text, frames) : plainFacts(text),
    stated: {},
    requestIds,
  };
}

function headLines(head: string): readonly (readonly [string, string])[] {
  return head.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
  });
}

/** The errors that a text prints, outermost first. Stack lines name classes, too, and are left out. */
function framesIn(text: string): readonly Frame[] {
  const blanked = text.replace(STACK_LINE, (line) => '\0'.repeat(line.length));
  const matches = [...blanked.matchAll(FRAME)].slice(0, MOST_FRAMES);
  const frames = matches.map((match, index) => {
    const [whole, name = 'Error', bracket, words] = match;
    const at = match.index + whole.length - (words?.length ?? 0);
    const isCode = bracket !== undefined && CODE.test(bracket);
    return {
      name: bracket === undefined || isCode ? name : bracket,
      code: isCode ? bracket : undefined,
      message: words === undefined ? '' : messageAt(blanked.slice(at, matches[index + 1]?.index)),
      at,
    };
  });
  // Properties are printed behind the stack, the innermost error's first.
  const code = CODE_LINE.exec(blanked)?.[1];
  const last = frames.at(-1);
  return last && last.code === undefined && code !== undefined
    ? [...frames.slice(0, -1), { ...last, code }]
    : frames;
}

/** A message may have several lines; it ends where the stack or the properties begin. */
function messageAt(text: string): string {
  return (text.split(/\n(?=\0|[ \t]*[\w[\]]+: |[ \t]*\})/, 1)[0] ?? '').replace(/ \{\s*$/, '').trim();
}

function thrownFacts(text: string, frames: readonly Frame[]): FailureFacts {
  const [first] = frames;
  const rest = text.slice(first?.at ?? 0);
  const isAnswer = /^\s*(?:[1-5]\d\d )?[{"<]|^\d{3} /.test(rest);
  return {
    status: statusIn(text),
    headers: headersIn(text),
    message: isAnswer ? withoutStack(rest) : first?.message,
    error: chain(frames),
  };
}

/** Up to the first stack line: below are places in code. */
function withoutStack(text: string): string {
  const stack = /\n[ \t]+at /.exec(text);
  return stack ? text.slice(0, stack.index) : text;
}

function chain(frames: readonly Frame[]): unknown {
  return frames.reduceRight<unknown>(
    (cause, { name, code, message }) => ({ name, code, message, cause }),
    undefined,
  );
}

/** A body without the SDK's words around it is an answer; words are a message. */
function plainFacts(text: string): FailureFacts {
  const status = statusIn(text);
  const headers = headersIn(text);
  const trimmed = text.trim();
  const isBody = /[{<]/.test(trimmed);
  return isBody
    ? { status, headers, body: fromStatus(trimmed) }
    : { status, headers, message: fromStatus(trimmed), error: trimmed };
}

/** What stands before the status is of the logger: a time, a level. */
function fromStatus(text: string): string {
  const match = /(?:^|\s)(?=[45]\d\d (?:[{"<]|status code|[A-Za-z]))/.exec(text.slice(0, 300));
  return match ? text.slice(match.index).trimStart() : text;
}

function statusIn(text: string): number | undefined {
  const start = text.slice(0, 65_536);
  const found = STATUSES.map((pattern) => pattern.exec(start)?.[1]).find((status) => status !== undefined);
  return found === undefined ? undefined : Number(found);
}

function headersIn(text: string): FailureFacts['headers'] {
  const pairs = [...text.matchAll(HEADER)].map(([, name = '', value]) => [name, value] as const);
  return pairs.length === 0 ? undefined : headersFrom(pairs);
}
