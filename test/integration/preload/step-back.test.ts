import { describe, expect, it } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { closedPort } from '../../support/servers.ts';
import type { OtlpReceiver } from '../../support/otlp.ts';
import { application, CALL_SPANS, countedCalls, withScene } from './scene.ts';

/** Starts an OpenTelemetry SDK of the application, which shows what is logged as an error. */
const OWN_SDK = `
import { diag, DiagConsoleLogger, DiagLogLevel, context, metrics, propagation } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
let sdk;
function startOwnSdk() {
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);
  sdk = new NodeSDK({ serviceName: 'own' });
  sdk.start();
}
`;

const TRACED_CALL = `await tracer.startActiveSpan('work', async (span) => { await call(); span.end(); });`;

/** Node's flags that run a set-up of the application, and then the preload. */
function preloadAfter(source: string): readonly string[] {
  const register = new URL('../../../dist/register.js', import.meta.url).href;
  return ['--import', `data:text/javascript,${encodeURIComponent(source)}`, '--import', register];
}

/** The names of a service's spans, and how many traces they are in. */
function telemetryOf(receiver: OtlpReceiver, service: (name: unknown) => boolean) {
  const spans = receiver.spans().filter(({ resource }) => service(resource['service.name']));
  const points = receiver.metrics().filter(({ resource }) => service(resource['service.name']));
  return {
    spans: spans.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1)),
    traces: new Set(spans.map(({ traceId }) => traceId)).size,
    hasMetrics: points.some(({ name }) => name === 'gen_ai.client.operation.duration'),
  };
}

const isOwn = (name: unknown): boolean => name === 'own';
const isOurs = (name: unknown): boolean => !isOwn(name);

const ALL = { spans: [...CALL_SPANS, 'work'], traces: 1, hasMetrics: true };
const NOTHING = { spans: [], traces: 0, hasMetrics: false };

describe('an application with an OpenTelemetry SDK of its own', () => {
  it.each([
    ['before its first call', `startOwnSdk(); ${TRACED_CALL} await sdk.shutdown();`, NOTHING, ALL],
    ['after a call', `${TRACED_CALL} startOwnSdk(); ${TRACED_CALL} await sdk.shutdown();`, ALL, ALL],
    [
      'after it cleared what was registered',
      `${TRACED_CALL} trace.disable(); metrics.disable(); startOwnSdk(); ${TRACED_CALL} await sdk.shutdown();`,
      ALL,
      ALL,
    ],
    [
      'after it cleared everything, before its first call',
      `for (const api of [trace, metrics, context, propagation]) api.disable(); startOwnSdk(); ${TRACED_CALL} await sdk.shutdown();`,
      NOTHING,
      ALL,
    ],
  ])('has that alone, when it starts it %s', async (_when, body, ours, own) => {
    await withScene(async ({ run, receiver }) => {
      const { code, stderr } = await run(OWN_SDK + application(body));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(telemetryOf(receiver, isOurs)).toEqual(ours);
      expect(telemetryOf(receiver, isOwn)).toEqual(own);
    });
  });

  it.each([
    ['at once', ''],
    ['after some promises', 'for (let turn = 0; turn < 12; turn += 1) await null;'],
    ['in the next turn', 'await new Promise(setImmediate);'],
    ['a little later', 'for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);'],
  ])('loses nothing of before where it exits %s', async (_when, wait) => {
    await withScene(async ({ run, receiver }) => {
      const body = `${TRACED_CALL} tracer.startSpan('last').end(); startOwnSdk(); ${wait} process.exit(3);`;
      const { code, stderr } = await run(OWN_SDK + application(body));
      expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
      expect(telemetryOf(receiver, isOurs)).toEqual({
        spans: [...CALL_SPANS, 'last', 'work'],
        traces: 2,
        hasMetrics: true,
      });
      expect(countedCalls(receiver)).toBe(1);
    });
  });

  it('gives the port of the Prometheus exporter back at once', async () => {
    await withScene(async ({ run }) => {
      const body = `
        const { createServer } = await import('node:net');
        const { once } = await import('node:events');
        const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
        await call();
        trace.setGlobalTracerProvider(new BasicTracerProvider());
        const server = createServer().listen(process.env.OTEL_EXPORTER_PROMETHEUS_PORT, '127.0.0.1');
        await once(server, 'listening');
        server.close();`;
      const env = {
        OTEL_METRICS_EXPORTER: 'prometheus',
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(await closedPort()),
      };
      expect(await run(application(body), { env })).toMatchObject({ code: 0, stderr: '' });
    });
  });

  it('has that alone when it is started before the preload', async () => {
    await withScene(async ({ run, receiver }) => {
      const source = `
        import { NodeSDK } from '${import.meta.resolve('@opentelemetry/sdk-node')}';
        const sdk = new NodeSDK({ serviceName: 'own' });
        sdk.start();
        process.once('beforeExit', () => sdk.shutdown());`;
      const preload = preloadAfter(source);
      const { code, stderr } = await run(application(TRACED_CALL), { preload });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(telemetryOf(receiver, isOurs)).toEqual(NOTHING);
      expect(telemetryOf(receiver, isOwn)).toEqual(ALL);
    });
  });

  it('has no spans of ours where it registered metrics alone before the preload', async () => {
    await withScene(async ({ run, receiver }) => {
      const source = `
        import { metrics } from '${import.meta.resolve('@opentelemetry/api')}';
        import { MeterProvider } from '${import.meta.resolve('@opentelemetry/sdk-metrics')}';
        metrics.setGlobalMeterProvider(new MeterProvider());`;
      const result = await run(application(TRACED_CALL), { preload: preloadAfter(source) });
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(receiver.requests).toEqual([]);
    });
  });

  it('that is started before the preload has the calls that are open when it exits', async () => {
    await withScene(async ({ run, api }) => {
      api.setDefault(() => reply.hang());
      const source = `
        import { writeSync } from 'node:fs';
        import { trace } from '${import.meta.resolve('@opentelemetry/api')}';
        import { BasicTracerProvider } from '${import.meta.resolve('@opentelemetry/sdk-trace-base')}';
        const onEnd = ({ name, attributes }) => writeSync(1, name + ' ' + attributes['anthropic.call.ended_by'] + ' ');
        const printing = { onStart: () => {}, onEnd, forceFlush: async () => {}, shutdown: async () => {} };
        trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [printing] }));`;
      const body = `
        const fetchAndExit = (...request) => {
          setImmediate(() => process.exit(0));
          return fetch(...request);
        };
        void client.withOptions({ fetch: fetchAndExit }).models.list();`;
      const { stdout } = await run(application(body), { preload: preloadAfter(source) });
      expect(stdout).toContain('anthropic.models.list flush');
    });
  });

  it('leaves nothing of ours registered', async () => {
    await withScene(async ({ run }) => {
      const body = `
        await call();
        startOwnSdk();
        const registered = globalThis[Symbol.for('opentelemetry.js.api.1')];
        const names = ['trace', 'metrics', 'context', 'propagation'].map((kind) => registered[kind].constructor.name);
        console.log(names.join(), registered.trace.getDelegate().constructor.name);
        // As soon as what was ended before has been sent.
        while (process.listenerCount('SIGTERM') > 0) await new Promise(setImmediate);
        await sdk.shutdown();`;
      const { stdout } = await run(OWN_SDK + application(body));
      expect(stdout).toBe(
        'ProxyTracerProvider,MeterProvider,AsyncLocalStorageContextManager,CompositePropagator TracerProvider\n',
      );
    });
  });

  it('goes on where it registers metrics alone, and has its spans once it registers traces too', async () => {
    await withScene(async ({ run }) => {
      const body = `
        const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
        const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
        metrics.setGlobalMeterProvider(new MeterProvider());
        const early = trace.getTracer('early');
        ${TRACED_CALL}
        early.startSpan('lost').end();
        const exporter = new InMemorySpanExporter();
        trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
        ${TRACED_CALL}
        early.startSpan('early').end();
        console.log(exporter.getFinishedSpans().map(({ name }) => name).sort().join());`;
      const { code, stdout, stderr } = await run(OWN_SDK + application(body));
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: `${[...CALL_SPANS, 'early', 'work'].join()}\n`,
        stderr: '',
      });
    });
  });

  it('is told where its version of the API registers nothing beside another', async () => {
    await withScene(async ({ run }) => {
      const body = `
        const { createRequire } = await import('node:module');
        const { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = await import('node:fs');
        const { dirname, join } = await import('node:path');
        const { tmpdir } = await import('node:os');
        const require = createRequire(import.meta.url);
        const source = join(dirname(require.resolve('@opentelemetry/api')), '..', '..');
        const folder = mkdtempSync(join(tmpdir(), 'other-api-'));
        cpSync(source, folder, { recursive: true });
        const version = join(folder, 'build', 'src', 'version.js');
        writeFileSync(version, readFileSync(version, 'utf8').replace(/VERSION = '[^']*'/, "VERSION = '1.9.99'"));
        const other = require(join(folder, 'build', 'src', 'index.js'));
        rmSync(folder, { recursive: true });
        const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
        console.log(other.trace.setGlobalTracerProvider(new BasicTracerProvider()));
        await call();`;
      const { code, stdout, stderr } = await run(application(body));
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'false\n' });
      expect(stderr).toMatch(
        /^opentelemetry-instrumentation-anthropic: .* trace provider was not registered.*\n$/,
      );
    });
  });

  it('may put any registry in the place of the API’s', async () => {
    await withScene(async ({ run }) => {
      const body = `
        globalThis[Symbol.for('opentelemetry.js.api.1')] = Object.freeze({});
        await call();`;
      expect(await run(application(body))).toMatchObject({ code: 0, stderr: '' });
    });
  });

  it('keeps ours where it registers a propagator alone', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        const inject = () => {};
        const registered = propagation.setGlobalPropagator({ inject, extract: (c) => c, fields: () => ['own'] });
        console.log(registered, propagation.fields().join());
        ${TRACED_CALL}`;
      const { stdout, stderr } = await run(OWN_SDK + application(body));
      expect({ stdout, stderr }).toEqual({ stdout: 'true own\n', stderr: '' });
      expect(telemetryOf(receiver, isOurs)).toEqual(ALL);
    });
  });

  it('may set a diagnostic logger, which changes nothing', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN); ${TRACED_CALL}`;
      const { code, stderr } = await run(OWN_SDK + application(body));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(telemetryOf(receiver, isOurs)).toEqual(ALL);
    });
  });
});
