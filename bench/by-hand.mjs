/**
 * The spans and values of a call that succeeds, made by hand with the OpenTelemetry API: nothing is read from
 * requests, answers or headers, nothing is redacted, and no retry or stream is seen. What it costs is OpenTelemetry's.
 */
import { context, metrics, SpanKind, trace } from '@opentelemetry/api';

const MODEL = 'claude-example-5';
const SERVER = { 'server.address': 'api.anthropic.com', 'server.port': 443 };
const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.request.model': MODEL,
  'http.route': '/v1/messages',
  ...SERVER,
};
const ATTEMPT = {
  'http.request.method': 'POST',
  'url.full': 'https://api.anthropic.com/v1/messages',
  'url.template': '/v1/messages',
  ...SERVER,
};
const CALL_END = Object.entries({
  'gen_ai.request.max_tokens': 1024,
  'gen_ai.request.temperature': 0.5,
  'http.request.method': 'POST',
  'url.scheme': 'https',
  'url.path': '/v1/messages',
  'url.full': 'https://api.anthropic.com/v1/messages',
  'http.response.status_code': 200,
  'anthropic.request.id': 'req_011CTestTestTestTestTest',
  'anthropic.organization.id': '00000000-0000-4000-8000-000000000000',
  'gen_ai.response.id': 'msg_01TestTestTestTestTest',
  'gen_ai.response.model': MODEL,
  'anthropic.message.stop_reason': 'end_turn',
  'gen_ai.usage.input_tokens': 12,
  'gen_ai.usage.output_tokens': 24,
  'gen_ai.usage.cache_write.input_tokens': 0,
  'gen_ai.usage.cache_read.input_tokens': 0,
  'anthropic.response.service_tier': 'standard',
  'gen_ai.response.finish_reasons': ['end_turn'],
});
const ATTEMPT_END = Object.entries({
  'http.response.status_code': 200,
  'anthropic.request.id': 'req_011CTestTestTestTestTest',
  ...Object.fromEntries(
    ['requests', 'tokens', 'input_tokens', 'output_tokens'].flatMap((bucket) => [
      [`anthropic.ratelimit.${bucket}.limit`, 4000],
      [`anthropic.ratelimit.${bucket}.remaining`, 3999],
      [`anthropic.ratelimit.${bucket}.reset`, '2030-01-01T00:00:00Z'],
    ]),
  ),
});

/** @param {readonly [string, import('@opentelemetry/api').AttributeValue][]} attributes */
function end(/** @type {import('@opentelemetry/api').Span} */ span, attributes) {
  for (const [name, value] of attributes) span.setAttribute(name, value);
  span.end();
}

/** @param {{ Anthropic: { Messages: { prototype: { create: (...args: unknown[]) => unknown } } } }} sdk */
export function instrumentByHand(sdk) {
  const tracer = trace.getTracer('by hand');
  const meter = metrics.getMeter('by hand');
  const duration = meter.createHistogram('gen_ai.client.operation.duration');
  const tokens = meter.createHistogram('gen_ai.client.token.usage');
  const request = meter.createHistogram('http.client.request.duration');
  const { 'http.route': _, ...asked } = CALL;
  const answered = { ...asked, 'gen_ai.response.model': MODEL };
  const input = { ...answered, 'gen_ai.token.type': 'input' };
  const output = { ...answered, 'gen_ai.token.type': 'output' };
  const sent = {
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'url.template': '/v1/messages',
    ...SERVER,
  };
  const { prototype } = sdk.Anthropic.Messages;
  const { create } = prototype;
  prototype.create = async function (...args) {
    const call = tracer.startSpan('anthropic.messages.create', { kind: SpanKind.CLIENT, attributes: CALL });
    const parent = trace.setSpan(context.active(), call);
    const attempt = tracer.startSpan(
      'POST /v1/messages',
      { kind: SpanKind.CLIENT, attributes: ATTEMPT },
      parent,
    );
    const answer = await create.apply(this, args);
    end(attempt, ATTEMPT_END);
    end(call, CALL_END);
    request.record(0.3, sent);
    duration.record(0.5, answered);
    tokens.record(12, input);
    tokens.record(24, output);
    return answer;
  };
}
