import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hintRow, KINDS, type Diagnosis, type Kind, type Runbook } from '../../diagnosis/index.ts';
import type { RateLimitCause } from '../../schema.ts';

/** What a failure means and what to do about it, in the words of the closed tables. */
export interface Advice {
  readonly meaning: string;
  /** What to look at first. */
  readonly check: string;
  readonly fix: string;
  readonly runbook: Runbook;
}

interface Move {
  readonly check: string;
  readonly fix: string;
}

/** For the failures whose class says it all, so that the tables give them no hint. */
const MOVE_OF_KIND: Readonly<Record<Kind, Move>> = {
  rate_limit: {
    check: 'The limits of the organization and workspace in the Console, and what else uses them.',
    fix: 'Send less at once: bound the concurrency, wait as long as retry-after says, or have the limit raised.',
  },
  billing: {
    check: 'Credit, payment and spend limits in the Console.',
    fix: 'Add credit or raise the limit; a retry does not help before that.',
  },
  invalid_request: {
    check: 'The field and the text that the API names.',
    fix: 'Correct the request; reduce it to the smallest one that fails.',
  },
  authentication: {
    check: 'Which credential the process uses, and where it comes from.',
    fix: 'Set a current key from the Console.',
  },
  permission: {
    check: 'The workspace and the scopes of the credential, and the region that the requests leave from.',
    fix: 'Use a credential that may do this, or have this one permitted.',
  },
  not_found: {
    check: 'The model name, the IDs and the base URL.',
    fix: 'Use a name that the models endpoint lists for this credential.',
  },
  request_too_large: {
    check: 'The size of the request: attachments first.',
    fix: 'Send less, or upload files and refer to them.',
  },
  conflict: {
    check: 'What else changes the same resource at the same time.',
    fix: 'Retry after a pause, or make the changes one after the other.',
  },
  content_filter: {
    check: 'The prompt, and whether it fails each time.',
    fix: 'Change the prompt; treat the refusal as an outcome of its own.',
  },
  api_error: {
    check: 'The status page of the API, and whether the failure passes.',
    fix: 'Retry with growing pauses; if it persists, give the request ID to support.',
  },
  overloaded: {
    check: 'The status page of the API.',
    fix: 'Retry with growing pauses; fall back to another model if that is acceptable.',
  },
  gateway: {
    check: 'What stands between the application and the API: proxies, gateways, the base URL.',
    fix: 'Retry with growing pauses; report it to whoever runs the gateway.',
  },
  timeout: {
    check: 'The timeout of the client against the latency of calls of this size.',
    fix: 'Stream, or raise the timeout.',
  },
  connection: {
    check: 'The network of the machine: DNS, proxy, firewall, TLS; run the doctor command there.',
    fix: 'Restore the way to the host; the SDK retries what passes by itself.',
  },
  bad_response: {
    check: 'What answers at the base URL.',
    fix: 'Correct the base URL or the proxy.',
  },
  client_config: {
    check: 'The options and variables that the client is made from.',
    fix: 'Correct them.',
  },
  aborted: {
    check: 'Signals, deadlines and disconnects in the application.',
    fix: 'Nothing, if that was meant.',
  },
  unknown: {
    check: 'The whole message, the status and the request ID, in the log of the application.',
    fix: 'Send the smallest request that is known to be good; if it passes, add parts until it fails.',
  },
};

const CAUSES: Readonly<Record<RateLimitCause, string | undefined>> = {
  requests: 'The limit on requests per minute was reached.',
  input_tokens: 'The limit on input tokens per minute was reached.',
  output_tokens: 'The limit on output tokens per minute was reached.',
  tokens: 'The limit on tokens was reached.',
  acceleration: 'Usage grew faster than the API allows; the limits themselves were not reached.',
  spend: 'A spend limit or the credit is used up; waiting does not help before it is raised or renewed.',
  unknown: undefined,
};

/** For an `error.type` of the SDK's own that tells no more. */
const CLIENT_ERROR: Advice = {
  meaning:
    'Neither the API nor the connection failed: the SDK did, or code of the application that it called.',
  check: 'The message and the stack, in the log of the application: options, middleware, listeners, parsing.',
  fix: 'Correct what the stack names.',
  runbook: 'invalid-request',
};

/** What to say and do about a failure. */
export function adviceFor({
  kind,
  hint,
  cause,
  errorType,
}: Pick<Diagnosis, 'kind' | 'hint' | 'cause' | 'errorType'>): Advice {
  if (kind === 'unknown' && hint === undefined && errorType === 'client_error') return CLIENT_ERROR;
  const ofKind = KINDS[kind];
  const row = hint === undefined ? undefined : hintRow(hint);
  if (row) return { meaning: row.meaning, check: row.check, fix: row.fix, runbook: row.runbook };
  const meaning = (cause && CAUSES[cause]) ?? ofKind.meaning;
  return { meaning, ...MOVE_OF_KIND[kind], runbook: ofKind.runbook };
}

/** A runbook's path in this project's repository, and in its package. */
export function runbookPath(runbook: Runbook): string {
  return `collector/runbooks/${runbook}.md`;
}

const PACKAGE_FOLDER = fileURLToPath(new URL('../../..', import.meta.url));

/** A runbook's file as a reader can open it: the one that came with this package, seen from the working directory. */
export function runbookFile(runbook: Runbook): string {
  const file = join(PACKAGE_FOLDER, runbookPath(runbook));
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}

/** Whether a retry of the same request helps, in words. */
export function retryText(retryable: boolean | undefined): string {
  if (retryable === undefined) return 'not known';
  return retryable
    ? 'yes: the same request can succeed later'
    : 'no: it will fail again until something changes';
}
