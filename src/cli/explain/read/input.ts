import { stripVTControlCharacters } from 'node:util';
import type { Incident } from '../incident.ts';
import { isOtlp, isQuiet, readJson, readOtlp } from './json.ts';
import { readLine } from './line.ts';
import { readErrorText } from './text.ts';
import { readType } from './types.ts';
import { asObject, parseJson } from './values.ts';

/** The failures in what a person has at hand. Empty where an export holds none. */
export function readInput(raw: string): readonly Incident[] {
  // Web pages and chats indent with blanks of their own, which JSON does not know either.
  const text = stripVTControlCharacters(raw.replace(/^\uFEFF/, '').replaceAll('\u00A0', ' ')).trim();
  if (text === '') return [];
  const whole = parseJson(text);
  const lines = whole ? [text] : text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const values = whole ? [whole] : lines.map(parseJson);
  const written = containerText(values);
  if (written !== undefined) return readInput(written);
  if (whole) return readJson(whole);
  const known = values.filter((value) => value !== undefined);
  if (known.length * 2 > lines.length) return readJsonLines(known);
  const own = lines.flatMap((line) => readLine(line) ?? []);
  if (own.length > 0) return own;
  const named = lines.flatMap((line) => readType(line) ?? []);
  return named.length === lines.length ? named : [readErrorText(text)];
}

/** One JSON value on each line: a log, or the collector's file exporter. */
function readJsonLines(values: readonly object[]): readonly Incident[] {
  const exports = values.map(asObject).filter(isOtlp);
  const others = values.filter((value) => !isOtlp(asObject(value)) && !isQuiet(value));
  return [...readOtlp(exports), ...others.flatMap(readJson)];
}

/** What a container wrote, from all lines of the log that Docker keeps; `undefined` for others. */
function containerText(values: readonly (object | undefined)[]): string | undefined {
  const texts = values.flatMap((value) => {
    const { log, stream } = asObject(value);
    return typeof log === 'string' && (stream === 'stdout' || stream === 'stderr') ? [log] : [];
  });
  return texts.length === values.length ? texts.join('') : undefined;
}
