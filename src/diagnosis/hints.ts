import { ACCESS_HINTS } from './hints/access.ts';
import { CLIENT_HINTS } from './hints/client.ts';
import { LIMIT_HINTS } from './hints/limits.ts';
import { REQUEST_HINTS } from './hints/request.ts';
import type { HintRow } from './hints/row.ts';
import { SERVER_HINTS } from './hints/server.ts';

/** Stands where an error came with a text that no row knows. */
const UNKNOWN = {
  id: 'unknown',
  match: [],
  retryable: null,
  meaning: 'The text of the error is not one of the known ones.',
  check: 'The whole message and the request ID, in the log of the application.',
  fix: 'Send the smallest request that is known to be good; if it passes, add parts until it fails.',
  runbook: 'invalid-request',
} as const satisfies HintRow;

/** The table of hints: the first row that matches applies. */
export const HINTS = [
  ...LIMIT_HINTS,
  ...ACCESS_HINTS,
  ...REQUEST_HINTS,
  ...SERVER_HINTS,
  ...CLIENT_HINTS,
  UNKNOWN,
] as const;

/** Ids of the hints: the closed set of values of `anthropic.error.hint`. */
export type HintId = (typeof HINTS)[number]['id'];

const BY_ID: ReadonlyMap<string, HintRow> = new Map(HINTS.map((row) => [row.id, row]));

/** The row of a hint; `undefined` for words that are none. */
export function hintRow(id: string): HintRow | undefined {
  return BY_ID.get(id);
}
