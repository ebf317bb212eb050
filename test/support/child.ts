import type { Build } from './sdk-builds.ts';
import { runScript } from './run.ts';
import type { SdkVersion } from './sdks.ts';
import { FAKE_KEY, REQUEST } from './behaviour.ts';

/** What a script of `runChild` finds ready, before its own text. */
const PRELUDE = {
  esm: 'const load = (name) => import(name);',
  cjs: 'const load = async (name) => require(name);',
} as const;

const SET_UP = `
const { trace, context } = await load('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = await load('@opentelemetry/context-async-hooks');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = await load('@opentelemetry/sdk-trace-base');
const { MeterProvider, MetricReader, AggregationTemporality } = await load('@opentelemetry/sdk-metrics');
const exporter = new InMemorySpanExporter();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
class Reader extends MetricReader { async onShutdown() {} async onForceFlush() {} }
const reader = new Reader();
const meterProvider = new MeterProvider({ readers: [reader] });
(await load('@opentelemetry/api')).metrics.setGlobalMeterProvider(meterProvider);
const others = JSON.parse(process.env.OTHERS ?? '[]');
const { registerInstrumentations } = await load('@opentelemetry/instrumentation');
registerInstrumentations({ instrumentations: await Promise.all(others.map(async ([name, member]) => new (await load(name))[member]())) });
let instrumentation;
if (process.env.INSTRUMENT === 'yes') {
  const { AnthropicInstrumentation } = await load('opentelemetry-instrumentation-anthropic');
  instrumentation = new AnthropicInstrumentation();
}
const Anthropic = (await load('@anthropic-ai/sdk')).default;
const REQUEST = ${JSON.stringify(REQUEST)};
const client = new Anthropic({ apiKey: process.env.KEY, baseURL: process.env.API, maxRetries: 0 });
const spans = () => exporter.getFinishedSpans().map((span) => ({
  scope: span.instrumentationScope.name, name: span.name, status: span.status.code, attributes: span.attributes,
  id: span.spanContext().spanId, parent: span.parentSpanContext?.spanId,
}));
const points = async () => (await reader.collect()).resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics.flatMap((metric) =>
  metric.dataPoints.map((point) => ({ scope: scope.scope.name, name: metric.descriptor.name, attributes: point.attributes, count: point.value.count ?? point.value }))));
const turn = () => new Promise((resolve) => setImmediate(resolve));
`;

export interface ChildOptions {
  readonly version: SdkVersion;
  readonly build: Build;
  readonly url: string;
  /** Statements in a module where \`await\` may stand, after the set-up. What they print with \`console.log\` is JSON, a line each. */
  readonly script: string;
  readonly instrument?: boolean;
  readonly flags?: readonly string[];
  /** Other instrumentations: package and class. */
  readonly others?: readonly (readonly [name: string, member: string])[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ChildResult {
  readonly lines: readonly unknown[];
  readonly stderr: string;
  readonly code: number | null;
}

const HOOK = new URL('../../dist/hook.js', import.meta.url).href;

/** Runs a script in a process of its own, with the SDK loaded through Node's loader, as applications load it. */
export async function runChild(options: ChildOptions): Promise<ChildResult> {
  const { version, build, url, script, instrument = true, flags = [], others = [], env = {} } = options;
  const body = `${SET_UP}${script}`;
  const source = build === 'esm' ? `${PRELUDE.esm}${body}` : `${PRELUDE.cjs}(async () => {${body}})();`;
  const result = await runScript({
    script: source,
    sdk: version,
    build,
    preload: [...(instrument && build === 'esm' ? ['--import', HOOK] : []), ...flags],
    env: {
      API: url,
      KEY: FAKE_KEY,
      INSTRUMENT: instrument ? 'yes' : 'no',
      OTHERS: JSON.stringify(others),
      ...env,
    },
  });
  const lines = result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
  return { lines, stderr: result.stderr, code: result.code };
}
