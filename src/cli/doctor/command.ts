import { writeFile } from 'node:fs/promises';
import type { Redactor } from '../../redaction/index.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../version.ts';
import { redactorFor } from '../shared/secrets.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { Writer } from '../shared/writer.ts';
import { parseDoctorOptions } from './options.ts';
import { createProgress, type Progress } from './progress.ts';
import { toJson } from './render/json.ts';
import { toMarkdown } from './render/markdown.ts';
import { renderEnd, renderFinding, renderNotice, renderSection, renderStart } from './render/text.ts';
import { exitCodeOf } from './result.ts';
import { runChecks, type Listener } from './run.ts';

/** What a shell reports of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** With these the SDK prints requests and answers on standard output by itself. */
const SDK_LOGGING = ['ANTHROPIC_LOG', 'DEBUG'];

/**
 * Runs the doctor with these arguments. Resolves to the exit code: 1 where a check failed.
 * Throws `UsageError`, or what `parseArgs` throws, on bad arguments.
 */
export async function runDoctorCommand(
  args: readonly string[],
  { stdout, color }: Terminal,
): Promise<number> {
  const options = parseDoctorOptions(args);
  const env = { ...process.env };
  for (const name of SDK_LOGGING) Reflect.deleteProperty(process.env, name);
  const redactor = redactorFor(env, [options.baseUrl]);
  const writer = new Writer(stdout, redactor);
  const progress = createProgress();
  const isText = !options.json && options.report !== '-';
  const onInterrupt = (): never => {
    progress.stop();
    process.stderr.write(`\n${PACKAGE_NAME}: stopped before all was checked\n`);
    process.exit(INTERRUPTED);
  };
  process.prependOnceListener('SIGINT', onInterrupt);
  try {
    if (isText) writer.text(renderStart(new Date(), PACKAGE_VERSION, { color }));
    const listener = isText ? textListener(writer, progress, color) : quietListener(progress);
    const result = await runChecks(options, { env, cwd: process.cwd(), redactor }, listener);
    progress.stop();
    if (isText) writer.text(renderEnd(result, { color }));
    if (options.json) writer.json(toJson(result));
    if (options.report === '-') writer.text(toMarkdown(result));
    else if (options.report !== undefined) {
      const isWritten = await writeReport(options.report, toMarkdown(result), redactor);
      if (!isWritten) return 1;
      if (isText) writer.text(`The report is in ${options.report}\n`);
    }
    return exitCodeOf(result);
  } finally {
    progress.stop();
    process.removeListener('SIGINT', onInterrupt);
  }
}

function textListener(writer: Writer, progress: Progress, color: boolean): Listener {
  const write = (text: string): void => {
    progress.stop();
    writer.text(text);
  };
  return {
    section: (title) => write(renderSection(title, { color })),
    doing: (text) => progress.start(text),
    notice: (text) => write(renderNotice(text, { color })),
    finding: (finding) => write(renderFinding(finding, { color })),
  };
}

function quietListener(progress: Progress): Listener {
  return {
    section: () => {},
    doing: (text) => progress.start(text),
    notice: () => {},
    finding: () => progress.stop(),
  };
}

async function writeReport(file: string, text: string, redactor: Redactor): Promise<boolean> {
  const chunks: string[] = [];
  new Writer({ write: (chunk) => chunks.push(chunk) }, redactor).text(text);
  try {
    await writeFile(file, chunks.join(''), { mode: 0o600 });
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    console.error(`${PACKAGE_NAME}: the report could not be written: ${code}`);
    return false;
  }
}
