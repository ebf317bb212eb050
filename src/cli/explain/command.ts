import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { PACKAGE_NAME } from '../../version.ts';
import { redactorFor } from '../shared/secrets.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UsageError } from '../shared/usage-error.ts';
import { Writer } from '../shared/writer.ts';
import { explain } from './explanation.ts';
import { readInput } from './read/input.ts';
import { explanationsToJson, renderExplanations } from './render.ts';

/** The options, as the help shows them. */
export const EXPLAIN_OPTIONS = [['--json', 'the explanations as JSON, in place of the text']] as const;

const LARGEST_INPUT = 64 * 1024 * 1024;

/**
 * Explains the error in a file, or on standard input for `-`. Resolves to the exit code: 1 where the input cannot be
 * read, or holds no error. Throws `UsageError`, or what `parseArgs` throws, on bad arguments.
 */
export async function runExplainCommand(
  args: readonly string[],
  { stdout, color }: Terminal,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new UsageError('explain takes one file, or - for standard input');
  }
  const text = await read(file);
  if (text.problem !== undefined) {
    console.error(`${PACKAGE_NAME}: ${text.problem}`);
    return 1;
  }
  const writer = new Writer(stdout, redactorFor(process.env));
  // Before anything is cut: half a secret is not known for one.
  const explanations = writer.redactor.value(explain(readInput(text.content)));
  if (values.json) writer.json(explanationsToJson(explanations));
  else if (explanations.length > 0) writer.text(renderExplanations(explanations, color));
  if (explanations.length > 0) return 0;
  console.error(`${PACKAGE_NAME}: no error was found in the input`);
  return 1;
}

type Input = { readonly content: string; readonly problem?: undefined } | { readonly problem: string };

async function read(file: string): Promise<Input> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const source = file === '-' ? process.stdin : (await open(file)).createReadStream();
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > LARGEST_INPUT) return { problem: 'the input is larger than 64 MiB' };
      chunks.push(chunk);
    }
    return { content: decode(Buffer.concat(chunks)) };
  } catch (error) {
    return { problem: `the input cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'}` };
  }
}

/** UTF-8, or UTF-16 by its mark, as `>` writes it in Windows PowerShell. */
function decode(bytes: Buffer): string {
  return bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8');
}
