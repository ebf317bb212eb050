import { SpanKind } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  type Sampler,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, readAll, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';
import { select } from '../../support/telemetry.ts';

let sampler: Sampler = new AlwaysOnSampler();
const stage = setStage({
  sampler: { shouldSample: (...args) => sampler.shouldSample(...args), toString: () => 'switched' },
});

/** Decides by turns, for roots alone, as a ratio sampler does by the trace's ID; and counts. */
class Turns implements Sampler {
  decisions: string[] = [];
  shouldSample(_context: unknown, _traceId: string, name: string) {
    this.decisions.push(name);
    const decision =
      this.decisions.length % 2 === 0 ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD;
    return { decision };
  }
  toString(): string {
    return 'turns';
  }
}

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  beforeAll(async () => {
    sdk = await stage.load(build);
    client = stage.client(sdk);
  });
  afterEach(() => {
    sampler = new AlwaysOnSampler();
  });

  test('nothing is sampled: no span at all, and every metric', async () => {
    sampler = new AlwaysOffSampler();
    const model = `claude-unsampled-${build.version}-${build.build}`;
    stage.api.enqueue(reply.error(529, { headers: AT_ONCE }), reply.message());
    await client.messages.create({ ...REQUEST, model });
    stage.api.enqueue(reply.stream({ usage: { input_tokens: 2, output_tokens: 3 } }));
    await readAll(await client.messages.create({ ...REQUEST, model, stream: true }));
    stage.api.enqueue(reply.stream({}, { ending: reply.streamError(4) }));
    await rejection(readAll(await client.messages.create({ ...REQUEST, model, stream: true })));
    for await (const event of await client.messages.create({ ...REQUEST, model, stream: true })) {
      if (event.type === 'message_start') break;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(stage.telemetry.spans).toEqual([]);
    const points = await stage.telemetry.points();
    const of = (name: string) =>
      select(points, name, { 'gen_ai.request.model': model }).filter(({ value }) => value > 0);
    const counted = (name: string) =>
      of(name).map(({ attributes, value }) => [
        attributes['http.response.status_code'],
        attributes['error.type'],
        value,
      ]);
    expect(counted('anthropic.client.attempts')).toEqual(
      expect.arrayContaining([
        [529, 'overloaded_error', 1],
        [200, undefined, 4],
      ]),
    );
    expect(counted('anthropic.client.calls')).toEqual(
      expect.arrayContaining([
        [200, undefined, 3],
        [200, 'overloaded_error', 1],
      ]),
    );
    expect(of('gen_ai.client.token.usage').length).toBeGreaterThan(0);
    expect(of('gen_ai.client.operation.time_to_first_chunk').map(({ value }) => value)).toEqual([2]);
    expect(of('anthropic.client.retry.wait').map(({ value }) => value)).toEqual([1]);
    expect(
      select(points, 'anthropic.client.calls.in_flight', { 'gen_ai.request.model': model })[0]?.value,
    ).toBe(0);
  });

  test('one decision for a call and its attempts: whole traces or none', async () => {
    const turns = new Turns();
    sampler = new ParentBasedSampler({ root: turns });
    for (let count = 0; count < 6; count += 1) {
      stage.api.enqueue(reply.error(529, { headers: AT_ONCE }), reply.message());
      await client.messages.create(REQUEST);
    }
    expect(turns.decisions).toEqual(Array.from({ length: 6 }, () => 'anthropic.messages.create'));
    const calls = await stage.telemetry.calls(3);
    for (const { span, attempts } of calls) {
      expect(span.parentSpanContext).toBeUndefined();
      expect(attempts).toHaveLength(2);
    }
    expect(stage.telemetry.spans.filter(({ kind }) => kind === SpanKind.CLIENT)).toHaveLength(9);
  });

  test('an unsampled parent: no span', async () => {
    const { context, trace, TraceFlags } = await import('@opentelemetry/api');
    sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() });
    const parent = trace.setSpanContext(context.active(), {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.NONE,
    });
    await context.with(parent, () => client.messages.create(REQUEST));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stage.telemetry.spans).toEqual([]);
  });

  test('a sampler sees what it needs when the call starts', async () => {
    const seen: Record<string, unknown>[] = [];
    sampler = {
      shouldSample: (_context, _traceId, name, _kind, attributes) => {
        if (name === 'anthropic.messages.create') seen.push({ ...attributes });
        return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      },
      toString: () => 'seen',
    };
    await client.messages.create(REQUEST);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': REQUEST.model,
      'server.address': '127.0.0.1',
      'server.port': stage.api.port,
    });
  });
});
