import { context, createContextKey, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { LazyApi, type Backing } from '../../../src/preload/api/lazy-api.ts';

const KEY = createContextKey('test');

function tracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { provider, names: () => exporter.getFinishedSpans().map(({ name }) => name) };
}

function setUp(make: (api: LazyApi) => Backing = () => ({})) {
  const log: string[] = [];
  const api: LazyApi = new LazyApi(
    () => {
      log.push('start');
      return make(api);
    },
    async (flush) => {
      log.push('flush');
      await flush();
      log.push('flushed');
    },
    () => log.push('first span'),
  );
  return { api, log };
}

/** What the API can be asked for. */
const ASKED: Readonly<Record<string, (api: LazyApi) => unknown>> = {
  'a span': ({ trace: provider }) => provider.getTracer('test').startSpan('span').isRecording(),
  'an active span': ({ trace: provider }) => provider.getTracer('test').startActiveSpan('span', () => 'run'),
  'a meter': ({ metrics: provider }) => provider.getMeter('test').createCounter('counter').add(1),
  'to run in a context': ({ context: manager }) =>
    manager.with(
      ROOT_CONTEXT,
      function (this: string, ...args: string[]) {
        return [this, ...args].join();
      },
      'this',
      'one',
      'two',
    ),
  'to bind to a context': ({ context: manager }) => manager.bind(ROOT_CONTEXT, 'target'),
  'to extract': ({ propagation }) =>
    propagation.extract(ROOT_CONTEXT, {}, { get: () => undefined, keys: () => [] }) === ROOT_CONTEXT,
  'to inject': ({ propagation }) => propagation.inject(ROOT_CONTEXT, {}, { set: () => {} }),
  'for fields': ({ propagation }) => propagation.fields(),
};
const ANSWERS: Readonly<Record<string, unknown>> = {
  'a span': false,
  'an active span': 'run',
  'to run in a context': 'this,one,two',
  'to bind to a context': 'target',
  'to extract': true,
  'for fields': [],
};

describe('the API, with nothing behind it yet', () => {
  afterEach(() => {
    trace.disable();
    metrics.disable();
  });

  it.each(Object.keys(ASKED))(
    'starts once where it is asked %s, and does without what did not start',
    (what) => {
      const { api, log } = setUp();
      expect(ASKED[what]?.(api)).toEqual(ANSWERS[what]);
      ASKED[what]?.(api);
      expect(log.filter((entry) => entry !== 'first span')).toEqual(['start']);
    },
  );

  it.each(Object.keys(ASKED))('may be asked %s by its own start', (what) => {
    let answer: unknown;
    const { api, log } = setUp((own) => {
      answer = ASKED[what]?.(own);
      return {};
    });
    api.backing();
    expect(answer).toEqual(ANSWERS[what]);
    expect(log.filter((entry) => entry !== 'first span')).toEqual(['start']);
  });

  it('does not start for what needs nothing', async () => {
    const { api, log } = setUp();
    expect(api.context.active()).toBe(ROOT_CONTEXT);
    expect(api.context.enable()).toBe(api.context);
    expect(api.context.disable()).toBe(api.context);
    api.trace.getTracer('test');
    await api.flush('trace');
    expect(log).toEqual(['flush', 'flushed']);
    expect(api.current()).toBeUndefined();
  });

  it('hands on to what has started', async () => {
    const { provider, names } = tracing();
    const manager = new AsyncLocalStorageContextManager().enable();
    let flushes = 0;
    const meters = Object.assign(new MeterProvider(), { forceFlush: async () => void (flushes += 1) });
    const { api } = setUp(() => ({
      trace: provider,
      metrics: meters,
      context: manager,
      propagation: new W3CTraceContextPropagator(),
    }));
    const early = api.trace.getTracer('test');
    early.startSpan('one').end();
    early.startActiveSpan('two', (span) => span.end());
    expect(names()).toEqual(['one', 'two']);
    const inner = ROOT_CONTEXT.setValue(KEY, 'value');
    expect(api.context.with(inner, () => api.context.active().getValue(KEY))).toBe('value');
    expect(api.context.bind(inner, () => manager.active().getValue(KEY))()).toBe('value');
    expect(api.propagation.fields()).toContain('traceparent');
    await (api.metrics as MeterProvider).forceFlush();
    expect(flushes).toBe(1);
    let wasDisabled = false;
    manager.disable = () => {
      wasDisabled = true;
      return manager;
    };
    api.context.disable();
    expect(wasDisabled).toBe(true);
  });

  it('tells of the first span, once, when what makes it is in place', () => {
    const { api, log } = setUp();
    const tracer = api.trace.getTracer('test');
    for (const name of ['one', 'two']) tracer.startSpan(name).end();
    expect(log).toEqual(['start', 'first span']);
    expect(api.spans).toBe(2);
  });

  it('that stepped back asks whatever is registered, each time, and without it makes no span', () => {
    const ours = tracing();
    const { api } = setUp(() => ({ trace: ours.provider, context: new AsyncLocalStorageContextManager() }));
    trace.setGlobalTracerProvider(api.trace);
    const early = api.trace.getTracer('test');
    early.startSpan('ours').end();
    api.stepBack();
    expect(early.startSpan('nobody’s').isRecording()).toBe(false);
    expect(api.context.with(ROOT_CONTEXT, () => 'run')).toBe('run');
    const theirs = tracing();
    trace.disable();
    trace.setGlobalTracerProvider(theirs.provider);
    early.startSpan('theirs').end();
    api.trace.getTracer('late').startSpan('late').end();
    expect([ours.names(), theirs.names()]).toEqual([['ours'], ['theirs', 'late']]);
    const asked: string[] = [];
    metrics.setGlobalMeterProvider({
      getMeter: (name, ...rest) => {
        asked.push(name);
        return new MeterProvider().getMeter(name, ...rest);
      },
    });
    api.metrics.getMeter('theirs');
    expect(asked).toEqual(['theirs']);
    expect(context.active()).toBe(ROOT_CONTEXT);
  });
});
