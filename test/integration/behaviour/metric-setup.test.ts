import { metrics } from '@opentelemetry/api';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnthropicInstrumentation } from '../../../src/instrumentation.ts';
import { readAll, REQUEST, setStage } from '../../support/behaviour.ts';
import { NEWEST, type Anthropic } from '../../support/sdk-builds.ts';

/** No meter provider is registered to begin with. */
const stage = setStage({ meters: false, config: { enabled: false } });

class Reader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
  async names(): Promise<readonly string[]> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics.scopeMetrics.flatMap((scope) =>
      scope.metrics.map(({ descriptor }) => descriptor.name),
    );
  }
}

function register(): Reader {
  const reader = new Reader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  return reader;
}

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
