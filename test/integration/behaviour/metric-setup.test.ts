import { metrics, type Attributes, type MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import {
  AggregationTemporality,
  createAllowListAttributesProcessor,
  MeterProvider,
  MetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnthropicInstrumentation } from '../../../src/instrumentation.ts';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { readAll, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { NEWEST, type Anthropic } from '../../support/sdk-builds.ts';

/** No meter provider is registered to begin with. */
const stage = setStage({ meters: false, config: { enabled: false } });

class Reader extends MetricReader {
  constructor(temporality = AggregationTemporality.CUMULATIVE) {
    super({ aggregationTemporalitySelector: () => temporality });
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
  async names(): Promise<readonly string[]> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics.scopeMetrics.flatMap((scope) =>
      scope.metrics.map(({ descriptor }) => descriptor.name),
    );
  }
  /** The series of a counter that are not zero. */
  async counts(name: string): Promise<readonly (readonly [Attributes, unknown])[]> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => [attributes, value] as const))
      .filter(([, value]) => value !== 0);
  }
}

function register(
  options: { readonly views?: ViewOptions[] } = {},
  temporality?: AggregationTemporality,
): Reader {
  const reader = new Reader(temporality);
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader], ...options }));
  return reader;
}

const BROKEN: ApiMeterProvider = {
  getMeter: () => {
    throw new Error('no');
  },
};

/** A view with these attributes of a metric alone. */
const keeping = (instrumentName: string, ...attributes: string[]): ViewOptions => ({
  instrumentName,
  attributesProcessors: [createAllowListAttributesProcessor(attributes)],
});

describe('meters', () => {
  let client: Anthropic;
  beforeAll(async () => {
    client = stage.client(await stage.load(NEWEST));
  });
  afterEach(() => {
    metrics.disable();
  });

  test('a provider that is registered after the instrumentation is used from the next call on', async () => {
    await client.messages.create(REQUEST);
    const reader = register();
    await client.messages.create(REQUEST);
    const names = await reader.names();
    expect(names).toEqual(
      expect.arrayContaining([
        'gen_ai.client.operation.duration',
        'gen_ai.client.token.usage',
        'http.client.request.duration',
        'anthropic.client.calls',
        'anthropic.client.attempts',
        'anthropic.client.calls.in_flight',
      ]),
    );
  });

  test('a provider that is registered later is told all counts, one that is used again what is new', async () => {
    const called = async (reader: Reader) =>
      (await reader.counts('anthropic.client.calls')).map(([, count]) => count);
    const first = new Reader();
    const second = new Reader();
    const providers = [first, second].map((reader) => new MeterProvider({ readers: [reader] }));
    const use = (provider: ApiMeterProvider | undefined) =>
      provider && instrumentation.setMeterProvider(provider);
    const instrumentation = new AnthropicInstrumentation({ enabled: false });
    stage.instrumentation.disable();
    const sdk = await stage.load(NEWEST, false);
    instrumentation.manuallyInstrument(sdk.default);
    use(providers[0]);
    await client.messages.create(REQUEST);
    expect(await called(first)).toEqual([1]);
    use(providers[1]);
    await client.messages.create(REQUEST);
    expect(await called(second)).toEqual([2]);
    use(providers[0]);
    await client.messages.create(REQUEST);
    expect(await called(first)).toEqual([3]);
    instrumentation.disable();
    stage.instrumentation.manuallyInstrument(sdk.default);
  });

  test('views that take attributes away add up what is left', async () => {
    const reader = register({
      views: [
        keeping('anthropic.client.calls', 'error.type'),
        keeping('anthropic.client.attempts', 'gen_ai.provider.name'),
        keeping('anthropic.client.calls.in_flight'),
      ],
    });
    const own = new AnthropicInstrumentation({ enabled: false });
    stage.instrumentation.disable();
    const sdk = await stage.load(NEWEST, false);
    own.manuallyInstrument(sdk.default);
    stage.api.enqueue(reply.message(), reply.message(), reply.error(400));
    for (const model of ['one', 'two']) await client.messages.create({ ...REQUEST, model });
    await rejection(client.messages.create(REQUEST));
    expect(await reader.counts('anthropic.client.calls')).toEqual([
      [{}, 2],
      [{ 'error.type': 'invalid_request_error' }, 1],
    ]);
    expect(await reader.counts('anthropic.client.attempts')).toEqual([
      [{ 'gen_ai.provider.name': 'anthropic' }, 3],
    ]);
    expect(await reader.counts('anthropic.client.calls.in_flight')).toEqual([]);
    own.disable();
    stage.instrumentation.manuallyInstrument(sdk.default);
  });

  test('a delta of a counter names every series in every interval, changed or not', async () => {
    const reader = register({}, AggregationTemporality.DELTA);
    await client.messages.create(REQUEST);
    expect(await reader.names()).toContain('anthropic.client.calls');
    expect(await reader.counts('anthropic.client.calls')).toEqual([]);
    expect(await reader.names()).toContain('anthropic.client.calls');
    await client.messages.create(REQUEST);
    const counts = await reader.counts('anthropic.client.calls');
    expect(counts.map(([, value]) => value)).toEqual([1]);
  });

  test('a provider that throws costs its metrics alone', async () => {
    metrics.setGlobalMeterProvider(BROKEN);
    await client.messages.create(REQUEST);
    const { attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(1);
  });

  test('a provider that was given stays, whatever is registered globally', async () => {
    const own = new Reader();
    stage.instrumentation.setMeterProvider(new MeterProvider({ readers: [own] }));
    const global = register();
    await client.messages.create(REQUEST);
    expect(await own.names()).toContain('gen_ai.client.operation.duration');
    expect(await global.names()).toEqual([]);
  });

  test('the newest names, where the standard variable asks for them', async () => {
    process.env['OTEL_SEMCONV_STABILITY_OPT_IN'] = 'http, gen_ai_latest_experimental';
    const reader = register();
    stage.instrumentation.disable();
    const latest = new AnthropicInstrumentation({ enabled: false });
    delete process.env['OTEL_SEMCONV_STABILITY_OPT_IN'];
    const sdk = await stage.load(NEWEST, false);
    latest.manuallyInstrument(sdk.default);
    await readAll(await stage.client(sdk).messages.create({ ...REQUEST, stream: true }));
    const names = await reader.names();
    latest.disable();
    expect(names).toContain('gen_ai.client.inference.duration');
    expect(names).not.toContain('gen_ai.client.operation.duration');
    expect(names).toContain('http.client.request.duration');
  });
});
