import { INVALID_SPAN_CONTEXT, trace, type Span } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { isRidden, rideSpan } from '../../../src/telemetry/ride.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const start = (): Span => provider.getTracer('sdk').startSpan('native');

describe('a span that the SDK started', () => {
  it('is taken part in once, right before its end, which is the SDK’s', () => {
    const span = start();
    let asked = 0;
    const ride = () => rideSpan(span, () => void (asked += span.isRecording() ? 1 : 100));
    expect([isRidden(span), ride(), isRidden(span), ride()]).toEqual([false, true, true, false]);
    const end = Date.now() + 60_000;
    span.end(end);
    expect(asked).toBe(1);
    expect(exporter.getFinishedSpans().at(-1)?.endTime[0]).toBe(Math.trunc(end / 1000));
    span.end();
    expect(asked).toBe(1);
  });

  it.each([
    ['does not record', trace.wrapSpanContext(INVALID_SPAN_CONTEXT)],
    ['cannot be written to', Object.preventExtensions(start())],
  ])('that %s ends without us', (_what, span) => {
    let asked = 0;
    expect([rideSpan(span, () => void (asked += 1)), isRidden(span)]).toEqual([false, false]);
    span.end();
    expect(asked).toBe(0);
  });
});
