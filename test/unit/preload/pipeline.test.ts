import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, InstrumentType, MeterProvider } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exportsAtOnce, exportsByLetter } from '../../../src/preload/pipeline/exporters.ts';
import { LossNotice } from '../../../src/preload/pipeline/loss-notice.ts';
import { Sender } from '../../../src/preload/otlp/sender.ts';
import { createPipeline } from '../../../src/preload/pipeline/pipeline.ts';
import {
  batchSettings,
  periodicSettings,
  prometheusSettings,
} from '../../../src/preload/pipeline/standard-settings.ts';
import { createRedactor } from '../../../src/redaction/index.ts';
import { FAKE_KEY } from '../../support/behaviour.ts';
import { startTestReceiver, type OtlpReceiver } from '../../support/otlp.ts';

const SIGNALS = ['TRACES', 'METRICS', 'LOGS'];
const everySignal = (exporter: string): Record<string, string> =>
  Object.fromEntries(SIGNALS.map((signal) => [`OTEL_${signal}_EXPORTER`, exporter]));

function stub(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
}

/** The pipeline that these variables make, with providers in front of it. */
function build(env: Record<string, string>) {
  stub(env);
  const sender = new Sender(
    () => {},
    () => {},
  );
  const redactor = createRedactor();
  const pipeline = createPipeline({ env, redactor, sender, notice: new LossNotice() });
  const traces = new BasicTracerProvider({ spanProcessors: pipeline.spanProcessors });
  const metrics = new MeterProvider({ readers: pipeline.metricReaders });
  const logs = new LoggerProvider({ processors: pipeline.logRecordProcessors });
  return {
    sender,
    pipeline,
    traces,
    /** Telemetry of somebody else, with a secret in each signal. */
    emit: (): void => {
      traces.getTracer('other').startSpan(`span ${FAKE_KEY}`).end();
      metrics.getMeter('other').createCounter('counter').add(1, { note: FAKE_KEY });
      logs.getLogger('other').emit({ body: `log ${FAKE_KEY}`, attributes: { note: FAKE_KEY } });
    },
    span: (name: string) => traces.getTracer('other').startSpan(name).end(),
    log: (body: string) => logs.getLogger('other').emit({ body }),
    stop: () => Promise.all([traces.shutdown(), metrics.shutdown(), logs.shutdown()]),
  };
}

describe('the preload’s pipeline', () => {
  let receiver: OtlpReceiver;
  let built: ReturnType<typeof build> | undefined;
  const start = (env: Record<string, string>) => (built = build(env));
  beforeEach(async () => {
    receiver = await startTestReceiver();
  });
  afterEach(async () => {
    await built?.stop();
    await built?.sender.idle();
    built = undefined;
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await receiver.close();
  });

  it('takes the secrets of everybody out of what is sent', async () => {
    const { emit, pipeline, sender } = start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    emit();
    await pipeline.flush();
    await sender.idle();
    expect([receiver.spans().length, receiver.metrics().length, receiver.logs().length]).toEqual([1, 1, 1]);
    const sent = [receiver.spans()[0]?.name, receiver.metrics()[0]?.attributes, receiver.logs()[0]?.body];
    for (const part of sent) expect(JSON.stringify(part)).toContain('[REDACTED]');
    expect(JSON.stringify(sent)).not.toContain('AAAA');
  });

  it('takes them out of what is sent at once', () => {
    const { emit, pipeline, sender } = start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    emit();
    const letters = sender.hold(() => pipeline.flushAtOnce());
    expect(letters.map(({ url }) => url.replace(receiver.url, '')).sort()).toEqual([
      '/v1/logs',
      '/v1/metrics',
      '/v1/traces',
    ]);
    for (const { body } of letters) {
      expect(Buffer.from(body).includes('[REDACTED]')).toBe(true);
      expect(Buffer.from(body).includes('AAAA')).toBe(false);
    }
  });

  it('takes them out of what is printed', async () => {
    const printed: unknown[] = [];
    vi.spyOn(console, 'dir').mockImplementation((item) => void printed.push(item));
    const { emit, pipeline } = start(everySignal('console'));
    emit();
    await pipeline.flush();
    expect(printed).toHaveLength(3);
    for (const item of printed) expect(JSON.stringify(item)).toContain('[REDACTED]');
    expect(JSON.stringify(printed)).not.toContain('AAAA');
  });

  it('takes them out of what goes to Zipkin', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { emit, pipeline } = start({
      ...everySignal('none'),
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/spans`,
    });
    emit();
    const requested = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    const flushed = pipeline.flush();
    const [request, response] = await requested;
    const sent = await text(request);
    response.end();
    await flushed;
    server.close();
    server.closeAllConnections();
    expect(sent).toContain('[REDACTED]');
    expect(sent).not.toContain('AAAA');
  });

  it('exports nothing a second time that was exported at once', async () => {
    const { emit, pipeline, sender } = start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    emit();
    sender.hold(() => pipeline.flushAtOnce());
    await pipeline.flush();
    await sender.idle();
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/v1/metrics']);
  });

  it.each([
    [{}, 60_000],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '5000' }, 5_000],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '99999999999' }, 2 ** 31 - 1],
  ])('collects metrics, with %j, every %d ms', (env, expected) => {
    const started = vi.spyOn(globalThis, 'setInterval');
    start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env });
    expect(started.mock.calls.map(([, ms]) => ms)).toEqual([expected]);
  });

  it.each([
    ['which says so itself', { value: true, configurable: true, enumerable: true, writable: true }],
    ['whose class says so', undefined],
  ])('leaves a resource that is settling as it is, %s', async (_which, own) => {
    const { traces, pipeline, sender } = start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const span = traces.getTracer('other').startSpan('span') as unknown as { resource: object; end(): void };
    const name = 'asyncAttributesPending';
    if (own) Object.defineProperty(span.resource, name, own);
    span.end();
    const letters = sender.hold(() => pipeline.flushAtOnce());
    expect(letters).toHaveLength(1);
    expect(Object.getOwnPropertyDescriptor(span.resource, name)).toEqual(own);
    Reflect.deleteProperty(span.resource, name);
  });

  it('sends batches as large as the variables say', async () => {
    const { span, log, pipeline, sender } = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '3',
    });
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      span(name);
      log(name);
    }
    await pipeline.flush();
    await sender.idle();
    const sent = (path: string) => receiver.requests.filter((request) => request.path === path).length;
    expect([sent('/v1/traces'), sent('/v1/logs')]).toEqual([3, 2]);
    expect([receiver.spans().length, receiver.logs().length]).toEqual([5, 5]);
  });

  it.each(['otlp', 'console'])('keeps no gauge that nobody observes any more: %s', (exporter) => {
    const { pipeline } = start({
      OTEL_METRICS_EXPORTER: exporter,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    });
    const [reader] = pipeline.metricReaders;
    const of = (kind: InstrumentType) => reader?.selectAggregationTemporality(kind);
    expect(of(InstrumentType.OBSERVABLE_GAUGE)).toBe(AggregationTemporality.DELTA);
    expect(of(InstrumentType.COUNTER)).toBe(AggregationTemporality.CUMULATIVE);
  });

  it('sends deltas where the variable asks for them', () => {
    const { pipeline } = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    });
    const temporality = pipeline.metricReaders[0]?.selectAggregationTemporality(InstrumentType.COUNTER);
    expect(temporality).toBe(AggregationTemporality.DELTA);
  });

  it('has the exporters that a variable names, each once, and none where it names none', () => {
    vi.spyOn(console, 'dir').mockImplementation(() => {});
    const { pipeline } = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_EXPORTER: ' otlp,,console , otlp ',
      OTEL_METRICS_EXPORTER: 'otlp, none',
    });
    const { spanProcessors, metricReaders, logRecordProcessors } = pipeline;
    expect([spanProcessors.length, metricReaders.length, logRecordProcessors.length]).toEqual([2, 0, 1]);
  });

  it('sends every signal as JSON where the variable says so', async () => {
    const { emit, pipeline, sender } = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    });
    emit();
    await pipeline.flush();
    await sender.idle();
    expect(receiver.requests.map(({ contentType }) => contentType)).toEqual(
      Array<string>(3).fill('application/json'),
    );
    expect([receiver.spans().length, receiver.metrics().length, receiver.logs().length]).toEqual([1, 1, 1]);
  });

  it.each([
    [{}, true],
    [{ OTEL_LOGS_EXPORTER: 'console' }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp,zipkin' }, false],
    [{ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'grpc' }, false],
    [{ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'grpc', OTEL_LOGS_EXPORTER: 'none' }, true],
  ])('with %j says whether everything can leave by letter: %s', (env, expected) => {
    expect(exportsByLetter(env)).toBe(expected);
  });

  it.each([
    [{}, true],
    [{ OTEL_TRACES_EXPORTER: 'console,zipkin' }, false],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, true],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'unix:///run/otlp' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'unix:///run/otlp' }, true],
    [
      {
        ...everySignal('none'),
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'unix:///run/otlp',
      },
      true,
    ],
  ])('with %j says whether it can export everything at once: %s', (env, expected) => {
    expect(exportsAtOnce(env)).toBe(expected);
  });
});

describe('the standard variables', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each(['BSP', 'BLRP'] as const)(
    'set what they name, and nothing that is not above zero: OTEL_%s_*',
    (prefix) => {
      expect(batchSettings(prefix)).toEqual({});
      stub({
        [`OTEL_${prefix}_MAX_QUEUE_SIZE`]: '11',
        [`OTEL_${prefix}_SCHEDULE_DELAY`]: '12',
        [`OTEL_${prefix}_EXPORT_TIMEOUT`]: '13',
        [`OTEL_${prefix}_MAX_EXPORT_BATCH_SIZE`]: '14',
      });
      expect(batchSettings(prefix)).toEqual({
        maxQueueSize: 11,
        scheduledDelayMillis: 12,
        exportTimeoutMillis: 13,
        maxExportBatchSize: 14,
      });
      stub({ [`OTEL_${prefix}_SCHEDULE_DELAY`]: '0', [`OTEL_${prefix}_EXPORT_TIMEOUT`]: '-1' });
      expect(batchSettings(prefix)).toEqual({ maxQueueSize: 11, maxExportBatchSize: 14 });
    },
  );

  it.each([
    [{}, 60_000, 30_000],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '5000' }, 5000, 5000],
    [{ OTEL_METRIC_EXPORT_TIMEOUT: '700' }, 60_000, 700],
  ])(
    'with %j has metrics collected every %d ms, for at most %d',
    (values, exportIntervalMillis, exportTimeoutMillis) => {
      stub(values);
      expect(periodicSettings()).toEqual({ exportIntervalMillis, exportTimeoutMillis });
    },
  );

  it('say where Prometheus finds the metrics', () => {
    expect(prometheusSettings()).toEqual({});
    stub({ OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1', OTEL_EXPORTER_PROMETHEUS_PORT: '9465' });
    expect(prometheusSettings()).toEqual({ host: '127.0.0.1', port: 9465 });
  });
});
