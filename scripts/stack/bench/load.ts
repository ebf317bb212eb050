// Requests as an application sends them: spans with the attributes that the instrumentation sets, 512 in a request.
import { callSpans, NATIVE_SCOPE, OWN_SCOPE, type OutcomeName } from '../traffic/calls.ts';
import { keyValues, newSpanId, tracesRequest, type Attributes, type OtlpSpan } from '../traffic/otlp.ts';

/** What the SDK's BatchSpanProcessor puts into a request when there is enough. */
export const SPANS_PER_REQUEST = 512;

/** The resource of a process that was started with the preload. */
const RESOURCE: Attributes = {
  'host.name': 'app-7c9d5f6b8-x2x4q',
  'host.arch': 'amd64',
  'host.id': '6f2c1c0f0d3f4e7b9a5e8d7c6b5a4f3e',
  'process.pid': 17,
  'process.executable.name': '/usr/local/bin/node',
  'process.executable.path': '/usr/local/bin/node',
  'process.command_args': [
    '/usr/local/bin/node',
    '--import',
    'opentelemetry-instrumentation-anthropic/register',
    '/srv/app/server.js',
  ],
  'process.runtime.version': '22.12.0',
  'process.runtime.name': 'nodejs',
  'process.runtime.description': 'Node.js',
  'process.command': '/srv/app/server.js',
  'process.owner': 'node',
  'service.name': 'bench',
  'service.instance.id': '0b6a4c7e-2f0c-4b5e-9a58-5f8f5d1c7f10',
  'os.type': 'linux',
  'os.version': '6.8.0-45-generic',
  'telemetry.distro.name': 'opentelemetry-instrumentation-anthropic',
  'telemetry.distro.version': '0.1.0',
  'anthropic.sdk.name': '@anthropic-ai/sdk',
  'anthropic.sdk.version': '1.12.0',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.version': '2.12.0',
};

const RESET = '2026-01-01T00:00:00Z';

/** What an answered attempt has beside what `callSpans` gives it. */
const OF_ATTEMPT = keyValues({
  'anthropic.ratelimit.requests.reset': RESET,
  'anthropic.ratelimit.tokens.limit': 480_000,
  'anthropic.ratelimit.tokens.remaining': 479_000,
  'anthropic.ratelimit.tokens.reset': RESET,
  'anthropic.ratelimit.input_tokens.limit': 400_000,
  'anthropic.ratelimit.input_tokens.remaining': 399_000,
  'anthropic.ratelimit.input_tokens.reset': RESET,
  'anthropic.ratelimit.output_tokens.limit': 80_000,
  'anthropic.ratelimit.output_tokens.remaining': 79_000,
  'anthropic.ratelimit.output_tokens.reset': RESET,
});

/** The same of a call that was answered. */
const OF_CALL = keyValues({
  'http.route': '/v1/messages',
  'url.scheme': 'https',
  'url.path': '/v1/messages',
  'anthropic.organization.id': '2034635c-1360-4f5a-9b91-e12de94e3210',
  'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': 0,
  'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 0,
  'anthropic.response.service_tier': 'standard',
  'anthropic.message.stop_reason': 'end_turn',
  'gen_ai.usage.cache_write.input_tokens': 0,
});

/** One of twenty traces has a retry; one of a hundred fails. */
function attemptsOf(trace: number): [OutcomeName, ...OutcomeName[]] {
  if (trace % 100 === 0) return ['overloaded', 'overloaded', 'overloaded'];
  return trace % 20 === 0 ? ['rateLimited', 'ok'] : ['ok'];
}

interface ScopedSpan {
  readonly scope: string;
  readonly span: OtlpSpan;
}

/** Spans without end, in the order in which they end: of traces of so many calls, the first of which is the root. */
export class Load {
  readonly #callsPerTrace: number;
  readonly #scope: string | undefined;
  readonly #spans = this.#endless();

  /** @param scope - whose the spans say they are, where not the instrumentation's and the SDK's own. */
  constructor(callsPerTrace: number, scope?: string) {
    this.#callsPerTrace = callsPerTrace;
    this.#scope = scope;
  }

  /** The next request's body. */
  request(): string {
    const scopes = new Map<string, OtlpSpan[]>();
    for (let count = 0; count < SPANS_PER_REQUEST; count += 1) {
      const { scope, span } = this.#spans.next().value;
      const name = this.#scope ?? scope;
      const spans = scopes.get(name);
      if (spans === undefined) scopes.set(name, [span]);
      else spans.push(span);
    }
    return JSON.stringify(tracesRequest(RESOURCE, scopes));
  }

  *#endless(): Generator<ScopedSpan, never> {
    for (let trace = 0; ; trace += 1) {
      const root = filled(attemptsOf(trace));
      for (let made = 1; made < this.#callsPerTrace; made += 1) {
        const { call, attempts } = filled(['ok']);
        for (const span of [...attempts, call]) span.traceId = root.call.traceId;
        call.parentSpanId = root.call.spanId;
        yield* scoped(call, attempts);
      }
      yield* scoped(root.call, root.attempts);
    }
  }
}

function* scoped(call: OtlpSpan, attempts: readonly OtlpSpan[]): Generator<ScopedSpan> {
  for (const span of attempts) yield { scope: OWN_SCOPE, span };
  yield { scope: NATIVE_SCOPE, span: call };
}

/** The spans of a call, with all attributes that real ones have. */
function filled(outcomes: [OutcomeName, ...OutcomeName[]]): ReturnType<typeof callSpans> {
  const made = callSpans({ attempts: outcomes });
  for (const { status, attributes } of made.attempts) {
    if (status.code !== 2) attributes.push(...OF_ATTEMPT);
  }
  if (made.call.status.code !== 2) {
    const ids = {
      'anthropic.request.id': `req_01${newSpanId()}`,
      'gen_ai.response.id': `msg_01${newSpanId()}`,
    };
    made.call.attributes.push(...OF_CALL, ...keyValues(ids));
  }
  return made;
}
