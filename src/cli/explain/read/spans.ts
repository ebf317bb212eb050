import type { ReceivedSpan } from '../../../demo/otlp/types.ts';
import { CONNECTION_ERROR_TYPES, type ConnectionErrorType, type HintId } from '../../../diagnosis/index.ts';
import { requestIdsIn, type Incident } from '../incident.ts';
import { factsIn, statedIn, textAttribute } from './attributes.ts';

/** What is read of a span, whichever export it came in. */
export type SpanFacts = Pick<
  ReceivedSpan,
  'traceId' | 'spanId' | 'parentSpanId' | 'name' | 'startTime' | 'attributes' | 'events'
> & { readonly status: { readonly code: string; readonly message: string } };

/** What a failed connection of an attempt is called in the table of hints. */
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

/**
 * The failures in spans: each failed call once, with its attempts. Failed attempts of calls that succeeded in the
 * end are failures of their own only where no call failed.
 */
export function incidentsInSpans(spans: readonly SpanFacts[], source: string): readonly Incident[] {
  const failed = spans.filter(isFailed);
  const ofClaude = failed.filter(isOfClaude);
  const candidates = ofClaude.length > 0 ? ofClaude : failed;
  const ids = new Set(candidates.map(({ spanId }) => spanId));
  const tops = candidates.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId));
  const calls = tops.filter((span) => !isAttempt(span));
  return (calls.length > 0 ? calls : tops).map((span) => incidentOf(span, attemptsOf(span, spans), source));
}

function isFailed({ status, attributes }: SpanFacts): boolean {
  return status.code === 'error' || textAttribute(attributes, 'error.type') !== undefined;
}

function isOfClaude({ attributes, name }: SpanFacts): boolean {
  return (
    name.startsWith('anthropic.') ||
    Object.keys(attributes).some((key) => key.startsWith('anthropic.') || key.startsWith('gen_ai.'))
  );
}

function isAttempt({ name, attributes }: SpanFacts): boolean {
  return /^[A-Z]{3,7} /.test(name) && attributes['gen_ai.operation.name'] === undefined;
}

function attemptsOf(call: SpanFacts, spans: readonly SpanFacts[]): readonly SpanFacts[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === call.spanId)
    .sort((a, b) => (a.startTime < b.startTime ? -1 : 1));
}

function incidentOf(span: SpanFacts, attempts: readonly SpanFacts[], source: string): Incident {
  const { attributes } = span;
  const last = attempts.at(-1)?.attributes ?? {};
  const stated = statedIn(attributes);
  const connection = [last, attributes]
    .map((one) => textAttribute(one, 'error.type'))
    .find((type) => (CONNECTION_ERROR_TYPES as readonly unknown[]).includes(type)) as
    ConnectionErrorType | undefined;
  const hint = stated.hint ?? (connection && HINT_OF_CONNECTION[connection]);
  const ids = [span, ...attempts].flatMap((one) =>
    requestIdsIn(textAttribute(one.attributes, 'anthropic.request.id') ?? ''),
  );
  return {
    source,
    name: span.name,
    model: textAttribute(attributes, 'gen_ai.request.model'),
    facts: factsIn(attributes, messageOf(span), last),
    stated: { ...stated, ...(hint && { hint }) },
    requestIds: [...new Set([...ids, ...requestIdsIn(messageOf(span))])],
    traceId: span.traceId || undefined,
    time: timeOf(span.startTime),
    attempts: attempts.map((attempt) => textAttribute(attempt.attributes, 'error.type') ?? 'ok'),
  };
}

/** The status's message, else that of an exception event: instrumentations use one or the other. */
function messageOf({ status, events }: SpanFacts): string {
  if (status.message !== '') return status.message;
  const exception = events.find(({ name }) => name === 'exception')?.attributes['exception.message'];
  return typeof exception === 'string' ? exception : '';
}

export function timeOf(nanoseconds: bigint): string | undefined {
  return nanoseconds <= 0n ? undefined : new Date(Number(nanoseconds / 1_000_000n)).toISOString();
}
