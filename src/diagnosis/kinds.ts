/** Files of `collector/runbooks/`, without their ending. */
export type Runbook =
  | 'authentication'
  | 'rate-limit'
  | 'invalid-request'
  | 'server-error'
  | 'connection'
  | 'stalled-stream'
  | 'telemetry-absent';

/** What a failure means and what to do about it, in words for people. */
export interface Advice {
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** What to look at first. */
  readonly check: string;
  readonly fix: string;
  readonly runbook: Runbook;
}

interface KindRow extends Advice {
  /** What a repetition of the same request does: `null` is not known. */
  readonly retryable: boolean | null;
}

/** The classes of failure, with what holds where no finer rule says. */
export const KINDS = {
  rate_limit: {
    meaning: 'The API refused the request because a limit of the organization or workspace was reached.',
    check: 'The limits of the organization and workspace in the Console, and what else uses them.',
    fix: 'Send less at once: bound the concurrency, wait as long as retry-after says, or have the limit raised.',
    retryable: true,
    runbook: 'rate-limit',
  },
  billing: {
    meaning: 'The API refused the request because of credit, payment or a spend limit.',
    check: 'Credit, payment and spend limits in the Console.',
    fix: 'Add credit or raise the limit; a retry does not help before that.',
    retryable: false,
    runbook: 'rate-limit',
  },
  invalid_request: {
    meaning: 'The API refused the request as it was written.',
    check: 'The field and the text that the API names.',
    fix: 'Correct the request; reduce it to the smallest one that fails.',
    retryable: false,
    runbook: 'invalid-request',
  },
  authentication: {
    meaning: 'The API did not accept the credential.',
    check: 'Which credential the process uses, and where it comes from.',
    fix: 'Set a current key from the Console.',
    retryable: false,
    runbook: 'authentication',
  },
  permission: {
    meaning: 'The credential is known, but may not do this.',
    check: 'The workspace and the scopes of the credential, and the region that the requests leave from.',
    fix: 'Use a credential that may do this, or have this one permitted.',
    retryable: false,
    runbook: 'authentication',
  },
  not_found: {
    meaning: 'What the request names does not exist, or the credential cannot see it.',
    check: 'The model name, the IDs and the base URL.',
    fix: 'Use a name that the models endpoint lists for this credential.',
    retryable: false,
    runbook: 'invalid-request',
  },
  request_too_large: {
    meaning: 'The request body has more bytes than the endpoint takes.',
    check: 'The size of the request: attachments first.',
    fix: 'Send less, or upload files and refer to them.',
    retryable: false,
    runbook: 'invalid-request',
  },
  conflict: {
    meaning: 'Another change to the same resource was in progress.',
    check: 'What else changes the same resource at the same time.',
    fix: 'Retry after a pause, or make the changes one after the other.',
    retryable: true,
    runbook: 'invalid-request',
  },
  content_filter: {
    meaning: 'The content policy stopped the answer.',
    check: 'The prompt, and whether it fails each time.',
    fix: 'Change the prompt; treat the refusal as an outcome of its own.',
    retryable: false,
    runbook: 'invalid-request',
  },
  api_error: {
    meaning: 'The API failed on its own side.',
    check: 'The status page of the API, and whether the failure passes.',
    fix: 'Retry with growing pauses; if it persists, give the request ID to support.',
    retryable: true,
    runbook: 'server-error',
  },
  overloaded: {
    meaning: 'The API is overloaded for everyone at this moment.',
    check: 'The status page of the API.',
    fix: 'Retry with growing pauses; fall back to another model if that is acceptable.',
    retryable: true,
    runbook: 'server-error',
  },
  gateway: {
    meaning: 'Something in front of the API answered in its place.',
    check: 'What stands between the application and the API: proxies, gateways, the base URL.',
    fix: 'Retry with growing pauses; report it to whoever runs the gateway.',
    retryable: null,
    runbook: 'server-error',
  },
  timeout: {
    meaning: 'The answer did not come in time.',
    check: 'The timeout of the client against the latency of calls of this size.',
    fix: 'Stream, or raise the timeout.',
    retryable: true,
    runbook: 'connection',
  },
  connection: {
    meaning: 'No complete answer came over the network.',
    check: 'The network of the machine: DNS, proxy, firewall, TLS; run the doctor command there.',
    fix: 'Restore the way to the host; the SDK retries what passes by itself.',
    retryable: null,
    runbook: 'connection',
  },
  bad_response: {
    meaning: 'An answer came that the API did not write.',
    check: 'What answers at the base URL.',
    fix: 'Correct the base URL or the proxy.',
    retryable: null,
    runbook: 'server-error',
  },
  client_config: {
    meaning: 'The client could not send the request as it is configured.',
    check: 'The options and variables that the client is made from.',
    fix: 'Correct them.',
    retryable: false,
    runbook: 'invalid-request',
  },
  aborted: {
    meaning: 'The caller canceled the request.',
    check: 'Signals, deadlines and disconnects in the application.',
    fix: 'Nothing, if that was meant.',
    retryable: false,
    runbook: 'connection',
  },
  unknown: {
    meaning: 'The failure is of no known class.',
    check: 'The whole message, the status and the request ID, in the log of the application.',
    fix: 'Send the smallest request that is known to be good; if it passes, add parts until it fails.',
    retryable: null,
    runbook: 'server-error',
  },
} as const satisfies Record<string, KindRow>;

export type Kind = keyof typeof KINDS;
