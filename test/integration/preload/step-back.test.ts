import { describe, expect, it } from 'vitest';
import type { OtlpReceiver } from '../../support/otlp.ts';
import { application, CALL_SPANS, withScene } from './scene.ts';

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

  it('has that alone when it is started before the preload', async () => {
    await withScene(async ({ run, receiver }) => {
      const source = `
        import { NodeSDK } from '${import.meta.resolve('@opentelemetry/sdk-node')}';
        const sdk = new NodeSDK({ serviceName: 'own' });
        sdk.start();
        process.once('beforeExit', () => sdk.shutdown());`;
      const setUp = `data:text/javascript,${encodeURIComponent(source)}`;
      const register = new URL('../../../dist/register.js', import.meta.url).href;
      const preload = ['--import', setUp, '--import', register];
      const { code, stderr } = await run(application(TRACED_CALL), { preload });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(telemetryOf(receiver, isOurs)).toEqual(NOTHING);
      expect(telemetryOf(receiver, isOwn)).toEqual(ALL);
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
        await sdk.shutdown();`;
      const { stdout } = await run(OWN_SDK + application(body));
      expect(stdout).toBe(
        'ProxyTracerProvider,MeterProvider,AsyncLocalStorageContextManager,CompositePropagator TracerProvider\n',
      );
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
