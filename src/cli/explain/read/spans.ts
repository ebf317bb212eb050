import type { ReceivedSpan } from '../../../demo/otlp/types.ts';
import { requestIdsIn, requestIdsOf, type Incident } from '../incident.ts';
import { factsIn, statedIn, textAttribute } from './attributes.ts';
import { hintOfConnection } from './types.ts';
import { asTime } from './values.ts';

/** What is read of a span, whichever export it came in. */
export type SpanFacts = Pick<
  ReceivedSpan,
  'traceId' | 'spanId' | 'parentSpanId' | 'name' | 'startTime' | 'attributes' | 'events'
> & { readonly status: { readonly code: string; readonly message: string } };

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
  const ofConnection = [last, attributes].map((one) => hintOfConnection(textAttribute(one, 'error.type')));
  const hint = stated.hint ?? ofConnection.find((one) => one !== undefined);
  const ids = [span, ...attempts].flatMap((one) =>
    requestIdsOf(textAttribute(one.attributes, 'anthropic.request.id')),
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
  return nanoseconds <= 0n ? undefined : asTime(Number(nanoseconds / 1_000_000n));
}
