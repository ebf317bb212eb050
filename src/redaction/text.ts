/** Takes secrets out of one text. */
import { checkOptions } from './check-options.ts';
import { compileHints } from './prefilter.ts';
import { REDACTED_PARAMETER, REDACTED_USER_INFO, REDACTION_RULES } from './rules.ts';
import type { RedactionRule } from './rules.ts';
import { Vault } from './vault.ts';

/** What stands in place of a secret unless the user names another text. */
export const DEFAULT_CENSOR = '[REDACTED]';

/** What users add to the built-in rules. */
export interface RedactOptions {
  /**
   * Further secrets: regular expressions (each is applied to the whole text, as if it were global) or
   * literal texts. They run after the built-in rules, on what those leave. Beware of patterns that
   * backtrack: nothing limits the time that a pattern of yours takes.
   */
  readonly patterns?: readonly (RegExp | string)[];
  /**
   * What replaces a secret: a text, or a function of the secret. Default `[REDACTED]`. In URLs it is always
   * `REDACTED`, as the conventions say. If it is a function, redacting a text twice may call it with its own
   * results.
   */
  readonly censor?: string | ((match: string) => string);
}

interface Policy {
  readonly censor: (secret: string) => string;
  /** Texts that are censors already. */
  readonly marks: readonly string[];
  /** Undefined stands for a pattern that could not be made: whatever it was to find may be anywhere. */
  readonly patterns: readonly (RegExp | undefined)[];
}

const suspectRules = compileHints(REDACTION_RULES);
/** The shortest text that any rule matches. */
const SHORTEST = 5;

function globalPattern(pattern: RegExp | string): RegExp | undefined {
  try {
    return typeof pattern === 'string'
      ? new RegExp(pattern.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, '\\$&'), 'g')
      : new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, '')}g`);
  } catch {
    return undefined;
  }
}

function policyOf(options: RedactOptions): Policy {
  const { censor = DEFAULT_CENSOR, patterns = [] } = options;
  return {
    censor: typeof censor === 'function' ? (secret) => requireText(censor(secret)) : () => censor,
    marks: typeof censor === 'string' && censor !== '' ? [censor, DEFAULT_CENSOR] : [DEFAULT_CENSOR],
    patterns: patterns.filter((pattern) => pattern !== '').map(globalPattern),
  };
}

function requireText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('censor must return a string');
  return value;
}

function applyRule(text: string, rule: RedactionRule, vault: Vault): string {
  const { pattern, replace } = rule;
  let result = '';
  let done = 0;
  let floor = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const { from, to } = replace.secret(text, match, floor);
    if (to > from) {
      const secret = text.slice(from, to);
      if (!vault.holds(secret)) {
        result += text.slice(done, from) + vault.put(secret, replace.by);
        done = to;
      }
    }
    floor = Math.max(to, match.index + 1);
    pattern.lastIndex = floor;
  }
  return done === 0 ? text : result + text.slice(done);
}

function applyPattern(text: string, pattern: RegExp | undefined, vault: Vault): string {
  if (pattern === undefined) throw new TypeError('unusable pattern');
  return vault.mapOpenParts(text, (part) =>
    part.replace(pattern, (match: string) => (match === '' ? '' : vault.put(match))),
  );
}

function redactText(text: string, suspects: number, policy: Policy): string {
  const vault = new Vault(text);
  let current = text;
  for (const mark of policy.marks) current = vault.putAll(current, mark);
  for (let left = suspects; left !== 0; left &= left - 1) {
    const rule = REDACTION_RULES[31 - Math.clz32(left & -left)] as RedactionRule;
    current = applyRule(current, rule, vault);
  }
  for (const pattern of policy.patterns) current = applyPattern(current, pattern, vault);
  return vault.open(current, policy.censor);
}

/** The first `maxLength` UTF-16 units of a text, never half a character. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const splitsPair = (text.charCodeAt(maxLength - 1) & 0xfc00) === 0xd800;
  return text.slice(0, Math.max(0, splitsPair ? maxLength - 1 : maxLength));
}

/** The built-in rules and the user's patterns, applied to one text. */
export class TextRedactor {
  readonly #policy: Policy;
  readonly #hasPatterns: boolean;

  /** @throws TypeError if an option's value is not allowed. */
  constructor(options: RedactOptions) {
    checkOptions(options);
    this.#policy = policyOf(options);
    this.#hasPatterns = this.#policy.patterns.length > 0;
  }

  /** The text without its secrets. Never throws: if that fails, the whole of it is replaced. */
  redact(text: string): string {
    const suspects = text.length < SHORTEST ? 0 : suspectRules(text);
    if (suspects === 0 && !this.#hasPatterns) return text;
    try {
      return redactText(text, suspects, this.#policy);
    } catch {
      return DEFAULT_CENSOR;
    }
  }

  /** A secret on its own. Its scheme goes with it. */
  censor(secret: string): string {
    if (this.#policy.marks.includes(secret)) return secret;
    if (secret === REDACTED_PARAMETER || secret === REDACTED_USER_INFO) return secret;
    try {
      return this.#policy.censor(secret);
    } catch {
      return DEFAULT_CENSOR;
    }
  }
}
