import {
  context,
  diag,
  DiagLogLevel,
  metrics,
  trace,
  type Context,
  type ContextManager,
  type Meter,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AlwaysOnSampler, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, readAll, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';

/** What is broken at the moment. */
const broken = new Set<string>();
function breakIf(part: string): void {
  if (broken.has(part)) throw new EvalError(`${part} is broken`);
}

const processor: SpanProcessor = {
  onStart: () => breakIf('onStart'),
  onEnd: () => breakIf('onEnd'),
  forceFlush: async () => {},
  shutdown: async () => {},
};
const stage = setStage({
  processors: [processor],
  sampler: {
    shouldSample: () => {
      breakIf('the sampler');
      return new AlwaysOnSampler().shouldSample();
    },
    toString: () => 'breaks',
  },
});

const noMeter = (): never => {
  throw new EvalError('no meter');
};
const log = (): void => breakIf('the diagnostic logger');
const nothingToUndo = (): void => {};

/** Every part of the application's OpenTelemetry set-up that can throw, and how to put it in. */
const PARTS: Readonly<Record<string, () => () => void>> = {
  onStart: () => () => {},
  onEnd: () => () => {},
  'the sampler': () => () => {},
  'the tracer provider': () => {
    const own = trace.getTracerProvider();
    stage.instrumentation.setTracerProvider({
      getTracer: () => ({
        startSpan: () => {
          throw new EvalError('no span');
        },
        startActiveSpan: () => {
          throw new EvalError('no span');
        },
      }),
    });
    return () => stage.instrumentation.setTracerProvider(own);
  },
  'the spans of the tracer provider': () => {
    const own = trace.getTracerProvider();
    const span = new Proxy(
      {},
      {
        get: () => () => {
          throw new EvalError('no span');
        },
      },
    );
    stage.instrumentation.setTracerProvider({ getTracer: () => ({ startSpan: () => span }) } as never);
    return () => stage.instrumentation.setTracerProvider(own);
  },
  'a span that cannot say whether it records': () => {
    const own = trace.getTracerProvider();
    stage.instrumentation.setTracerProvider({
      getTracer: (...scope: [string]) => ({
        startSpan: (...args: [string]) =>
          Object.assign(own.getTracer(...scope).startSpan(...args), {
            isRecording: () => {
              throw new EvalError('not known');
            },
          }),
      }),
    } as never);
    return () => stage.instrumentation.setTracerProvider(own);
  },
  'the meter': () => {
    const meter = new Proxy({}, { get: () => noMeter }) as Meter;
    stage.instrumentation.setMeterProvider({ getMeter: () => meter });
    return () => stage.instrumentation.setMeterProvider(metrics.getMeterProvider());
  },
  'the instruments of the meter': () => {
    const instrument = new Proxy(
      {},
      {
        get: (_target, name) => () => {
          if (name !== 'addCallback' && name !== 'removeCallback') throw new EvalError('no instrument');
        },
      },
    );
    const meter = new Proxy({}, { get: () => () => instrument }) as Meter;
    stage.instrumentation.setMeterProvider({ getMeter: () => meter });
    return () => stage.instrumentation.setMeterProvider(metrics.getMeterProvider());
  },
  'the context manager': () => {
    class Broken extends AsyncLocalStorageContextManager implements ContextManager {
      override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
        next: Context,
        run: F,
        self?: ThisParameterType<F>,
        ...args: A
      ): ReturnType<F> {
        if (next === super.active()) return super.with(next, run, self, ...args);
        throw new EvalError('no context');
      }
    }
    context.disable();
    context.setGlobalContextManager(new Broken().enable());
    return restoreContexts;
  },
  'a context manager that knows no active context': () => {
    class Lost extends AsyncLocalStorageContextManager implements ContextManager {
      override active(): never {
        throw new EvalError('no active context');
      }
    }
    context.disable();
    context.setGlobalContextManager(new Lost().enable());
    return restoreContexts;
  },
  'a context manager that runs nothing': () => {
    class Silent extends AsyncLocalStorageContextManager implements ContextManager {
      override with(): never {
        return undefined as never;
      }
    }
    context.disable();
    context.setGlobalContextManager(new Silent().enable());
    return restoreContexts;
  },
  'a context manager that runs twice': () => {
    class Twice extends AsyncLocalStorageContextManager implements ContextManager {
      override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
        next: Context,
        run: F,
        self?: ThisParameterType<F>,
        ...args: A
      ): ReturnType<F> {
        super.with(next, run, self, ...args);
        return super.with(next, run, self, ...args);
      }
    }
    context.disable();
    context.setGlobalContextManager(new Twice().enable());
    return restoreContexts;
  },
  'no context manager': () => {
    context.disable();
    return restoreContexts;
  },
  'the diagnostic logger': () => {
    // It breaks once it is in: what registers it logs that it did.
    diag.setLogger({ debug: log, verbose: log, info: log, warn: log, error: log }, DiagLogLevel.ALL);
    for (const part of ['onStart', 'onEnd', 'the sampler']) broken.add(part);
    return () => diag.disable();
  },
};

function restoreContexts(): void {
  context.disable();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** With these the SDK from 0.134 on fails, or sends twice, without us too: it calls `context.with` itself. */
const NATIVE_BREAKS = new Set([
  'a context manager that knows no active context',
  'a context manager that runs nothing',
  'a context manager that runs twice',
  'the context manager',
]);

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  let client: Anthropic;
  let undo = nothingToUndo;
  beforeAll(async () => {
    sdk = await stage.load(build);
    client = stage.client(sdk);
  });
  afterEach(() => {
    broken.clear();
    undo();
    undo = nothingToUndo;
    stage.instrumentation.endOpenCalls();
  });

  test.each(Object.keys(PARTS).filter((part) => !build.has.nativeSpans || !NATIVE_BREAKS.has(part)))(
    'broken: %s. The application gets what it would get',
    async (part) => {
      undo = PARTS[part]?.() ?? undo;
      broken.add(part);
      const before = stage.api.requests.length;
      stage.api.enqueue(reply.error(529, { headers: AT_ONCE }), reply.message({ id: 'msg_1' }));
      const message = await client.messages.create(REQUEST);
      expect(message.id).toBe('msg_1');

      const events = await readAll(await client.messages.create({ ...REQUEST, stream: true }));
      expect(events.map(({ type }) => type)).toContain('message_stop');
      expect((await client.messages.stream(REQUEST).finalMessage()).type).toBe('message');

      for await (const event of await client.messages.create({ ...REQUEST, stream: true })) {
        if (event.type === 'message_start') break;
      }

      stage.api.enqueue(
        reply.error(400),
        reply.error(529, { headers: AT_ONCE }),
        reply.error(529, { headers: AT_ONCE }),
      );
      expect(await rejection(client.messages.create(REQUEST))).toBeInstanceOf(sdk.BadRequestError);
      const overloaded = await rejection(client.messages.create(REQUEST, { maxRetries: 1 }));
      expect(overloaded).toBeInstanceOf(sdk.InternalServerError);
      expect(overloaded['status']).toBe(529);
      expect(
        await rejection(client.messages.create(REQUEST, { signal: AbortSignal.abort() })),
      ).toBeInstanceOf(sdk.APIUserAbortError);
      expect((await client.messages.create(REQUEST).withResponse()).response.status).toBe(200);
      expect((await client.messages.create(REQUEST).asResponse()).status).toBe(200);
      expect((await readAll(client.models.list({ limit: 3 }))).length).toBe(5);
      expect(stage.api.requests.length - before).toBe(12);
    },
  );

  test('without a context manager the spans still make a tree', async () => {
    undo = PARTS['no context manager']?.() ?? undo;
    stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
    await Promise.all([client.messages.create(REQUEST), client.models.list()]);
    const calls = await stage.telemetry.calls(2);
    expect(calls.flatMap(({ attempts }) => attempts)).toHaveLength(3);
  });
});
