import { ProxyTracerProvider, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { AnthropicInstrumentation } from '../../../src/instrumentation.ts';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Sdk } from '../../support/sdk-builds.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';

// Not enabled, so that nothing is instrumented but what is given to it.
const stage = setStage({ config: { enabled: false } });

function methodsOf(sdk: Sdk): readonly unknown[] {
  const methods: unknown[] = [];
  let prototype = sdk.default.prototype as object;
  while (prototype !== Object.prototype) {
    for (const name of ['makeRequest', 'request', 'requestAPIList', 'fetchWithTimeout', 'retryRequest']) {
      methods.push(Object.getOwnPropertyDescriptor(prototype, name)?.value);
    }
    prototype = Object.getPrototypeOf(prototype) as object;
  }
  return methods;
}

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let originals: readonly unknown[];
  beforeAll(async () => {
    sdk = await stage.load(build, false);
    originals = methodsOf(sdk);
  });
  afterEach(() => {
    stage.instrumentation.disable();
  });
  /** Calls that are recorded by us show by their attempts. */
  const attemptsOfOneCall = async (): Promise<number> => {
    stage.telemetry.reset();
    await stage.client(sdk).messages.create(REQUEST);
    await new Promise((resolve) => setImmediate(resolve));
    return stage.telemetry.spans.filter(({ name }) => name === 'POST /v1/messages').length;
  };

  test('disable() puts the very methods back, and what was instrumented can be so again', async () => {
    expect(await attemptsOfOneCall()).toBe(0);
    expect(stage.instrumentation.manuallyInstrument(sdk.default)).toBe(true);
    expect(methodsOf(sdk)).not.toEqual(originals);
    expect(await attemptsOfOneCall()).toBe(1);
    stage.instrumentation.disable();
    expect(methodsOf(sdk)).toEqual(originals);
    expect(await attemptsOfOneCall()).toBe(0);
    stage.instrumentation.manuallyInstrument(sdk.default);
    expect(await attemptsOfOneCall()).toBe(1);
  });

  test('enable() instruments again what was given before disable()', async () => {
    stage.instrumentation.manuallyInstrument(sdk.default);
    stage.instrumentation.disable();
    stage.instrumentation.enable();
    expect(await attemptsOfOneCall()).toBe(1);
  });

  test('a tracer provider that it alone was given records calls, under the spans that are active', async () => {
    const provider = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate();
    stage.instrumentation.manuallyInstrument(sdk.default);
    stage.instrumentation.setTracerProvider(provider);
    trace.disable();
    try {
      await stage.client(sdk).messages.create(REQUEST);
      await provider.getTracer('mine').startActiveSpan('mine', async (mine) => {
        await stage.client(sdk).messages.create(REQUEST);
        mine.end();
      });
    } finally {
      trace.setGlobalTracerProvider(provider);
      stage.instrumentation.setTracerProvider(trace.getTracerProvider());
    }
    const calls = await stage.telemetry.calls(2);
    const mine = stage.telemetry.spans.find(({ name }) => name === 'mine')?.spanContext().spanId;
    expect(calls.map(({ span }) => span.parentSpanContext?.spanId)).toEqual([undefined, mine]);
    expect(calls.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  });

  test('a client that has found its provider has one call span, also once that is registered no more', async () => {
    const provider = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate();
    stage.instrumentation.manuallyInstrument(sdk.default);
    stage.instrumentation.setTracerProvider(provider);
    const client = stage.client(sdk);
    await client.messages.create(REQUEST);
    trace.disable();
    try {
      await client.messages.create(REQUEST);
    } finally {
      trace.setGlobalTracerProvider(provider);
      stage.instrumentation.setTracerProvider(trace.getTracerProvider());
    }
    const calls = await stage.telemetry.calls(2);
    expect(calls.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
    expect(stage.telemetry.spans).toHaveLength(4);
  });

  if (build.has.nativeSpans) {
    test.each([
      ['does not sample', new BasicTracerProvider({ sampler: new AlwaysOffSampler() })],
      ['does nothing', new ProxyTracerProvider().getDelegate()],
    ])(
      'a client’s own provider that %s decides, also where none is registered',
      async (_what, tracerProvider) => {
        const global = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate();
        const exporter = new InMemorySpanExporter();
        const spanProcessors = [new SimpleSpanProcessor(exporter)];
        stage.instrumentation.manuallyInstrument(sdk.default);
        stage.instrumentation.setTracerProvider(
          new BasicTracerProvider({ sampler: new AlwaysOnSampler(), spanProcessors }),
        );
        trace.disable();
        try {
          await stage.client(sdk, { openTelemetry: { tracerProvider } }).messages.create(REQUEST);
        } finally {
          trace.setGlobalTracerProvider(global);
          stage.instrumentation.setTracerProvider(trace.getTracerProvider());
        }
        expect(exporter.getFinishedSpans()).toEqual([]);
      },
    );
  }

  test('a class, its module, and a client of it can be given', async () => {
    for (const target of [sdk.default, sdk, stage.client(sdk)]) {
      stage.instrumentation.disable();
      expect(stage.instrumentation.manuallyInstrument(target)).toBe(true);
      expect(await attemptsOfOneCall()).toBe(1);
    }
  });

  test('given twice, it is instrumented once', async () => {
    stage.instrumentation.manuallyInstrument(sdk.default);
    const once = methodsOf(sdk);
    stage.instrumentation.manuallyInstrument(sdk);
    expect(methodsOf(sdk)).toEqual(once);
    await stage.client(sdk).messages.create(REQUEST);
    const { attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(1);
  });

  test('two instrumentations on one class: one span for one call', async () => {
    const second = new AnthropicInstrumentation();
    stage.instrumentation.manuallyInstrument(sdk.default);
    second.manuallyInstrument(sdk.default);
    await stage.client(sdk).messages.create(REQUEST);
    const { attempts } = await stage.telemetry.call();
    expect(attempts).toHaveLength(1);
    second.disable();
    expect(await attemptsOfOneCall()).toBe(1);
  });

  test('another wrapper over ours survives our leaving', async () => {
    stage.instrumentation.manuallyInstrument(sdk.default);
    const prototype = Object.getPrototypeOf(sdk.default.prototype) as Record<string, unknown>;
    const owner = Object.hasOwn(prototype, 'makeRequest')
      ? prototype
      : (sdk.default.prototype as unknown as typeof prototype);
    const ours = owner['makeRequest'] as (...args: unknown[]) => unknown;
    let seen = 0;
    owner['makeRequest'] = function (this: unknown, ...args: unknown[]) {
      seen += 1;
      return ours.apply(this, args);
    };
    expect(await attemptsOfOneCall()).toBe(1);
    stage.instrumentation.disable();
    expect(await attemptsOfOneCall()).toBe(0);
    expect(seen).toBe(2);
    owner['makeRequest'] = originals.find(
      (method) => (method as { name?: string } | undefined)?.name === 'makeRequest',
    );
    expect(methodsOf(sdk)).toEqual(originals);
  });

  test('disabled while a call sleeps before its retry: the call ends well, and its span too', async () => {
    stage.instrumentation.manuallyInstrument(sdk.default);
    stage.api.enqueue(reply.error(529), reply.message());
    const client = stage.client(sdk, {}, () => {
      stage.instrumentation.disable();
      return 1;
    });
    const message = await client.messages.create(REQUEST);
    expect(message.type).toBe('message');
    const { span } = await stage.telemetry.call();
    expect(span.attributes['http.response.status_code']).toBe(200);
  });
});

describe('both builds in one process', () => {
  test.each(['0.39.0', '0.91.1', NEWEST_SDK] as const)('SDK %s: each is patched once', async (version) => {
    const builds = SDK_BUILDS.filter((build) => build.version === version);
    for (const build of builds) {
      const sdk = await stage.load(build);
      stage.telemetry.reset();
      stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
      await stage.client(sdk).messages.create(REQUEST);
      const { attempts } = await stage.telemetry.call();
      expect(attempts).toHaveLength(2);
    }
  });
});

test('is enabled and configured as it is told, whatever that is', () => {
  const areEnabled = [undefined, {}, null, { enabled: false }].map((config) => {
    const instrumentation = new AnthropicInstrumentation(config as object | undefined);
    const isEnabled = instrumentation.isEnabled();
    instrumentation.disable();
    return isEnabled;
  });
  expect(areEnabled).toEqual([true, true, true, false]);
  stage.instrumentation.setConfig({ enabled: false, maxContentLength: 3 });
  expect(stage.instrumentation.getConfig()).toEqual({ enabled: false, maxContentLength: 3 });
  stage.instrumentation.setConfig({ enabled: false });
});

describe('what is no SDK', () => {
  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['an object', {}],
    ['a class', Map],
    ['a function', () => {}],
    [
      'a thing that throws when it is looked at',
      new Proxy(
        {},
        {
          get() {
            throw new EvalError('looked at');
          },
          getPrototypeOf() {
            throw new EvalError('looked at');
          },
        },
      ),
    ],
  ])('%s is refused without harm, and in one line', (_what, target) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(stage.instrumentation.manuallyInstrument(target)).toBe(false);
    expect(write.mock.calls).toEqual([[expect.stringMatching(/^[^\n]*manuallyInstrument[^\n]*\n$/)]]);
    write.mockRestore();
  });

  test('a class whose shape does not fit is left alone, and another instrumentation is not told it is done', () => {
    class Odd {
      makeRequest(): string {
        return 'mine';
      }
    }
    const { makeRequest } = Odd.prototype;
    expect(stage.instrumentation.manuallyInstrument(Odd)).toBe(false);
    expect(Odd.prototype.makeRequest).toBe(makeRequest);
    expect(Object.getOwnPropertySymbols(Odd.prototype)).toEqual([]);
  });

  test.each([
    ['with fewer parameters than the SDK’s are left alone', (one: unknown) => one, false],
    ['that name no parameters, as those of another wrapper, are wrapped', (...all: unknown[]) => all, true],
  ])('methods %s', (_what, method, expected) => {
    const methods = ['makeRequest', 'request', 'requestAPIList', 'fetchWithTimeout', 'retryRequest'];
    const prototype = Object.fromEntries(methods.map((name) => [name, method]));
    expect(stage.instrumentation.manuallyInstrument(Object.create(prototype))).toBe(expected);
    expect(Object.values(prototype).every((now) => now === method)).toBe(!expected);
  });

  test('a call of an SDK that fails before it begins leaves nothing open', async () => {
    const [build] = SDK_BUILDS.slice(-1);
    if (!build) throw new Error('a build');
    const sdk = await stage.load(build);
    await rejection(stage.client(sdk).request(Promise.reject(new TypeError('mine'))));
    stage.instrumentation.endOpenCalls();
    expect(stage.telemetry.spans).toEqual([]);
  });
});
