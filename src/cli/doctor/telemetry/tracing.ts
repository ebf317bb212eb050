import type { Environment } from '../../../config.ts';
import { context, SpanKind, trace, type Span } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { flattenTraces } from '../../../demo/otlp/flatten.ts';
import type { ReceivedSpan } from '../../../demo/otlp/types.ts';
import type { WireTraces } from '../../../demo/otlp/wire.ts';
import { AnthropicInstrumentation } from '../../../instrumentation.ts';
import { load } from '../../../preload/modules.ts';
import { RedactingSpanExporter, type Redactor } from '../../../redaction/index.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../../version.ts';

/** Under this name the spans of a run are found, unless `OTEL_SERVICE_NAME` says another. */
const DEFAULT_SERVICE = 'claude-doctor';
const ROOT_NAME = `${PACKAGE_NAME} doctor`;

/**
 * The spans of one run: one trace, with a root of its own, and below it those of the requests. They are kept
 * here, redacted, and go nowhere by themselves.
 */
export class Tracing {
  readonly service: string;
  readonly #instrumentation = new AnthropicInstrumentation();
  readonly #kept: { getFinishedSpans(): ReadableSpan[] };
  readonly #root: Span;

  constructor(env: Environment, redactor: Redactor) {
    this.service = env['OTEL_SERVICE_NAME']?.trim() || DEFAULT_SERVICE;
    const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, AlwaysOnSampler } = load.traces();
    const { resourceFromAttributes } = load.resources();
    const { AsyncLocalStorageContextManager } = load.contexts();
    const kept = new InMemorySpanExporter();
    this.#kept = kept;
    const provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': this.service }),
      sampler: new AlwaysOnSampler(),
      spanProcessors: [new SimpleSpanProcessor({ exporter: new RedactingSpanExporter(kept, redactor) })],
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    // The SDK's own spans come from the global provider.
    trace.setGlobalTracerProvider(provider);
    this.#instrumentation.setTracerProvider(provider);
    this.#root = provider
      .getTracer(PACKAGE_NAME, PACKAGE_VERSION)
      .startSpan(ROOT_NAME, { root: true, kind: SpanKind.INTERNAL });
  }

  get traceId(): string {
    return this.#root.spanContext().traceId;
  }

  /** Runs a request of a client of the SDK's class `Anthropic`, instrumented, in the trace of the run. */
  run<T>(Anthropic: unknown, request: () => Promise<T>): Promise<T> {
    this.#instrumentation.manuallyInstrument(Anthropic);
    return context.with(trace.setSpan(context.active(), this.#root), request);
  }

  /** Ends the trace, once. */
  end(): void {
    this.#root.end();
  }

  /** What the run made until now, as an exporter takes it. */
  finished(): readonly ReadableSpan[] {
    return this.#kept.getFinishedSpans();
  }

  /** The same in the form in which a receiver has it, without the root. */
  received(): readonly ReceivedSpan[] {
    const { JsonTraceSerializer } = load.otlpSerializers();
    const body = JsonTraceSerializer.serializeRequest([...this.finished()] as never);
    if (!body) return [];
    const spans = flattenTraces(JSON.parse(Buffer.from(body).toString('utf8')) as WireTraces);
    return spans.filter(({ spanId }) => spanId !== this.#root.spanContext().spanId);
  }
}
