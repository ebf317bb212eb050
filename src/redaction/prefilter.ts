/**
 * The cheap question before all others: which rules could find anything in this text? One pass over its
 * characters, one table look-up each, whatever the number of rules.
 */

/** What of a rule decides whether its pattern is worth trying. */
export interface Hinted {
  /** Lower-case ASCII substrings of two characters or more, at least one of which a match contains. */
  readonly hints: readonly string[];
  /** Every match also contains one of `=`, `:`, `%`, `,` or a backslash. */
  readonly assigns?: boolean;
}

/** The most rules that fit into one answer: a bit each. */
const MAX_RULES = 31;

/** Letters count without case; characters that no hint holds are all one. */
const CLASS_BITS = 5;
const CLASS_MASK = (1 << CLASS_BITS) - 1;
const WINDOW_MASK = (1 << (3 * CLASS_BITS)) - 1;
const ASSIGNMENT = 1 << CLASS_BITS;
const PUNCTUATION = ['-', '_', ':', '/'];

function characterClasses(): Uint8Array {
  const classes = new Uint8Array(0x1_0000);
  for (let letter = 0; letter < 26; letter += 1) {
    classes[0x41 + letter] = letter + 1;
    classes[0x61 + letter] = letter + 1;
  }
  for (const [index, char] of PUNCTUATION.entries()) classes[char.charCodeAt(0)] = 27 + index;
  for (const char of '=:%,\\') {
    const code = char.charCodeAt(0);
    classes[code] = (classes[code] as number) | ASSIGNMENT;
  }
  return classes;
}

const CLASSES = characterClasses();
const classOf = (char: string): number => (CLASSES[char.charCodeAt(0)] as number) & CLASS_MASK;

interface Hint {
  readonly text: string;
  rules: number;
}

/** The windows of three classes that end a hint: all of them, for a hint of two characters. */
function windowsOf(hint: string): number[] {
  const [third = 0, second = 0, first] = Array.from(hint, classOf).toReversed();
  const tail = (second << CLASS_BITS) | third;
  const firsts = first === undefined ? Array.from({ length: 1 << CLASS_BITS }, (_, index) => index) : [first];
  return firsts.map((value) => (value << (2 * CLASS_BITS)) | tail);
}

function endsWithHint(text: string, end: number, hint: string): boolean {
  const start = end - hint.length;
  if (start < 0) return false;
  for (let index = hint.length - 1; index >= 0; index -= 1) {
    const code = text.charCodeAt(start + index);
    const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    if (lower !== hint.charCodeAt(index)) return false;
  }
  return true;
}

/** The hints that each window ends; a hint that several rules have is one. */
function hintsByWindow(rules: readonly Hinted[]): ReadonlyMap<number, Hint[]> {
  const hints = new Map<string, Hint>();
  for (const [index, rule] of rules.entries()) {
    for (const text of rule.hints) {
      if (text.length < 2) throw new RangeError(`hint too short: ${text}`);
      const hint = hints.get(text) ?? { text, rules: 0 };
      hint.rules |= 1 << index;
      hints.set(text, hint);
    }
  }
  const byWindow = new Map<number, Hint[]>();
  for (const hint of hints.values()) {
    for (const window of windowsOf(hint.text)) {
      const ended = byWindow.get(window);
      if (ended === undefined) byWindow.set(window, [hint]);
      else ended.push(hint);
    }
  }
  return byWindow;
}

/** Which hints each window ends: windows that end the same hints share a group, and group 0 is of those that end none. */
function groupWindows(byWindow: ReadonlyMap<number, Hint[]>): { groups: Hint[][]; groupOf: Uint8Array } {
  const groups: Hint[][] = [[]];
  const groupOf = new Uint8Array(WINDOW_MASK + 1);
  const known = new Map<string, number>();
  for (const [window, ended] of byWindow) {
    const name = ended.map(({ text }) => text).join('\n');
    const group = known.get(name) ?? groups.push(ended) - 1;
    known.set(name, group);
    groupOf[window] = group;
  }
  if (groups.length > 0x100) throw new RangeError('too many hints');
  return { groups, groupOf };
}

function assigns(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (((CLASSES[text.charCodeAt(index)] as number) & ASSIGNMENT) !== 0) return true;
  }
  return false;
}

/**
 * Compiles rules into a function that answers which of them (bit `n` for rule `n`) may match a text.
 *
 * @throws RangeError when there are more than {@link MAX_RULES} rules, or a hint is shorter than two characters.
 */
export function compileHints(rules: readonly Hinted[]): (text: string) => number {
  if (rules.length > MAX_RULES) throw new RangeError(`more than ${MAX_RULES} rules`);
  let needAssignment = 0;
  for (const [index, rule] of rules.entries()) if (rule.assigns === true) needAssignment |= 1 << index;
  const { groups, groupOf } = groupWindows(hintsByWindow(rules));

  /** Where the first window that ends a hint ends, or -1. */
  const firstSuspect = (text: string): number => {
    let window = 0;
    for (let index = 0; index < text.length; index += 1) {
      const kind = CLASSES[text.charCodeAt(index)] as number;
      window = ((window << CLASS_BITS) | (kind & CLASS_MASK)) & WINDOW_MASK;
      if (groupOf[window] !== 0) return index;
    }
    return -1;
  };

  /** The rules whose hints end at `first` or later. */
  const hintedRules = (text: string, first: number): number => {
    let window = 0;
    let found = 0;
    for (let index = Math.max(0, first - 2); index < text.length; index += 1) {
      const kind = CLASSES[text.charCodeAt(index)] as number;
      window = ((window << CLASS_BITS) | (kind & CLASS_MASK)) & WINDOW_MASK;
      const group = groupOf[window] as number;
      if (group === 0) continue;
      for (const hint of groups[group] as Hint[]) {
        if ((found & hint.rules) !== hint.rules && endsWithHint(text, index + 1, hint.text)) {
          found |= hint.rules;
        }
      }
    }
    return found;
  };

  return (text) => {
    const first = firstSuspect(text);
    if (first === -1) return 0;
    const found = hintedRules(text, first);
    return (found & needAssignment) === 0 || assigns(text) ? found : found & ~needAssignment;
  };
}
