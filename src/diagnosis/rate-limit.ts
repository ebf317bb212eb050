import type { RateLimitCause } from '../schema.ts';
import { type ApiError, readApiError } from './api-error.ts';
import type { FailureFacts } from './failure-facts.ts';
import { readHeader } from './safe.ts';

interface CauseRule {
  readonly cause: RateLimitCause;
  readonly type?: RegExp;
  readonly code?: RegExp;
  readonly message?: RegExp;
}

/** `of 20,000 fast mode input tokens per minute`: a number, the bucket, a time. */
function limitOf(bucket: string): RegExp {
  return new RegExp(String.raw`\bof \d[\d,._]{0,20} (?:[a-z]{1,16} ){0,3}?${bucket} (?:per|every|a) `, 'i');
}

/**
 * First match wins. Spend and acceleration come first: their texts go on to speak of tokens. What follows a limit's
 * number is general advice ("reduce the prompt length", "purchase credits") and tells nothing.
 */
const CAUSES: readonly CauseRule[] = [
  {
    cause: 'spend',
    type: /^(?:billing_error|budget_exceeded|insufficient_quota)$/,
    code: /spend_limit|^credits_required$|^budget_exceeded$|^insufficient_(?:quota|credits|user_quota)$/,
    message:
      /\byou have reached your (?:specified )?(?:workspace )?API usage limits\b|\b(?:extra usage|usage credits) (?:is|are) required\b|\bspend(?:ing)? limit reached\b|\bbudget has been exceeded\b|\bExceededBudget\b/i,
  },
  {
    cause: 'acceleration',
    code: /^ramp_limit_exceeded$/,
    message: /\b(?:maximum usage increase rate|acceleration limit)\b/i,
  },
  { cause: 'requests', message: limitOf('requests') },
  { cause: 'input_tokens', message: limitOf('input tokens') },
  { cause: 'output_tokens', message: limitOf('output tokens') },
  { cause: 'tokens', message: limitOf('tokens') },
  {
    cause: 'input_tokens',
    message: /_input_tokens_per_|\bnumber of (?:request )?input tokens has exceeded/i,
  },
  {
    cause: 'output_tokens',
    message: /_output_tokens_per_|\bnumber of (?:request )?output tokens has exceeded/i,
  },
  {
    cause: 'tokens',
    message: /\bnumber of (?:request )?tokens has exceeded|\btoo many tokens\b|_tokens_per_/i,
  },
  {
    cause: 'requests',
    message:
      /\bnumber of (?:concurrent )?(?:requests|connections) has exceeded|\btoo many (?:concurrent )?(?:requests|connections), please wait\b|_requests_per_/i,
  },
  { cause: 'tokens', message: /\btokens per (?:min|minute|day)\b|\blimit type: tokens\b/i },
  { cause: 'requests', message: /\brequests per (?:min|minute|day)\b|\blimit type: requests\b/i },
];

/**
 * Buckets whose `remaining` names the cause when it stands at zero, narrowest first. Those of the Priority Tier
 * (`anthropic-priority-…`) name none: what exceeds that capacity is served at the standard tier, and what is refused has
 * exceeded one of the others.
 */
const BUCKETS: readonly (readonly [header: string, cause: RateLimitCause])[] = [
  ['anthropic-ratelimit-requests-remaining', 'requests'],
  ['anthropic-ratelimit-input-tokens-remaining', 'input_tokens'],
  ['anthropic-ratelimit-output-tokens-remaining', 'output_tokens'],
  ['anthropic-fast-input-tokens-remaining', 'input_tokens'],
  ['anthropic-fast-output-tokens-remaining', 'output_tokens'],
  ['anthropic-ratelimit-tokens-remaining', 'tokens'],
];

function fromHeaders(headers: FailureFacts['headers']): RateLimitCause {
  return BUCKETS.find(([header]) => readHeader(headers, header) === '0')?.[1] ?? 'unknown';
}

/** The cause, from an error that was read already. */
export function causeOf(error: ApiError, headers: FailureFacts['headers']): RateLimitCause {
  const rules = [
    CAUSES.find((rule) => error.code !== undefined && rule.code?.test(error.code)),
    CAUSES.find((rule) => error.types.some((type) => rule.type?.test(type))),
    CAUSES.find((rule) => rule.message?.test(error.text)),
  ];
  return rules.find((rule) => rule !== undefined)?.cause ?? fromHeaders(headers);
}

/**
 * Which limit a 429 ran into: from the error's code, then its type and message, then the headers that stand at zero.
 * Costs no parsing where the body was not read. `unknown` where none of them says.
 */
export function rateLimitCause(facts: FailureFacts): RateLimitCause {
  return causeOf(readApiError(facts), facts.headers);
}
