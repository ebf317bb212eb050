/** Reads the option `redact`, from code and from its variable. */
import { isCensor, isPattern, type RedactOptions } from '../redaction/index.ts';
import { ignored, unknownNames, type Tell } from './ignored.ts';

/** What is wrong in a list must not take what is right with it: that would leave secrets in. */
function usablePatterns(patterns: unknown, tell: Tell): (RegExp | string)[] {
  if (!Array.isArray(patterns)) {
    tell(ignored('.patterns', patterns, 'an array'));
    return [];
  }
  return patterns.filter((pattern: unknown, index): pattern is RegExp | string => {
    if (isPattern(pattern) && pattern !== '') return true;
    tell(ignored(`.patterns[${index}]`, pattern, 'a RegExp or a text that is not empty'));
    return false;
  });
}

/** What is left of the option without its wrong parts. */
export function usableRedaction(value: unknown, tell: Tell): RedactOptions | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof RegExp) {
    return undefined;
  }
  let isFaulty = false;
  const fault: Tell = (text) => {
    isFaulty = true;
    tell(text);
  };
  try {
    const { patterns, censor, ...others } = value as Readonly<Record<string, unknown>>;
    const unknown = Object.keys(others);
    if (unknown.length > 0) {
      fault(` has ${unknownNames('member', unknown)}, ignored; expected patterns or censor`);
    }
    if (censor !== undefined && !isCensor(censor)) {
      fault(ignored('.censor', censor, 'a string or a function'));
    }
    const usable = patterns === undefined ? [] : usablePatterns(patterns, fault);
    if (isFaulty && usable.length === 0 && !isCensor(censor)) return undefined;
    return { ...(usable.length > 0 && { patterns: usable }), ...(isCensor(censor) && { censor }) };
  } catch {
    return undefined;
  }
}

function compiled(source: unknown): RegExp | undefined {
  try {
    return typeof source === 'string' && source !== '' ? new RegExp(source, 'g') : undefined;
  } catch {
    return undefined;
  }
}

/** The variable has a JSON list of regular expressions' sources. */
export function readPatterns(text: string, tell: Tell): RedactOptions | undefined {
  try {
    const sources: unknown = JSON.parse(text);
    if (!Array.isArray(sources)) return undefined;
    const patterns = sources.map((source: unknown, index) => {
      const pattern = compiled(source);
      if (!pattern) tell(ignored(`[${index}]`, source, 'a text that is a valid regular expression'));
      return pattern;
    });
    return { patterns: patterns.filter((pattern) => pattern !== undefined) };
  } catch {
    return undefined;
  }
}
