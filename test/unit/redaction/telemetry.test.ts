import { SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { core, logs, metrics, resources, tracing } from '@opentelemetry/sdk-node';
import { describe, expect, test } from 'vitest';

import {
  createRedactor,
  RedactingLogExporter,
  RedactingMetricExporter,
  RedactingSpanExporter,
} from '../../../src/redaction/index.ts';
import { redactSpan } from '../../../src/redaction/views.ts';

const KEY = `sk-ant-api03-${'Ab3'.repeat(31)}`;
const redactor = createRedactor();
const failing = createRedactor({
  censor: () => {
    throw new Error('no');
  },
});

const secretResource = (): resources.Resource =>
  resources.resourceFromAttributes({ 'service.name': 'app', 'process.command_line': `app --api-key ${KEY}` });

const fieldsOf = (span: tracing.ReadableSpan): unknown => [
  span.name,
  span.attributes,
  span.status,
  span.events,
  span.links,
  span.resource.attributes,
  span.resource.getRawAttributes(),
  span.instrumentationScope,
  span.spanContext().traceState?.serialize(),
];

function recordSecrets(provider: tracing.BasicTracerProvider): void {
  const span = provider.getTracer(`scope ${KEY}`).startSpan(`call ${KEY}`, {
    links: [
      {
        context: {
          traceId: '1'.repeat(32),
          spanId: '2'.repeat(16),
          traceFlags: TraceFlags.SAMPLED,
          traceState: new core.TraceState(`vendor=${KEY}`),
        },
        attributes: { link: `Bearer ${KEY}` },
      },
    ],
  });
  span.setAttributes({ [`key ${KEY}`]: 1, list: ['a', KEY], 'url.full': 'https://u:hunter2@h/?sig=abc123' });
  span.addEvent(`event ${KEY}`, { message: `x-api-key: ${KEY}` });
  span.recordException(new Error(`Headers.append: "Bearer ${KEY}" is an invalid header value.`));
  span.setStatus({ code: SpanStatusCode.ERROR, message: `refused ${KEY}` });
  span.end();
}

describe('spans', () => {
  test('the exporter gets spans without secrets, and other processors keep theirs', async () => {
    const theirs = new tracing.InMemorySpanExporter();
    const ours = new tracing.InMemorySpanExporter();
    const provider = new tracing.BasicTracerProvider({
      resource: secretResource(),
      spanProcessors: [
        new tracing.SimpleSpanProcessor(new RedactingSpanExporter(ours, redactor)),
        new tracing.SimpleSpanProcessor(theirs),
      ],
    });
    recordSecrets(provider);
    await provider.forceFlush();
    const [redacted] = ours.getFinishedSpans();
    const [original] = theirs.getFinishedSpans();
    expect(JSON.stringify(fieldsOf(redacted as tracing.ReadableSpan))).not.toMatch(/Ab3|hunter2|abc123/);
    expect(JSON.stringify(fieldsOf(original as tracing.ReadableSpan))).toContain(KEY);
    expect(redacted?.name).toBe('call [REDACTED]');
    expect(redacted?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'refused [REDACTED]' });
    expect(redacted?.attributes['url.full']).toBe('https://REDACTED:REDACTED@h/?sig=REDACTED');
    expect(redacted?.events.map(({ time }) => time)).toEqual(original?.events.map(({ time }) => time));
    expect(redacted?.spanContext()).toEqual(original?.spanContext());
    expect(redacted?.duration).toEqual(original?.duration);
    expect(redacted?.ended).toBe(true);
    await provider.shutdown();
  });

  test('spans without secrets are handed on as they are', async () => {
    const exported: tracing.ReadableSpan[] = [];
    const exporter: tracing.SpanExporter = {
      export: (spans, done) => {
        exported.push(...spans);
        done({ code: core.ExportResultCode.SUCCESS });
      },
      shutdown: () => Promise.resolve(),
    };
    const provider = new tracing.BasicTracerProvider({
      resource: resources.resourceFromAttributes({ 'service.name': 'app' }),
      spanProcessors: [
        new tracing.SimpleSpanProcessor(new RedactingSpanExporter<tracing.ReadableSpan>(exporter, redactor)),
      ],
    });
    const span = provider
      .getTracer('scope')
      .startSpan('call', { attributes: { 'gen_ai.request.model': 'claude' } });
    span.addEvent('event', { n: 1 });
    span.end();
    await provider.forceFlush();
    expect(exported[0]).toBe(span);
    await provider.shutdown();
  });

  test('the exporter, behind the batch processor', async () => {
    const memory = new tracing.InMemorySpanExporter();
    const exporter: tracing.SpanExporter = new RedactingSpanExporter(memory, redactor);
    const provider = new tracing.BasicTracerProvider({
      resource: secretResource(),
      spanProcessors: [new tracing.BatchSpanProcessor(exporter)],
    });
    recordSecrets(provider);
    recordSecrets(provider);
    await provider.forceFlush();
    const spans = memory.getFinishedSpans();
    expect(spans).toHaveLength(2);
    expect(JSON.stringify(spans.map(fieldsOf))).not.toMatch(/Ab3|hunter2/);
    expect(spans[0]?.resource).toBe(spans[1]?.resource);
    expect(spans[0]?.instrumentationScope).toBe(spans[1]?.instrumentationScope);
    await provider.shutdown();
  });

  test('a resource that settles later', async () => {
    const memory = new tracing.InMemorySpanExporter();
    const provider = new tracing.BasicTracerProvider({
      resource: resources.resourceFromAttributes({ late: Promise.resolve(`Bearer ${KEY}`) }),
      spanProcessors: [new tracing.SimpleSpanProcessor(new RedactingSpanExporter(memory, redactor))],
    });
    provider.getTracer('scope').startSpan('call').end();
    await provider.forceFlush();
    expect(memory.getFinishedSpans()[0]?.resource.attributes).toEqual({ late: 'Bearer [REDACTED]' });
    await provider.shutdown();
  });

  test('a failing censor loses fields, never a secret', async () => {
    const memory = new tracing.InMemorySpanExporter();
    const provider = new tracing.BasicTracerProvider({
      resource: secretResource(),
      spanProcessors: [new tracing.SimpleSpanProcessor(new RedactingSpanExporter(memory, failing))],
    });
    recordSecrets(provider);
    await provider.forceFlush();
    const [span] = memory.getFinishedSpans();
    expect(span?.name).toBe('[REDACTED]');
    expect(JSON.stringify(fieldsOf(span as tracing.ReadableSpan))).not.toContain('Ab3');
    await provider.shutdown();
  });

  test('fields that throw when they are read', () => {
    const broken = new Proxy({} as tracing.ReadableSpan, {
      get: () => {
        throw new Error('no');
      },
    });
    const redacted = redactSpan(broken, redactor);
    expect(redacted.name).toBe('[REDACTED]');
    expect(redacted.attributes).toEqual({});
    expect(redacted.events).toEqual([]);
    expect(redacted.resource.attributes).toEqual({});
  });
});

describe('metrics', () => {
  test('attributes and resource, with the preferences of the exporter behind', async () => {
    const memory = new metrics.InMemoryMetricExporter(metrics.AggregationTemporality.DELTA);
    const exporter: metrics.PushMetricExporter = new RedactingMetricExporter(memory, redactor);
    expect(exporter.selectAggregationTemporality?.(metrics.InstrumentType.COUNTER)).toBe(
      metrics.AggregationTemporality.DELTA,
    );
    expect('selectAggregation' in exporter).toBe('selectAggregation' in memory);
    const provider = new metrics.MeterProvider({
      resource: secretResource(),
      readers: [new metrics.PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
    });
    const meter = provider.getMeter('scope');
    meter.createCounter('calls', { description: `of ${KEY}` }).add(1, { model: KEY, n: 2 });
    meter.createHistogram('duration').record(3, { model: 'claude' });
    await provider.forceFlush();
    const [batch] = memory.getMetrics();
    expect(JSON.stringify(batch?.scopeMetrics)).not.toContain('Ab3');
    expect(JSON.stringify(batch?.resource.attributes)).not.toContain('Ab3');
    const [counter, histogram] = batch?.scopeMetrics[0]?.metrics ?? [];
    expect(counter?.dataPoints[0]).toMatchObject({ value: 1, attributes: { model: '[REDACTED]', n: 2 } });
    expect(histogram?.dataPoints[0]).toMatchObject({
      value: { count: 1, sum: 3 },
      attributes: { model: 'claude' },
    });
    await provider.shutdown();
  });

  test('no preferences where the exporter behind has none', () => {
    const delegate = {
      export: () => {},
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const exporter = new RedactingMetricExporter(delegate, redactor);
    expect('selectAggregationTemporality' in exporter).toBe(false);
    expect('selectAggregation' in exporter).toBe(false);
  });
});

describe('logs', () => {
  test('body, attributes, severity text, event name and resource', async () => {
    const memory = new logs.InMemoryLogRecordExporter();
    const exporter: logs.LogRecordExporter = new RedactingLogExporter(memory, redactor);
    const provider = new logs.LoggerProvider({
      resource: secretResource(),
      processors: [new logs.SimpleLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('scope');
    logger.emit({
      body: { message: `refused ${KEY}`, headers: { 'x-api-key': 'hunter2' } },
      severityText: `ERROR ${KEY}`,
      eventName: `call ${KEY}`,
      attributes: { note: `x-api-key: ${KEY}`, n: 1 },
    });
    logger.emit({ body: 'nothing here' });
    await provider.forceFlush();
    const [record, plain] = memory.getFinishedLogRecords();
    expect(record?.body).toEqual({ message: 'refused [REDACTED]', headers: { 'x-api-key': '[REDACTED]' } });
    expect(record?.severityText).toBe('ERROR [REDACTED]');
    expect(record?.eventName).toBe('call [REDACTED]');
    expect(record?.attributes).toEqual({ note: 'x-api-key: [REDACTED]', n: 1 });
    expect(JSON.stringify(record?.resource.attributes)).not.toContain('Ab3');
    expect(plain?.body).toBe('nothing here');
    await provider.shutdown();
  });
});

test('an exporter behind that throws is the caller’s to see, a result is passed on', () => {
  const results: { code: number; error?: Error }[] = [];
  const exporter = new RedactingSpanExporter<tracing.ReadableSpan>(
    {
      export: (_spans, done) => done({ code: core.ExportResultCode.FAILED, error: new Error('away') }),
      shutdown: () => Promise.resolve(),
    },
    redactor,
  );
  exporter.export([], (result) => results.push(result));
  expect(results[0]?.error?.message).toBe('away');
  return expect(exporter.forceFlush()).resolves.toBeUndefined();
});
