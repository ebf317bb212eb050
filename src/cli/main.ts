#!/usr/bin/env node
import { WriteStream } from 'node:tty';
import { oneLine } from '../terminal/format.ts';
import { nameOf } from '../say.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version.ts';
import { COMMANDS } from './commands.ts';
import { redactorFor } from './shared/secrets.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { UsageError } from './shared/usage-error.ts';

const HELP: ReadonlySet<string> = new Set(['--help', '-h']);

/** Exit codes, as the help shows them. */
const FAILED = 1;
const BAD_USAGE = 2;

/** What a shell reports of a program that wrote to a pipe which nobody reads. */
const BROKEN_PIPE = 141;

/** Runs the command line `args`. Resolves to the exit code. */
async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version') {
    terminal.stdout.write(`${PACKAGE_VERSION}\n`);
    return 0;
  }
  if (args.some((arg) => HELP.has(arg)) || name === 'help') {
    terminal.stdout.write(help());
    return 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) return badUsage(name === undefined ? 'a command is missing' : `unknown command '${name}'`);
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    if (isUsageError(error)) return badUsage(error.message);
    // Its message may hold what the input does.
    console.error(`${PACKAGE_NAME}: ${command.name} broke (${nameOf(error)}); please report this`);
    return FAILED;
  }
}

function help(): string {
  const lines = COMMANDS.flatMap(({ name, synopsis, summary, options = [] }) => [
    `  ${`${name} ${synopsis}`.padEnd(24)}${summary}`,
    ...options.map(([option, meaning]) => `    ${option.padEnd(22)}${meaning}`),
  ]);
  return [
    `Usage: ${PACKAGE_NAME} <command>`,
    '',
    ...lines,
    '',
    `  ${'-h, --help'.padEnd(24)}show this`,
    `  ${'--version'.padEnd(24)}show the version`,
    '',
    `Exit code: 0; ${FAILED} where a check failed, the demo failed, or no error was found; ${BAD_USAGE} for wrong arguments.`,
    '',
  ].join('\n');
}

function badUsage(problem: string): number {
  console.error(`${PACKAGE_NAME}: ${oneLine(redactorFor(process.env).text(problem))} (see --help)`);
  return BAD_USAGE;
}

function isUsageError(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof TypeError && isArgumentCode(error));
}

function isArgumentCode(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith('ERR_PARSE_ARGS_') ?? false;
}

/** Whether to colour; `FORCE_COLOR` decides also where nobody looks. */
function hasColors(): boolean {
  return process.env['FORCE_COLOR'] === undefined
    ? stdout.isTTY && stdout.hasColors()
    : WriteStream.prototype.getColorDepth() > 1;
}

/** Nothing more can be told: who reads has gone, or the disk is full. */
function onUnwritable({ code = 'error' }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') process.exit(BROKEN_PIPE);
  console.error(`${PACKAGE_NAME}: the output cannot be written: ${code}`);
  process.exit(FAILED);
}

const { stdout } = process;
stdout.on('error', onUnwritable);
process.exitCode = await main(process.argv.slice(2), { stdout, color: hasColors() });
