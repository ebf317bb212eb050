import { parseArgs } from 'node:util';
import { UsageError } from '../shared/usage-error.ts';

export interface DoctorOptions {
  /** Whether the two requests are sent. */
  readonly requests: boolean;
  readonly model: string;
  /** The user's choice, before `ANTHROPIC_BASE_URL` and the SDK's default. */
  readonly baseUrl: string | undefined;
  /** The longest that one step waits for the network. */
  readonly timeoutMs: number;
  /** `-`: in place of the text, on standard output. Otherwise a file beside it. */
  readonly report: string | undefined;
  readonly json: boolean;
}

/** The cheapest of the current models. */
const DEFAULT_MODEL = 'claude-haiku-5-5';
const DEFAULT_TIMEOUT_S = 15;
const LONGEST_TIMEOUT_S = 600;
const REPORT = '--report';

/** The options, as the help shows them. */
export const DOCTOR_OPTIONS = [
  ['--no-requests', 'send no request to the API (telemetry is still tested)'],
  ['--model NAME', `model of the known-good request (${DEFAULT_MODEL})`],
  ['--base-url URL', 'address of the API (ANTHROPIC_BASE_URL, else the SDK’s own)'],
  ['--timeout SECONDS', `longest wait of each step (${DEFAULT_TIMEOUT_S})`],
  ['--report [FILE]', 'Markdown for a support ticket: to the file, or in place of the text'],
  ['--json', 'the findings as JSON, in place of the text'],
] as const;

/** @throws UsageError, or what `parseArgs` throws. */
export function parseDoctorOptions(given: readonly string[]): DoctorOptions {
  const { args, report } = takeReport(given);
  const { values } = parseArgs({
    args: [...args],
    options: {
      'no-requests': { type: 'boolean', default: false },
      model: { type: 'string', default: DEFAULT_MODEL },
      'base-url': { type: 'string' },
      timeout: { type: 'string', default: String(DEFAULT_TIMEOUT_S) },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.json && report === '-') {
    throw new UsageError('--json and --report without a file both write to standard output: name a file');
  }
  return {
    requests: !values['no-requests'],
    model: modelName(values.model),
    baseUrl: values['base-url'],
    timeoutMs: seconds(values.timeout) * 1_000,
    report,
    json: values.json,
  };
}

/** `--report` is the one option whose value may be left out, which `parseArgs` does not know. */
function takeReport(given: readonly string[]): {
  readonly args: readonly string[];
  readonly report?: string;
} {
  const at = given.findIndex((arg) => arg === REPORT || arg.startsWith(`${REPORT}=`));
  if (at === -1) return { args: given };
  const [before, option, after] = [given.slice(0, at), given[at] ?? '', given.slice(at + 1)];
  const [next, ...others] = after;
  const isNext = option === REPORT && (next === '-' || (next !== undefined && !next.startsWith('-')));
  const file = isNext ? next : option === REPORT ? '-' : option.slice(REPORT.length + 1);
  if (file === '') throw new UsageError('--report needs the name of a file, or nothing behind it');
  // As with other options, the last one counts.
  const rest = takeReport(isNext ? others : after);
  return { args: [...before, ...rest.args], report: rest.report ?? file };
}

function modelName(text: string): string {
  if (text.trim() === '') throw new UsageError('--model needs the name of a model');
  return text;
}

function seconds(text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value <= 0 || value > LONGEST_TIMEOUT_S) {
    throw new UsageError(`--timeout takes seconds, above 0 and up to ${LONGEST_TIMEOUT_S}`);
  }
  return value;
}
