/** Reads error types that stand alone, as our traces and lines of logs name them. */
import {
  CLOSED_ERROR_TYPES,
  CONNECTION_ERROR_TYPES,
  statusOfType,
  type ConnectionErrorType,
  type FailureFacts,
  type HintId,
} from '../../../diagnosis/index.ts';
import type { Incident, Stated } from '../incident.ts';
import { causeOf, factsIn, hintOf } from './attributes.ts';
import { headersFrom } from './headers.ts';

/** What a failed connection is called in the table of hints. */
const HINT_OF_CONNECTION: Readonly<Record<ConnectionErrorType, HintId | undefined>> = {
  dns_error: 'dns',
  connection_refused: 'refused',
  connection_reset: 'reset',
  tls_error: 'tls',
  proxy_error: 'proxy',
  connect_timeout: 'connect_timeout',
  headers_timeout: 'headers_timeout',
  body_timeout: 'body_timeout',
  premature_close: 'premature_close',
  connection_error: undefined,
};

export function hintOfConnection(type: string | undefined): HintId | undefined {
  const connection = CONNECTION_ERROR_TYPES.find((one) => one === type);
  return connection && HINT_OF_CONNECTION[connection];
}

/** What stands in brackets behind a type: the cause on a 429, else a hint, or the cause. */
export function statedBeside(status: string | undefined, detail: string | undefined): Stated {
  const hint = status === '429' ? undefined : hintOf(detail);
  const cause = hint === undefined ? causeOf(detail) : undefined;
  return { ...(hint && { hint }), ...(cause && { cause }) };
}

const TYPE =
  /^(?:["']?(?:error\.)?type["']?\s?[=:]\s?)?["']?(?:([1-5]\d\d) )?([A-Za-z][A-Za-z_]{2,63})["']?,?(?: [[(](\w+)[\])])?$/;

/** The failure that a line names and does not describe: `529 overloaded_error`; `undefined` for other lines. */
export function readType(line: string): Incident | undefined {
  const [, status, type, detail] = TYPE.exec(line.trim()) ?? [];
  if (type === undefined || !CLOSED_ERROR_TYPES.has(type)) return undefined;
  const hint = hintOfConnection(type);
  return {
    source: 'error type',
    facts: factsOf(type, status === undefined ? statusOfType(type) : Number(status)),
    stated: { errorType: type, ...(hint && { hint }), ...statedBeside(status, detail) },
    requestIds: [],
  };
}

/** The facts of an answer with that type, or of an error without an answer. */
function factsOf(type: string, status: number | undefined): FailureFacts {
  if (type.endsWith('Exception')) return { status, headers: headersFrom([['x-amzn-errortype', type]]) };
  if (/^[A-Z_]+$/.test(type)) return { status, body: { error: { status: type, message: '' } } };
  return factsIn({ 'error.type': type, 'http.response.status_code': status }, '');
}
