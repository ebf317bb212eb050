/** Private keys, whole or with one end cut off. */
import { endOf, nothingUntil } from './readers.ts';
import type { Part } from './readers.ts';

const BLANK = '(?: |\\+|%20)';
const KIND = `(?:[A-Z0-9 +]|%20){0,48}PRIVATE${BLANK}KEY(?:${BLANK}BLOCK)?`;

/** The beginning or the end of a block, and what a key looks like that was encoded once more. */
export const PRIVATE_KEY = new RegExp(
  `----[ -]BEGIN${KIND}[ -]----|-----END${KIND}-----` +
    '|LS0tLS1CRUdJTi[\\w+/=-]*|b3BlbnNzaC1rZXktdj[\\w+/=-]+|AGE-SECRET-KEY-1\\w{20,128}',
  'g',
);

/** The key of which {@link PRIVATE_KEY} matched a part. */
export function privateKey(text: string, match: RegExpExecArray, floor: number): Part {
  const to = match.index + match[0].length;
  if (match[0].startsWith('-----END')) {
    const from = startOfKey(text, match.index, floor);
    return from === match.index ? nothingUntil(to) : { from, to };
  }
  return { from: match.index, to: match[0].startsWith('-') ? endOfKey(text, match[0], to) : to };
}

/** Without an end, all that follows is the key. */
function endOfKey(text: string, beginning: string, at: number): number {
  const mark = beginning.startsWith('---- ') ? '---- END' : '-----END';
  const end = text.indexOf(mark, at);
  if (end === -1) return text.length;
  const closed = endOf(/---- ?-?END[A-Z0-9 +%]{0,64}-----?/y, text, end);
  return closed === -1 ? end + mark.length : closed;
}

/** A line of a key and its break, which may be escaped, behind another or where the text begins. */
const LINE = /(?:^|\n|\\n)(=?[\w+/]{4,128}={0,2}(?:\r?\n|\\{1,7}n))$/;
const CUT_LINE = /[\w+/]{8,128}(?:\r?\n|\\{1,7}n)$/;
const LONGEST_LINE = 140;

/** Where the lines begin that stand before the end of a key. */
function startOfKey(text: string, end: number, floor: number): number {
  let from = end;
  for (;;) {
    const before = text.slice(Math.max(floor, from - LONGEST_LINE), from);
    const line = LINE.exec(before) ?? CUT_LINE.exec(before);
    if (line === null) return from;
    from -= (line[1] ?? line[0]).length;
    if (line[1] === undefined) return from;
  }
}
