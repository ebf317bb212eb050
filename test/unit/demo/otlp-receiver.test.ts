import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runScript } from '../../support/run.ts';
import { startTestReceiver, type OtlpReceiver } from '../../support/otlp.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';

/** Sends one trace, two metrics and a log record through the OpenTelemetry SDK's own exporters. */
const SENDER = `
  import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
  import { NodeSDK } from '@opentelemetry/sdk-node';
  import { logs as logsApi } from '@opentelemetry/api-logs';

  const sdk = new NodeSDK();
  sdk.start();
  const tracer = trace.getTracer('test-scope', '1.2.3');
  tracer.startActiveSpan('parent', { kind: SpanKind.CLIENT }, (parent) => {
    const child = tracer.startSpan('child', {
      startTime: [1_700_000_000, 123_456_789],
      links: [{ context: parent.spanContext(), attributes: { why: 'link' } }],
      attributes: { text: 'ä', empty: '', zero: 0, minus: -5, big: 9_007_199_254_740_991, half: 0.5,
        yes: true, no: false, list: ['a', 'b'], numbers: [1, 2] },
    });
    child.addEvent('happened', { at: 'once' });
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    child.end([1_700_000_001, 0]);
    parent.end();
  });
  const meter = metrics.getMeter('test-meter');
  meter.createCounter('requests', { unit: '{request}', description: 'all' }).add(3, { route: '/a' });
  meter.createUpDownCounter('open').add(-1);
  meter.createObservableGauge('level').addCallback((result) => result.observe(0.25));
  meter.createHistogram('duration', { advice: { explicitBucketBoundaries: [1, 2] } }).record(1.5);
  logsApi.getLogger('test-logger').emit({
    severityNumber: 17, severityText: 'ERROR', body: 'lost', eventName: 'thing.lost', attributes: { code: 1 },
  });
  await sdk.shutdown();
`;

let receiver: OtlpReceiver;

beforeEach(async () => {
  receiver = await startTestReceiver();
});

afterEach(async () => {
  await receiver.close();
});

function post(path: string, body: string, contentType = 'application/json'): Promise<Response> {
  return fetch(`${receiver.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body,
  });
}

async function sendAll(env: Record<string, string>): Promise<void> {
  const result = await runScript({
    script: SENDER,
    sdk: NEWEST_SDK,
    build: 'esm',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_SERVICE_NAME: 'sender',
      ...env,
    },
  });
  expect(result).toMatchObject({ code: 0, stderr: '' });
}

describe.each([
  { protocol: 'http/json', compression: 'none', contentType: 'application/json' },
  { protocol: 'http/json', compression: 'gzip', contentType: 'application/json' },
  { protocol: 'http/protobuf', compression: 'gzip', contentType: 'application/x-protobuf' },
])('what the real exporters send by $protocol, compression $compression', (options) => {
  test('arrives with types, times and relations', async () => {
    await sendAll({
      OTEL_EXPORTER_OTLP_PROTOCOL: options.protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: options.compression,
    });
    await receiver.waitFor(({ logs }) => logs().length === 1, 5_000);
    expect(new Set(receiver.requests.map(({ contentType }) => contentType))).toEqual(
      new Set([options.contentType]),
    );

    const parent = receiver.spans().find(({ name }) => name === 'parent');
    const child = receiver.spans().find(({ name }) => name === 'child');
    expect(parent).toMatchObject({ kind: 'client', parentSpanId: undefined, status: { code: 'unset' } });
    expect(parent?.traceId).toMatch(/^[\da-f]{32}$/);
    expect(child).toMatchObject({
      traceId: parent?.traceId,
      parentSpanId: parent?.spanId,
      kind: 'internal',
      startTime: 1_700_000_000_123_456_789n,
      endTime: 1_700_000_001_000_000_000n,
      status: { code: 'error', message: 'broken' },
      events: [{ name: 'happened', attributes: { at: 'once' } }],
      links: [{ spanId: parent?.spanId, attributes: { why: 'link' } }],
      scope: { name: 'test-scope', version: '1.2.3' },
      resource: { 'service.name': 'sender' },
    });
    expect(child?.attributes).toEqual({
      text: 'ä',
      empty: '',
      zero: 0,
      minus: -5,
      big: 9_007_199_254_740_991,
      half: 0.5,
      yes: true,
      no: false,
      list: ['a', 'b'],
      numbers: [1, 2],
    });

    const points = Object.fromEntries(receiver.metrics().map((point) => [point.name, point]));
    expect(points['requests']).toMatchObject({
      type: 'sum',
      unit: '{request}',
      description: 'all',
      value: 3,
      monotonic: true,
      temporality: 'cumulative',
      attributes: { route: '/a' },
      scope: { name: 'test-meter' },
    });
    expect(points['open']).toMatchObject({ type: 'sum', value: -1, monotonic: false });
    expect(points['level']).toMatchObject({ type: 'gauge', value: 0.25, temporality: undefined });
    expect(points['duration']).toMatchObject({
      type: 'histogram',
      count: 1,
      sum: 1.5,
      min: 1.5,
      max: 1.5,
      bounds: [1, 2],
      bucketCounts: [0, 1, 0],
    });

    expect(receiver.logs()).toMatchObject([
      {
        body: 'lost',
        severityNumber: 17,
        severityText: 'ERROR',
        eventName: 'thing.lost',
        attributes: { code: 1 },
        traceId: undefined,
        scope: { name: 'test-logger' },
      },
    ]);
  });
});

describe('the receiver', () => {
  test('refuses with the status it was given, records the request and keeps nothing of it', async () => {
    receiver.setStatus(503);
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'lost' }] }] }] });
    expect((await post('/v1/traces', body)).status).toBe(503);
    expect(receiver.requests).toMatchObject([{ path: '/v1/traces', bytes: body.length }]);
    expect(receiver.spans()).toEqual([]);
    receiver.setStatus(200);
    expect((await post('/v1/traces', body)).status).toBe(200);
    expect(receiver.spans()).toMatchObject([{ name: 'lost', attributes: {}, status: { code: 'unset' } }]);
  });

  test('answers what it cannot read with 400, 404 or 415', async () => {
    expect((await post('/v1/traces', '{')).status).toBe(400);
    expect((await post('/v1/traces', '\u0001', 'application/x-protobuf')).status).toBe(400);
    expect((await post('/v1/other', '{}')).status).toBe(404);
    expect((await post('/v1/traces', 'x', 'text/plain')).status).toBe(415);
  });

  test('says what it received when the wait is in vain', async () => {
    await post(
      '/v1/traces',
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] }),
    );
    await expect(receiver.waitFor(({ spans }) => spans().length === 2, 50)).rejects.toThrow(
      'not received within 50 ms; received spans [a], metrics [], 0 logs',
    );
  });
});
