import { SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reply, type RecordedRequest, type Reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, MODEL, readAll, REQUEST, setStage, STREAMED } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';
import { select, type Point, type RecordedCall } from '../../support/telemetry.ts';

/** A failure names the seed, which alone makes its program: calls at once, and what the server answers to each attempt. */
const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);

const CALLS = 4;

// Not enabled, so that nothing is instrumented but what is given to it.
const stage = setStage({ config: { enabled: false } });

type Options = Parameters<Anthropic['messages']['create']>[1];

/** What an application does with one call. */
interface Use {
  readonly run: (client: Anthropic, options: Options) => PromiseLike<unknown>;
  readonly streams?: true;
  /** Whether it takes the whole answer, leaves off at the first event, or takes the response as it is. */
  readonly takes: 'all' | 'part' | 'response';
}

const USES: Readonly<Record<string, Use>> = {
  create: { takes: 'all', run: (client, options) => client.messages.create(REQUEST, options) },
  beta: { takes: 'all', run: (client, options) => client.beta.messages.create(REQUEST, options) },
  post: {
    takes: 'all',
    run: (client, options) => client.post('/v1/messages', { body: REQUEST, ...options }),
  },
  twice: {
    takes: 'all',
    run: async (client, options) => {
      const promise = client.messages.create(REQUEST, options);
      return (await promise) === (await promise);
    },
  },
  withResponse: {
    takes: 'all',
    run: async (client, options) => (await client.messages.create(REQUEST, options).withResponse()).data,
  },
  both: {
    takes: 'all',
    run: async (client, options) => {
      const promise = client.messages.create(REQUEST, options);
      const [, data] = await Promise.all([promise.asResponse(), promise]);
      return data;
    },
  },
  asResponse: {
    takes: 'response',
    run: async (client, options) => (await client.messages.create(REQUEST, options).asResponse()).text(),
  },
  read: {
    streams: true,
    takes: 'all',
    run: async (client, options) => readAll(await client.messages.create(STREAMED, options)),
  },
  tee: {
    streams: true,
    takes: 'all',
    run: async (client, options) =>
      Promise.all((await client.messages.create(STREAMED, options)).tee().map(readAll)),
  },
  lines: {
    streams: true,
    takes: 'all',
    run: async (client, options) =>
      new Response(
        (await client.messages.create(STREAMED, options)).toReadableStream() as ReadableStream,
      ).text(),
  },
  helper: {
    streams: true,
    takes: 'all',
    run: (client, options) => client.messages.stream(REQUEST, options).finalMessage(),
  },
  break: {
    streams: true,
    takes: 'part',
    run: async (client, options) => {
      for await (const { type } of await client.messages.create(STREAMED, options)) return type;
    },
  },
  abort: {
    streams: true,
    takes: 'part',
    run: async (client, options) => {
      const stream = await client.messages.create(STREAMED, options);
      for await (const { type } of stream) {
        stream.controller.abort();
        return type;
      }
    },
  },
};

type Last = 'answer' | 'refusal' | 'error event';

interface Plan {
  readonly id: string;
  readonly use: keyof typeof USES;
  /** Statuses that the SDK repeats; 0 is a connection that is closed without an answer. */
  readonly failures: readonly number[];
  readonly last: Last;
  readonly maxRetries: number;
  readonly input: number;
  readonly output: number;
}

/** Whole numbers below `limit`, the same for the same seed. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

function programOf(seed: number): readonly Plan[] {
  const below = numbers(seed);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const uses = Object.keys(USES);
  return Array.from({ length: CALLS }, (_, index): Plan => {
    // In turn, so that the seeds together have every one.
    const use = uses[(seed * CALLS + index) % uses.length] as string;
    const endings: readonly Last[] = [
      'answer',
      'answer',
      'refusal',
      USES[use]?.streams ? 'error event' : 'answer',
    ];
    return {
      id: `${seed}_${index}`,
      use,
      failures: Array.from({ length: below(3) }, () => pick([0, 408, 409, 429, 500, 503, 529])),
      last: pick(endings),
      maxRetries: below(4),
      input: below(1000),
      output: below(1000),
    };
  });
}

const isExhausted = ({ failures, maxRetries }: Plan): boolean => failures.length > maxRetries;
const lastStatus = ({ last }: Plan): number => (last === 'refusal' ? 400 : 200);

/** The status of each attempt's response; `undefined` where none comes. */
function statusesOf(plan: Plan): readonly (number | undefined)[] {
  const repeated = plan.failures.slice(0, plan.maxRetries + 1).map((status) => status || undefined);
  return isExhausted(plan) ? repeated : [...repeated, lastStatus(plan)];
}

const requestId = ({ id }: Plan, attempt: number): string => `req_${id}_${attempt}`;

function answersTo(plan: Plan): Reply[] {
  const headersOf = (attempt: number) => ({ ...AT_ONCE, 'request-id': requestId(plan, attempt) });
  const headers = headersOf(plan.failures.length);
  const message = {
    id: 'msg_1',
    model: MODEL,
    usage: { input_tokens: plan.input, output_tokens: plan.output },
  };
  const endings: Readonly<Record<Last, Reply>> = {
    answer: reply.message(message, headers),
    refusal: reply.error(400, { requestId: null, headers }),
    'error event': reply.stream(message, { headers, ending: reply.streamError(3) }),
  };
  const failures = plan.failures.map((status, attempt) =>
    status === 0 ? reply.drop() : reply.error(status, { requestId: null, headers: headersOf(attempt) }),
  );
  return [...failures, endings[plan.last]];
}

/** A request without what differs from run to run. */
function onTheWire({ method, path, rawHeaders, body }: RecordedRequest): unknown {
  const settled = /^(host|traceparent|idempotency-key)$/i;
  return [method, path, rawHeaders.map(([name, value]) => (settled.test(name) ? name : [name, value])), body];
}

async function outcomeOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return JSON.stringify(await promise);
  } catch (error) {
    const { name, message, constructor } = error as Error;
    return [
      constructor.name,
      name,
      message.replaceAll(/req_01\w+/g, ''),
      (error as { status?: unknown }).status,
    ];
  }
}

/** What an application and the server see of a program, call by call. */
async function run(program: readonly Plan[], client: Anthropic): Promise<unknown> {
  const answers = new Map(program.map((plan) => [plan.id, answersTo(plan)]));
  const before = stage.api.requests.length;
  stage.api.setDefault(({ headers }) => answers.get(String(headers['x-call']))?.shift());
  const tracer = trace.getTracer('application');
  const outcomes = await Promise.all(
    program.map(({ use, id, maxRetries }) =>
      tracer.startActiveSpan(id, async (span) => {
        const headers = { 'x-call': id };
        const outcome = await outcomeOf((USES[use] as Use).run(client, { maxRetries, headers }));
        span.end();
        return outcome;
      }),
    ),
  );
  const requests = stage.api.requests.slice(before);
  return program.map(({ id }, index) => [
    outcomes[index],
    requests.filter(({ headers }) => headers['x-call'] === id).map(onTheWire),
  ]);
}

/** The statuses and request IDs of a call's attempts, and how the call ended. */
function recorded({ span, attempts }: RecordedCall): unknown {
  const { attributes, status } = span;
  return {
    attempts: attempts.map((attempt, index) => [
      attempt.attributes['http.response.status_code'],
      attempt.attributes['anthropic.request.id'],
      attempt.attributes['http.request.resend_count'] ?? 0,
      (attempt.status.code === SpanStatusCode.ERROR) === 'error.type' in attempt.attributes,
      index === 0 ||
        attempt.attributes['anthropic.retry.reason'] === attempts[index - 1]?.attributes['error.type'],
    ]),
    status: status.code,
    isFailure: 'error.type' in attributes,
    isCanceled: attributes['anthropic.call.canceled'] === true,
    isExhausted: attributes['anthropic.retry.exhausted'] === true,
    endedBy: attributes['anthropic.call.ended_by'],
    tokens: [attributes['gen_ai.usage.input_tokens'], attributes['gen_ai.usage.output_tokens']],
  };
}

function expected(plan: Plan): unknown {
  const { takes, streams } = USES[plan.use] as Use;
  const hasAnswer = !isExhausted(plan) && plan.last !== 'refusal';
  const isCanceled = hasAnswer && takes === 'part';
  const isFailure = !hasAnswer || (plan.last === 'error event' && !isCanceled);
  const isWhole = hasAnswer && !isCanceled && !isFailure;
  const hasInput = hasAnswer && (streams || takes === 'all');
  return {
    attempts: statusesOf(plan).map((status, attempt) => [
      status,
      status === undefined ? undefined : requestId(plan, attempt),
      attempt,
      true,
      true,
    ]),
    status: isFailure ? SpanStatusCode.ERROR : isWhole ? SpanStatusCode.OK : SpanStatusCode.UNSET,
    isFailure,
    isCanceled,
    isExhausted: isExhausted(plan),
    endedBy: hasAnswer && takes === 'response' ? 'response' : undefined,
    tokens: [hasInput ? plan.input : undefined, isWhole && takes === 'all' ? plan.output : undefined],
  };
}

const total = (points: readonly Point[], name: string): number =>
  select(points, name).reduce((sum, { value }) => sum + value, 0);

const COUNTED = ['anthropic.client.calls', 'anthropic.client.attempts', 'anthropic.client.calls.in_flight'];

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  const plain = new Map<number, unknown>();
  let sdk: Sdk;
  beforeAll(async () => {
    sdk = await stage.load(build, false);
    for (const seed of SEEDS) plain.set(seed, await run(programOf(seed), stage.client(sdk)));
    stage.telemetry.reset();
    await stage.load(build);
  });
  afterEach(() => stage.api.setDefault(() => undefined));

  test.each(SEEDS)('the program of seed %i: the same as without us, and recorded as it was', async (seed) => {
    const program = programOf(seed);
    const before = await stage.telemetry.points();
    expect(await run(program, stage.client(sdk))).toEqual(plain.get(seed));
    const calls = await stage.telemetry.calls(program.length);
    const after = await stage.telemetry.points();
    const callOf = ({ id }: Plan): RecordedCall | undefined => {
      const parent = stage.telemetry.spans.find(({ name }) => name === id)?.spanContext().spanId;
      return calls.find(({ span }) => span.parentSpanContext?.spanId === parent);
    };
    expect(program.map(callOf).map((call) => call && recorded(call))).toEqual(program.map(expected));
    expect(COUNTED.map((name) => total(after, name) - total(before, name))).toEqual([
      program.length,
      program.flatMap(statusesOf).length,
      0,
    ]);
  });
});
