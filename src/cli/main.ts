#!/usr/bin/env node
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version.ts';
import { COMMANDS } from './commands.ts';
import { redactorFor } from './shared/secrets.ts';
import type { Terminal } from './shared/terminal.ts';
import { UsageError } from './shared/usage-error.ts';

const HELP: ReadonlySet<string> = new Set(['--help', '-h']);

/** Exit code for wrong arguments. */
const BAD_USAGE = 2;

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
  if (!command) {
    return badUsage(name === undefined ? 'a command is missing' : `unknown command '${name}'`);
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    if (isUsageError(error)) {
      return badUsage(error.message);
    }
    throw error;
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
  ].join('\n');
}

function badUsage(problem: string): number {
  console.error(`${PACKAGE_NAME}: ${redactorFor(process.env).text(problem)} (see --help)`);
  return BAD_USAGE;
}

function isUsageError(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof TypeError && isArgumentCode(error));
}

function isArgumentCode(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith('ERR_PARSE_ARGS_') ?? false;
}

const { stdout } = process;
process.exitCode = await main(process.argv.slice(2), { stdout, color: stdout.isTTY && stdout.hasColors() });
