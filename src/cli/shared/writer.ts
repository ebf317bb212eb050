import { DEFAULT_CENSOR, type Redactor } from '../../redaction/index.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** What acts on a terminal and is not escaped in JSON anyway; line breaks are the layout. */
const ACTING = /[\u2028\u2029\p{Cf}]|(?!\n)\p{Cc}/gu;

/** The one way out for what a command prints: nothing leaves without having passed the redactor. */
export class Writer {
  readonly redactor: Redactor;
  readonly #stdout: Terminal['stdout'];

  constructor(stdout: Terminal['stdout'], redactor: Redactor) {
    this.#stdout = stdout;
    this.redactor = redactor;
  }

  text(text: string): void {
    // What is redacted already stays as it is: quotation marks beside it would be taken for a part of the secret.
    const parts = text.split(DEFAULT_CENSOR).map((part) => this.redactor.text(part));
    this.#stdout.write(parts.join(DEFAULT_CENSOR));
  }

  /** Two-space JSON and a line break. Redacted value by value, so that it stays JSON. */
  json(value: object): void {
    const json = JSON.stringify(this.redactor.value(value), null, 2);
    this.#stdout.write(`${json.replaceAll(ACTING, escaped)}\n`);
  }
}

/** As JSON has it: in UTF-16. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
