import { parseArgs } from 'node:util';
import { runDemo } from './demo.ts';
import { runDoctorCommand } from './doctor/command.ts';
import { DOCTOR_OPTIONS } from './doctor/options.ts';
import { EXPLAIN_OPTIONS, runExplainCommand } from './explain/command.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** Its options, as its usage line shows them. */
  readonly synopsis: string;
  readonly summary: string;
  /** Its options with what each means, where the synopsis leaves them out. */
  readonly options?: readonly (readonly [option: string, meaning: string])[];
  /** Resolves to the exit code. Throws `UsageError`, or what `parseArgs` throws, on bad arguments. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
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
  {
    name: 'doctor',
    synopsis: '[options]',
    summary: 'check environment, key, network, API and telemetry, and say what to do next',
    options: DOCTOR_OPTIONS,
    run: runDoctorCommand,
  },
  {
    name: 'explain',
    synopsis: '<file|->',
    summary: 'say what an error means: SDK text, JSON body, OTLP or Jaeger export, log line',
    options: EXPLAIN_OPTIONS,
    run: runExplainCommand,
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
