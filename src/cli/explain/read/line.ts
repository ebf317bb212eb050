import { requestIdsIn, type Incident } from '../incident.ts';
import { factsIn } from './attributes.ts';
import { statedBeside } from './types.ts';

/** The line that this package logs for a call that failed for good, wherever it stands in the text. */
const OWN_LINE =
  /\b(anthropic(?:\.\w+)+)(?: \(([^)\n]{1,200})\))? failed: (?:(\d{3}) )?(\w+)(?: \[(\w+)\])? after \d+ attempts?[^:\n]*?(?:, request (req_\w+))?(?:: ([^\n]*))?$/m;

/** The failure that a line of this package tells; `undefined` for other lines. */
export function readLine(text: string): Incident | undefined {
  const match = OWN_LINE.exec(text);
  if (!match) return undefined;
  const [, name, model, status, type = '', detail, , message = ''] = match;
  const attributes = {
    'error.type': type,
    ...(status !== undefined && { 'http.response.status_code': Number(status) }),
  };
  return {
    source: 'log line',
    name,
    model,
    facts: factsIn(attributes, message),
    stated: { errorType: type, ...statedBeside(status, detail) },
    requestIds: requestIdsIn(text),
  };
}
