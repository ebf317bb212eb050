// Spans of Claude API calls, as the instrumentation records them.
import { keyValues, nanos, newSpanId, newTraceId, type Attributes, type OtlpSpan } from './otlp.ts';

/** The scope of attempts, and of the calls of SDKs without native tracing. */
export const OWN_SCOPE = 'opentelemetry-instrumentation-anthropic';

/** The scope of calls of SDKs with native tracing. */
export const NATIVE_SCOPE = 'com.anthropic.sdk.typescript';

/** How one request ended. */
export interface AttemptOutcome {
  /** HTTP status; absent where no response came. */
  readonly status?: number;
  readonly errorType?: string;
  readonly cause?: string;
  /** Seconds until the response's headers. */
  readonly seconds: number;
}

/** The outcomes that the alerts tell apart. */
export const OUTCOMES = {
  ok: { status: 200, seconds: 0.4 },
  rateLimited: { status: 429, errorType: 'rate_limit_error', cause: 'input_tokens', seconds: 0.05 },
  spendLimit: { status: 429, errorType: 'rate_limit_error', cause: 'spend', seconds: 0.05 },
  workspaceLimit: { status: 400, errorType: 'invalid_request_error', cause: 'spend', seconds: 0.03 },
  overloaded: { status: 529, errorType: 'overloaded_error', seconds: 0.1 },
  serverError: { status: 500, errorType: 'api_error', seconds: 0.1 },
  unauthorized: { status: 401, errorType: 'authentication_error', seconds: 0.03 },
  invalid: { status: 400, errorType: 'invalid_request_error', seconds: 0.03 },
  unreachable: { errorType: 'connection_error', seconds: 0.01 },
  // A stream that ends with an error: it came with 200, and nothing repeats it.
  broken: { status: 200, errorType: 'api_error', seconds: 0.4 },
} as const satisfies Record<string, AttemptOutcome>;

export type OutcomeName = keyof typeof OUTCOMES;

const RETRYABLE: ReadonlySet<OutcomeName> = new Set([
  'rateLimited',
  'spendLimit',
  'overloaded',
  'serverError',
  'unreachable',
]);

/** Whether the SDK repeats a request that ended so. */
export function isRetryable(name: OutcomeName): boolean {
  return RETRYABLE.has(name);
}

/** One call: its attempts in order, the last of which decides how the call ended. */
export interface CallScript {
  readonly attempts: readonly [OutcomeName, ...OutcomeName[]];
  readonly model?: string;
  /** Seconds that the answer's body took after the last attempt. */
  readonly bodySeconds?: number;
  /** More attributes for the call span. */
  readonly extra?: Attributes;
}

/** The spans of one call, by scope: the call's own and one for each attempt. */
export function callSpans(script: CallScript): { traceId: string; call: OtlpSpan; attempts: OtlpSpan[] } {
  const traceId = newTraceId();
  const callId = newSpanId();
  const model = script.model ?? 'claude-sonnet-5-5';
  const start = Date.now();
  const attempts: OtlpSpan[] = [];
  let now = start;
  let waited = 0;
  let reason: string | undefined;

  for (const [index, name] of script.attempts.entries()) {
    const outcome: AttemptOutcome = OUTCOMES[name];
    const wait = index === 0 ? 0 : 0.5;
    waited += wait;
    now += wait * 1000;
    const end = now + outcome.seconds * 1000;
    attempts.push({
      traceId,
      spanId: newSpanId(),
      parentSpanId: callId,
      name: 'POST /v1/messages',
      kind: 3,
      startTimeUnixNano: nanos(now),
      endTimeUnixNano: nanos(end),
      attributes: keyValues({
        ...SERVER,
        'url.template': '/v1/messages',
        'http.response.status_code': outcome.status,
        'http.request.resend_count': index === 0 ? undefined : index,
        'error.type': outcome.errorType,
        'anthropic.request.id': outcome.status === undefined ? undefined : `req_${newSpanId()}`,
        'anthropic.retry.wait': index === 0 ? undefined : { double: wait },
        'anthropic.retry.reason': reason,
        'anthropic.rate_limit.cause': outcome.cause,
        'anthropic.ratelimit.requests.limit': outcome.status === undefined ? undefined : 4000,
        'anthropic.ratelimit.requests.remaining': outcome.status === undefined ? undefined : 3900,
      }),
      status: outcome.errorType === undefined ? {} : { code: 2, message: outcome.errorType },
    });
    now = end;
    reason = outcome.errorType;
  }

  const lastName = script.attempts[script.attempts.length - 1] ?? script.attempts[0];
  const last: AttemptOutcome = OUTCOMES[lastName];
  const end = now + (script.bodySeconds ?? 0.6) * 1000;
  const failed = last.errorType !== undefined;
  const call: OtlpSpan = {
    traceId,
    spanId: callId,
    name: 'anthropic.messages.create',
    kind: 3,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
    attributes: keyValues({
      ...SERVER,
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': model,
      'gen_ai.request.max_tokens': 1024,
      'gen_ai.response.model': failed ? undefined : model,
      'gen_ai.response.finish_reasons': failed ? undefined : ['end_turn'],
      'gen_ai.response.time_to_first_chunk': failed ? undefined : { double: 0.45 },
      'gen_ai.usage.input_tokens': failed ? undefined : 1200,
      'gen_ai.usage.output_tokens': failed ? undefined : 300,
      'gen_ai.usage.cache_read.input_tokens': failed ? undefined : 800,
      'http.response.status_code': last.status,
      'http.request.resend_count': attempts.length > 1 ? attempts.length - 1 : undefined,
      'error.type': last.errorType,
      'anthropic.retry.exhausted': failed && isRetryable(lastName) ? true : undefined,
      'anthropic.retry.wait': waited > 0 ? { double: waited } : undefined,
      'anthropic.rate_limit.cause': last.cause,
      ...script.extra,
    }),
    status: failed ? { code: 2, message: last.errorType ?? '' } : { code: 1 },
  };
  return { traceId, call, attempts };
}

const SERVER = {
  'http.request.method': 'POST',
  'server.address': 'api.anthropic.com',
  'server.port': 443,
  'url.full': 'https://api.anthropic.com/v1/messages',
} as const;
