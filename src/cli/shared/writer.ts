import { DEFAULT_CENSOR, type Redactor } from '../../redaction/index.ts';
import type { Terminal } from './terminal.ts';

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
    this.#stdout.write(`${JSON.stringify(this.redactor.value(value), null, 2)}\n`);
  }
}
