import { parseArgs } from 'node:util';
import { runDemo } from './demo.ts';
import type { Terminal } from './terminal.ts';

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** Its options, as its usage line shows them. */
  readonly synopsis: string;
  readonly summary: string;
  /** Resolves to the exit code. Throws `UsageError`, or what `parseArgs` throws, on bad arguments. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

/** The arguments are wrong; the message says which and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Every subcommand, in the order in which the help shows them. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'demo',
    synopsis: '[--otlp URL]',
    summary: 'show the traces of good and failing calls to a Claude API on this machine; needs no key',
    async run(args, { stdout, color }) {
      const { values } = parseArgs({ args: [...args], options: { otlp: { type: 'string' } } });
      const otlp = values.otlp === undefined ? undefined : otlpEndpoint(values.otlp);
      return runDemo({ stdout, color, ...(otlp && { otlp }) });
    },
  },
];

function otlpEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError(
      '--otlp takes the http or https URL of an OTLP/HTTP endpoint, as http://127.0.0.1:4318',
    );
  }
  return url;
}
