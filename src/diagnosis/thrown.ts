import type { FailureFacts } from './failure-facts.ts';
import { asStatus, read, readText } from './safe.ts';

/** Some proxies answer with statuses beyond HTTP's own. */
const LAST_STATUS_OF_PROXIES = 999;

type HeadersFact = NonNullable<FailureFacts['headers']>;

/** Response headers of either era: `Headers`, or the plain object of the node-fetch SDKs. */
function headersOf(error: unknown): HeadersFact | undefined {
  const headers = read(error, 'headers');
  if (typeof headers !== 'object' || headers === null) return undefined;
  if (typeof read(headers, 'get') === 'function') return headers as HeadersFact;
  return {
    get(name) {
      return readText(headers, name.toLowerCase()) ?? null;
    },
  };
}

/**
 * The facts that a thrown error holds itself: status, headers, body and message of the SDK's `APIError` of any version;
 * the message alone of other errors. Never throws.
 */
export function failureFacts(error: unknown): FailureFacts {
  const message = readText(error, 'message', 65_536);
  return {
    status: asStatus(read(error, 'status'), LAST_STATUS_OF_PROXIES),
    headers: headersOf(error),
    body: read(error, 'error'),
    message: message ?? (typeof error === 'string' ? error : undefined),
    error,
  };
}
