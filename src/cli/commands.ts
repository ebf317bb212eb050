import { runDemoCommand } from './demo/command.ts';
import { runDoctorCommand } from './doctor/command.ts';
import { DOCTOR_OPTIONS } from './doctor/options.ts';
import { EXPLAIN_OPTIONS, runExplainCommand } from './explain/command.ts';
import type { Terminal } from '../terminal/terminal.ts';

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
    run: runDemoCommand,
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
