import type { AttributeName } from '../../schema.ts';
import type { ReceivedSpan } from '../otlp/types.ts';
import { formatCount, formatNumber, formatSeconds, oneLine } from '../../terminal/format.ts';

/** How a span ended, which settles its mark and colour. */
export type SpanEnd = 'good' | 'failed' | 'canceled';

/** What a tree says about one span. Each of its texts is one line that can be printed. */
export interface Description {
  readonly name: string;
  /** What the name alone does not say: the model. */
  readonly subject: string | undefined;
  readonly outcome: SpanEnd;
  /** Status and error type. */
  readonly result: string;
  readonly duration: string;
  /** Status message of a failed span. */
  readonly message: string | undefined;
  /** Facts worth reading, most important first. */
  readonly details: readonly string[];
}

/** What a tree says about `span`, which is an attempt where its parent is in the tree as well. */
export function describe(span: ReceivedSpan, hasParent: boolean): Description {
  const facts = new Facts(span);
  const outcome = endOf(span, facts);
  return {
    name: oneLine(span.name),
    subject: facts.string('gen_ai.request.model'),
    outcome,
    result: describeResult(outcome, facts),
    duration: formatSeconds(Number(span.endTime - span.startTime) / 1e9),
    message: span.status.code === 'error' ? oneLine(span.status.message) || undefined : undefined,
    details: hasParent ? describeAttempt(facts) : describeCall(facts),
  };
}

/** A request that neither failed nor was answered was given up by its caller. */
function endOf(span: ReceivedSpan, facts: Facts): SpanEnd {
  if (facts.boolean('anthropic.call.canceled') === true) return 'canceled';
  if (span.status.code === 'error' || facts.string('error.type') !== undefined) return 'failed';
  const isRequest = facts.string('http.request.method') !== undefined;
  return isRequest && facts.number('http.response.status_code') === undefined ? 'canceled' : 'good';
}

function describeResult(outcome: SpanEnd, facts: Facts): string {
  const status = facts.number('http.response.status_code');
  const errorType = facts.string('error.type');
  const cause = facts.string('anthropic.rate_limit.cause');
  const parts = [
    outcome === 'canceled' ? 'canceled' : undefined,
    status,
    errorType === String(status) ? undefined : errorType,
    cause === undefined ? undefined : `(${cause})`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

function describeCall(facts: Facts): readonly string[] {
  const wait = facts.number('anthropic.retry.wait');
  const retries = facts.number('http.request.resend_count') ?? 0;
  const hint = facts.string('anthropic.error.hint');
  const endedBy = facts.string('anthropic.call.ended_by');
  const firstChunk = facts.number('gen_ai.response.time_to_first_chunk');
  return present([
    describeTokens(facts),
    firstChunk !== undefined && `first chunk after ${formatSeconds(firstChunk)}`,
    retries > 0 && formatCount(retries, 'retry', 'retries'),
    wait !== undefined && wait > 0 && `waited ${formatSeconds(wait)} in all`,
    facts.boolean('anthropic.retry.exhausted') === true && 'no retry left',
    hint !== undefined && `hint: ${hint}`,
    endedBy !== undefined && `ended by ${endedBy}`,
    facts.string('anthropic.request.id'),
  ]);
}

function describeTokens(facts: Facts): string | undefined {
  const input = facts.number('gen_ai.usage.input_tokens');
  const output = facts.number('gen_ai.usage.output_tokens');
  const cached = facts.number('gen_ai.usage.cache_read.input_tokens');
  const ofThemCached = cached !== undefined && cached > 0 ? ` (${formatNumber(cached)} cached)` : '';
  const parts = present([
    input !== undefined && `${formatNumber(input)} tokens in${ofThemCached}`,
    output !== undefined && `${formatNumber(output)} out`,
  ]);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

function describeAttempt(facts: Facts): readonly string[] {
  const wait = facts.number('anthropic.retry.wait');
  const reason = facts.string('anthropic.retry.reason');
  const after = facts.number('anthropic.retry.after');
  return present([
    wait !== undefined && `after ${formatSeconds(wait)}${reason ? ` because of ${reason}` : ''}`,
    after !== undefined && `asks to wait ${formatSeconds(after)}`,
    describeHeadroom(facts),
    facts.string('anthropic.request.id'),
  ]);
}

/** What is left of the rate limit that is nearest to its end. */
function describeHeadroom(facts: Facts): string | undefined {
  const tightest = facts.rateLimits().sort((a, b) => a.remaining / a.limit - b.remaining / b.limit)[0];
  return (
    tightest &&
    `${formatNumber(tightest.remaining)} of ${formatNumber(tightest.limit)} ${tightest.bucket.replaceAll('_', ' ')} left`
  );
}

function present(parts: readonly (string | undefined | false)[]): readonly string[] {
  return parts.filter((part): part is string => typeof part === 'string' && part !== '');
}

interface RateLimit {
  readonly bucket: string;
  readonly limit: number;
  readonly remaining: number;
}

const REMAINING = /^anthropic\.ratelimit\.(\w+)\.remaining$/;

/** A span's attributes by name and type; one of another type is as good as absent. */
class Facts {
  readonly #attributes: ReceivedSpan['attributes'];

  constructor(span: ReceivedSpan) {
    this.#attributes = span.attributes;
  }

  string(name: AttributeName): string | undefined {
    const value = this.#attributes[name];
    return typeof value === 'string' ? oneLine(value) : undefined;
  }

  number(name: AttributeName): number | undefined {
    const value = this.#attributes[name];
    return typeof value === 'number' ? value : undefined;
  }

  boolean(name: AttributeName): boolean | undefined {
    const value = this.#attributes[name];
    return typeof value === 'boolean' ? value : undefined;
  }

  /** The rate limits whose size and remainder are both known. */
  rateLimits(): RateLimit[] {
    return Object.keys(this.#attributes).flatMap((name) => {
      const bucket = REMAINING.exec(name)?.[1];
      if (bucket === undefined) return [];
      const remaining = this.number(`anthropic.ratelimit.${bucket}.remaining`);
      const limit = this.number(`anthropic.ratelimit.${bucket}.limit`) ?? 0;
      return remaining === undefined || limit <= 0 ? [] : [{ bucket, limit, remaining }];
    });
  }
}
