/**
 * The schema: every attribute, metric and event that this package records. Code names attributes through this
 * table's types; the README's tables are made from it.
 */
import type { AttributeValue } from '@opentelemetry/api';
import { OBJECT_IDS, type ObjectId } from './api/object-ids.ts';

type Place = 'call' | 'attempt' | 'metric';

export interface AttributeSpec {
  readonly type: 'string' | 'string[]' | 'int' | 'double' | 'boolean';
  readonly on: readonly Place[];
  /** Whether the SDK's native call span (0.134 and later) has it by itself. */
  readonly native?: true;
  readonly unit?: string;
  readonly brief: string;
}

const OBJECT_ID_SPECS = Object.fromEntries(
  Object.entries(OBJECT_IDS).map(([name, object]): [string, AttributeSpec] => [
    name,
    { type: 'string', on: ['call'], native: true, brief: `the ID of the ${object}` },
  ]),
) as Record<ObjectId, AttributeSpec>;

/** Every attribute with a fixed name, in the order in which the README shows them. */
export const ATTRIBUTES = {
  'gen_ai.provider.name': {
    type: 'string',
    on: ['call', 'metric'],
    native: true,
    brief: '`anthropic`, `aws.bedrock`, `gcp.vertex_ai` or `azure.ai.inference`',
  },
  'gen_ai.operation.name': {
    type: 'string',
    on: ['call', 'metric'],
    native: true,
    brief:
      '`chat` for Messages; on metrics, for other calls, the rest of the call name (`messages.count_tokens`)',
  },
  'gen_ai.request.model': {
    type: 'string',
    on: ['call', 'metric'],
    native: true,
    brief: 'the model asked for; of a new session, that of its agent',
  },
  'gen_ai.request.max_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'the limit on the answer’s tokens',
  },
  'gen_ai.request.temperature': { type: 'double', on: ['call'], brief: 'as requested' },
  'gen_ai.request.top_p': { type: 'double', on: ['call'], brief: 'as requested' },
  'gen_ai.request.top_k': { type: 'double', on: ['call'], brief: 'as requested' },
  'gen_ai.request.stop_sequences': { type: 'string[]', on: ['call'], brief: 'as requested' },
  'gen_ai.request.reasoning.level': {
    type: 'string',
    on: ['call'],
    native: true,
    brief: 'the effort asked for',
  },
  'gen_ai.request.stream': {
    type: 'boolean',
    on: ['call'],
    native: true,
    brief: 'true for a streamed answer, otherwise absent',
  },
  'gen_ai.output.type': {
    type: 'string',
    on: ['call'],
    native: true,
    brief: '`json` where a schema was given',
  },
  'gen_ai.conversation.id': {
    type: 'string',
    on: ['call'],
    native: true,
    brief: 'as given by the application, else the ID of the session’s thread',
  },
  'gen_ai.response.id': { type: 'string', on: ['call'], native: true, brief: 'the message’s ID' },
  'gen_ai.response.model': {
    type: 'string',
    on: ['call', 'metric'],
    native: true,
    brief: 'the model that answered',
  },
  'gen_ai.response.finish_reasons': { type: 'string[]', on: ['call'], brief: 'the stop reason' },
  'gen_ai.response.time_to_first_chunk': {
    type: 'double',
    on: ['call'],
    native: true,
    unit: 's',
    brief: 'from the start of the call to the first content of a stream',
  },
  'gen_ai.usage.input_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'including cache reads and cache writes',
  },
  'gen_ai.usage.output_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'including thinking; absent if the stream broke off before its total',
  },
  'gen_ai.usage.cache_read.input_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'read from the cache',
  },
  'gen_ai.usage.cache_write.input_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'written to the cache',
  },
  'gen_ai.usage.reasoning.output_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'spent on thinking',
  },
  'gen_ai.system_instructions': {
    type: 'string',
    on: ['call'],
    brief: 'content as JSON, only when captured',
  },
  'gen_ai.input.messages': { type: 'string', on: ['call'], brief: 'content as JSON, only when captured' },
  'gen_ai.output.messages': { type: 'string', on: ['call'], brief: 'content as JSON, only when captured' },
  'gen_ai.tool.definitions': { type: 'string', on: ['call'], brief: 'content as JSON, only when captured' },
  'anthropic.content.truncated': {
    type: 'boolean',
    on: ['call'],
    native: true,
    brief: 'true where captured content was too long and is not all there',
  },
  'anthropic.message.stop_reason': {
    type: 'string',
    on: ['call'],
    native: true,
    brief: 'as given by the API',
  },
  'anthropic.message.count_tokens.input_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'the result of `countTokens`',
  },
  'anthropic.request.id': {
    type: 'string',
    on: ['call', 'attempt'],
    native: true,
    brief:
      'the request ID to quote to support, on Bedrock and Foundry the platform’s where the API gives none; on an attempt, the ID of that attempt',
  },
  ...OBJECT_ID_SPECS,
  'gen_ai.agent.name': {
    type: 'string',
    on: ['call'],
    native: true,
    brief: 'the name of a new session’s agent',
  },
  'anthropic.message.batch.request_count': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'the number of requests in a new batch',
  },
  'anthropic.organization.id': { type: 'string', on: ['call'], native: true, brief: 'from the response' },
  'anthropic.workspace.id': { type: 'string', on: ['call'], native: true, brief: 'from the response' },
  'anthropic.beta': { type: 'string[]', on: ['call'], native: true, brief: 'the betas asked for' },
  'anthropic.request.service_tier': { type: 'string', on: ['call'], native: true, brief: 'as requested' },
  'anthropic.response.service_tier': { type: 'string', on: ['call'], native: true, brief: 'as served' },
  'anthropic.thinking.type': { type: 'string', on: ['call'], native: true, brief: 'as requested' },
  'anthropic.thinking.budget_tokens': { type: 'int', on: ['call'], native: true, brief: 'as requested' },
  'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'written to the five-minute cache',
  },
  'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'written to the one-hour cache',
  },
  'anthropic.usage.compaction.input_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'spent on compacting the context, beside `gen_ai.usage.input_tokens`; with the cache',
  },
  'anthropic.usage.compaction.output_tokens': {
    type: 'int',
    on: ['call'],
    native: true,
    brief: 'spent on compacting the context, beside `gen_ai.usage.output_tokens`',
  },
  'http.request.method': {
    type: 'string',
    on: ['call', 'attempt', 'metric'],
    native: true,
    brief: 'HTTP method',
  },
  'http.request.resend_count': {
    type: 'int',
    on: ['call', 'attempt'],
    native: true,
    brief:
      'how many attempts of the call came before this one; on the call, all its resends; absent when zero',
  },
  'http.response.status_code': {
    type: 'int',
    on: ['call', 'attempt', 'metric'],
    native: true,
    brief: 'the HTTP status; on the call, that of the last response',
  },
  'http.route': { type: 'string', on: ['call'], native: true, brief: 'the template of the endpoint’s path' },
  'url.scheme': { type: 'string', on: ['call'], native: true, brief: 'of the first attempt' },
  'url.path': { type: 'string', on: ['call'], native: true, brief: 'of the first attempt' },
  'url.query': {
    type: 'string',
    on: ['call'],
    native: true,
    brief:
      'the parameters that the API defines of the first attempt’s query, redacted; absent where one is content, such as an e-mail address, and content is not captured',
  },
  'url.full': {
    type: 'string',
    on: ['call', 'attempt'],
    native: true,
    brief:
      'redacted; on the call, its only query is `url.query`, without which it is absent where content is not captured; on the attempt, such content is masked',
  },
  'url.template': {
    type: 'string',
    on: ['attempt', 'metric'],
    brief: 'the template of the path, without the base URL’s own path; absent for an unknown endpoint',
  },
  'server.address': { type: 'string', on: ['call', 'attempt', 'metric'], native: true, brief: 'host' },
  'server.port': { type: 'int', on: ['call', 'attempt', 'metric'], native: true, brief: 'port' },
  'error.type': {
    type: 'string',
    on: ['call', 'attempt', 'metric'],
    native: true,
    brief:
      'the API’s error type, else the status, else the class of client error; on metrics, from a closed set, otherwise `_OTHER`',
  },
  'anthropic.retry.exhausted': {
    type: 'boolean',
    on: ['call', 'metric'],
    brief: 'true when the last failure was of a kind that the SDK retries, and no retry was left',
  },
  'anthropic.retry.wait': {
    type: 'double',
    on: ['call', 'attempt'],
    unit: 's',
    brief: 'time slept before this attempt; on the call, in total',
  },
  'anthropic.retry.reason': {
    type: 'string',
    on: ['attempt'],
    brief: '`error.type` of the failure that this attempt repeats',
  },
  'anthropic.retry.after': {
    type: 'double',
    on: ['attempt'],
    unit: 's',
    brief: 'the wait that the response asks for',
  },
  'anthropic.call.canceled': {
    type: 'boolean',
    on: ['call'],
    brief: 'true when the caller canceled; the status is then unset, never an error',
  },
  'anthropic.call.ended_by': {
    type: 'string',
    on: ['call'],
    brief:
      'only if the application did not read the answer to its end: `response` (taken with `.asResponse()`), `collected` (dropped unread), `flush` (still open at exit)',
  },
  'anthropic.rate_limit.cause': {
    type: 'string',
    on: ['call', 'attempt', 'metric'],
    brief:
      'on a 429: `requests`, `input_tokens`, `output_tokens`, `tokens`, `acceleration`, `spend` or `unknown`; on any other refusal over money (spend limit, credit, payment; mostly 400): `spend`',
  },
  'anthropic.error.code': {
    type: 'string',
    on: ['call', 'attempt'],
    brief: 'the API’s error code, the system’s code or the certificate’s reason',
  },
  'anthropic.error.retryable': {
    type: 'boolean',
    on: ['call'],
    brief: 'whether a retry of the same request can help',
  },
  'anthropic.error.field': {
    type: 'string',
    on: ['call'],
    brief: 'the field of the request that the API named',
  },
  'anthropic.error.hint': { type: 'string', on: ['call'], brief: 'the likely reason, from a closed table' },
  'anthropic.request.shape': {
    type: 'string',
    on: ['call'],
    brief:
      'on a 400: which parts the request has and how large they are, as JSON; never a value that a user wrote',
  },
  'anthropic.stream.longest_gap': {
    type: 'double',
    on: ['call'],
    unit: 's',
    brief: 'the longest wait for an event of the stream',
  },
  'anthropic.stream.stalled': {
    type: 'boolean',
    on: ['call'],
    brief: 'true when the stream had no event for as long as the option `stalledStreamAfter` says',
  },
  'anthropic.ratelimit.bucket': { type: 'string', on: ['metric'], brief: 'the rate limit’s bucket' },
  'gen_ai.token.type': { type: 'string', on: ['metric'], brief: '`input` or `output`' },
  'anthropic.cache.operation': { type: 'string', on: ['metric'], brief: '`read` or `write`' },
} as const satisfies Record<string, AttributeSpec>;

/** An attribute with a fixed name. */
export type FixedAttribute = keyof typeof ATTRIBUTES;

/** What follows the bucket in a rate-limit attribute's name: `anthropic.ratelimit.input_tokens.remaining`. */
export const RATE_LIMIT_FIELDS = {
  limit: { type: 'int', brief: 'the bucket’s size' },
  remaining: { type: 'int', brief: 'what is left in it' },
  reset: { type: 'string', brief: 'when it is full again (RFC 3339)' },
} as const;

/** The name of any attribute of the schema. */
export type AttributeName =
  FixedAttribute | `anthropic.ratelimit.${string}.${keyof typeof RATE_LIMIT_FIELDS}`;

/** A set of attributes of the schema. */
export type AttributeBag = { [Name in AttributeName]?: AttributeValue | undefined };

export interface MetricSpec {
  readonly instrument: 'histogram' | 'counter' | 'updowncounter' | 'gauge';
  readonly unit: string;
  readonly buckets?: readonly number[];
  /** The name under `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`, where it was renamed. */
  readonly latest?: string;
  readonly brief: string;
  readonly attributes: readonly FixedAttribute[];
}

/** 10 ms, doubled up to 11 minutes: the convention's 0.01 … 81.92 and three more, since long calls pass its end. */
const CALL_SECONDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68,
  655.36,
] as const;
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;
const TOKENS = [
  1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
] as const;

const GEN_AI = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'gen_ai.response.model',
  'server.address',
  'server.port',
] as const;
const COUNTED = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'http.response.status_code',
  'error.type',
  'anthropic.rate_limit.cause',
] as const;

/** Every metric, in the order in which the README shows them. */
export const METRICS = {
  'gen_ai.client.operation.duration': {
    instrument: 'histogram',
    unit: 's',
    buckets: CALL_SECONDS,
    latest: 'gen_ai.client.inference.duration',
    brief: 'a call, including its retries, the waits before them, and its stream',
    attributes: [...GEN_AI, 'error.type'],
  },
  'gen_ai.client.token.usage': {
    instrument: 'histogram',
    unit: '{token}',
    buckets: TOKENS,
    brief: 'tokens of a call, by type',
    attributes: [...GEN_AI, 'gen_ai.token.type'],
  },
  'gen_ai.client.operation.time_to_first_chunk': {
    instrument: 'histogram',
    unit: 's',
    buckets: CALL_SECONDS,
    brief: 'from the start of a streamed call to its first content',
    attributes: GEN_AI,
  },
  'gen_ai.client.operation.time_per_output_chunk': {
    instrument: 'histogram',
    unit: 's',
    buckets: CALL_SECONDS,
    brief: 'between two pieces of content; what arrives within one millisecond counts as one piece',
    attributes: GEN_AI,
  },
  'http.client.request.duration': {
    instrument: 'histogram',
    unit: 's',
    buckets: HTTP_SECONDS,
    brief: 'an attempt, until the response’s headers; left to the HTTP instrumentation where there is one',
    attributes: [
      'http.request.method',
      'server.address',
      'server.port',
      'url.template',
      'http.response.status_code',
      'error.type',
    ],
  },
  'anthropic.client.attempts': {
    instrument: 'counter',
    unit: '{attempt}',
    brief: 'attempts, by status and error type',
    attributes: COUNTED,
  },
  'anthropic.client.calls': {
    instrument: 'counter',
    unit: '{call}',
    brief: 'ended calls, by last status and error type',
    attributes: [...COUNTED, 'anthropic.retry.exhausted'],
  },
  'anthropic.client.cache.tokens': {
    instrument: 'counter',
    unit: '{token}',
    brief: 'input tokens read from or written to the prompt cache',
    attributes: [
      'gen_ai.operation.name',
      'gen_ai.provider.name',
      'gen_ai.request.model',
      'anthropic.cache.operation',
    ],
  },
  'anthropic.client.retry.wait': {
    instrument: 'histogram',
    unit: 's',
    buckets: CALL_SECONDS,
    brief: 'one sleep before a retry',
    attributes: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model', 'error.type'],
  },
  'anthropic.client.calls.in_flight': {
    instrument: 'updowncounter',
    unit: '{call}',
    brief: 'calls that have started and not ended',
    attributes: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model'],
  },
  'anthropic.client.streams.stalled': {
    instrument: 'counter',
    unit: '{stream}',
    brief: 'streams that had no event for as long as `stalledStreamAfter` says, counted while they hang',
    attributes: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model'],
  },
  'anthropic.client.retry.long_waits': {
    instrument: 'counter',
    unit: '{wait}',
    brief: 'waits before a retry longer than `longWaitAfter`, counted when they begin',
    attributes: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model'],
  },
  'anthropic.client.ratelimit.limit': {
    instrument: 'gauge',
    unit: '{unit}',
    brief: 'the size of a rate limit’s bucket, as last reported; gone once the bucket has reset',
    attributes: ['anthropic.ratelimit.bucket', 'gen_ai.request.model', 'gen_ai.provider.name'],
  },
  'anthropic.client.ratelimit.remaining': {
    instrument: 'gauge',
    unit: '{unit}',
    brief: 'what is left in a rate limit’s bucket, as last reported; gone once the bucket has reset',
    attributes: ['anthropic.ratelimit.bucket', 'gen_ai.request.model', 'gen_ai.provider.name'],
  },
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;

const LOGGED = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'server.address',
  'server.port',
  'anthropic.request.id',
] as const;

export interface EventSpec {
  readonly severity: 'WARN' | 'ERROR';
  readonly brief: string;
  readonly attributes: readonly AttributeName[];
}

/** The log record of every event, by the event's name. */
export const EVENTS = {
  'anthropic.call.failed': {
    severity: 'ERROR',
    brief: 'a call failed for good',
    attributes: [
      ...LOGGED,
      'http.response.status_code',
      'error.type',
      'anthropic.rate_limit.cause',
      'anthropic.error.hint',
      'anthropic.error.code',
      'anthropic.retry.exhausted',
    ],
  },
  'anthropic.stream.stalled': {
    severity: 'WARN',
    brief: 'a stream has had no event for as long as the option `stalledStreamAfter` says',
    attributes: LOGGED,
  },
  'anthropic.retry.long_wait': {
    severity: 'WARN',
    brief: 'a wait begins that is longer than the option `longWaitAfter`, because a response asked for it',
    attributes: [...LOGGED, 'anthropic.retry.after', 'error.type'],
  },
} as const satisfies Record<string, EventSpec>;

export type EventName = keyof typeof EVENTS;

/** Every `anthropic.rate_limit.cause`: the limit for which the API refused a request. */
export const RATE_LIMIT_CAUSES = [
  'requests',
  'input_tokens',
  'output_tokens',
  'tokens',
  'acceleration',
  'spend',
  'unknown',
] as const;

/** Any of them with 429, `spend` with other statuses too. */
export type RateLimitCause = (typeof RATE_LIMIT_CAUSES)[number];
