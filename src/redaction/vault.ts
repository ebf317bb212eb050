import { REDACTED_PARAMETER, REDACTED_USER_INFO } from './rules.ts';

/** The private-use characters from which the seals of one text are chosen. */
const FIRST_SEAL = 0xe000;
const SEALS = 0x100;

interface Kept {
  readonly original: string;
  /** What is put out in its place; without it, what the censor says. */
  readonly shown: string | undefined;
}

/** @throws Error when the text holds all characters that could be its seal. */
function freeSeal(text: string): string {
  for (let code = FIRST_SEAL; code < FIRST_SEAL + SEALS; code += 1) {
    const seal = String.fromCharCode(code);
    if (!text.includes(seal)) return seal;
  }
  throw new Error('no seal is free');
}

/**
 * Keeps the secrets of one text while rules work on it. In the text each is a sealed number, which no rule
 * takes for anything, so that one secret is censored once, and as a whole where a later rule takes in more.
 */
export class Vault {
  readonly #text: string;
  readonly #kept: Kept[] = [];
  #chosen: string | undefined;
  #pattern: RegExp | undefined;

  /** For the secrets of this text. */
  constructor(text: string) {
    this.#text = text;
  }

  get #seal(): string {
    return (this.#chosen ??= freeSeal(this.#text));
  }

  get #sealed(): RegExp {
    return (this.#pattern ??= new RegExp(`${this.#seal}(\\d+)${this.#seal}`, 'g'));
  }

  /** Whether the text is nothing but one sealed number. */
  holds(text: string): boolean {
    return text.length < 16 && text.startsWith(this.#seal) && text.indexOf(this.#seal, 1) === text.length - 1;
  }

  /** Takes a secret in and gives the sealed number to put in its place. */
  put(secret: string, shown?: string): string {
    const original = this.#unseal(secret);
    const marked = original === REDACTED_PARAMETER || original === REDACTED_USER_INFO;
    return this.#keep({ original, shown: marked ? original : shown });
  }

  /** Takes in every occurrence of a text that stands for secrets already: it comes out as it was. */
  putAll(text: string, mark: string): string {
    return text.includes(mark)
      ? text.replaceAll(mark, () => this.#keep({ original: mark, shown: mark }))
      : text;
  }

  /** Changes what is not sealed. */
  mapOpenParts(text: string, change: (part: string) => string): string {
    if (this.#kept.length === 0) return change(text);
    let result = '';
    let done = 0;
    for (const match of text.matchAll(this.#sealed)) {
      result += change(text.slice(done, match.index)) + match[0];
      done = match.index + match[0].length;
    }
    return result + change(text.slice(done));
  }

  /** The text with what is shown in place of each secret. */
  open(text: string, censor: (secret: string) => string): string {
    if (this.#kept.length === 0) return text;
    return text.replaceAll(this.#sealed, (_match, index: string) => {
      const kept = this.#kept[Number(index)] as Kept;
      return kept.shown ?? censor(kept.original);
    });
  }

  #keep(kept: Kept): string {
    return `${this.#seal}${this.#kept.push(kept) - 1}${this.#seal}`;
  }

  #unseal(text: string): string {
    if (this.#kept.length === 0 || !text.includes(this.#seal)) return text;
    return text.replaceAll(
      this.#sealed,
      (_match, index: string) => (this.#kept[Number(index)] as Kept).original,
    );
  }
}
