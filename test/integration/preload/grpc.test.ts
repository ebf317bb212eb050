import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { startGrpcReceiver } from '../../support/grpc-receiver.ts';
import { closedPort } from '../../support/servers.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { application, CALL_SPANS, countedCalls, spanNames, withScene } from './scene.ts';

const EXIT_IN_HANDLER = `
  setInterval(() => {}, 1000);
  process.on('SIGTERM', () => process.exit(7));
  process.kill(process.pid, 'SIGTERM');`;

/** Runs a script whose telemetry goes to the scene's receiver over gRPC. */
function grpcScene(
  play: (
    scene: Parameters<Parameters<typeof withScene>[0]>[0] & {
      readonly metadata: readonly Readonly<Record<string, unknown>>[];
      readonly endpoint: string;
    },
  ) => Promise<void>,
): Promise<void> {
  return withScene(async (scene) => {
    const grpc = await startGrpcReceiver(scene.receiver);
    const endpoint = `http://127.0.0.1:${grpc.port}`;
    try {
      await play({
        ...scene,
        metadata: grpc.metadata,
        endpoint,
        run: (script, { env, ...options } = {}) =>
          scene.run(script, {
            env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env },
            ...options,
          }),
      });
    } finally {
      await grpc.close();
    }
  });
}

describe('leaving, with exporters that speak gRPC', () => {
  it.each([
    [
      'a signal that nobody listens for',
      "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);",
    ],
    [
      'SIGKILL, after a flush',
      "await trace.getTracerProvider().getDelegate().forceFlush(); process.kill(process.pid, 'SIGKILL');",
    ],
  ])('by %s sends what is left, also where there are spans alone', async (_way, body) => {
    await grpcScene(async ({ run, receiver }) => {
      const env = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
      expect((await run(application(`await call(); ${body}`), { env })).signal).toMatch(/^SIG(?:TERM|KILL)$/);
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it('goes to a Unix socket, and to no host of its name', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'unix:///nowhere.invalid/otlp.sock' };
    await grpcScene(async ({ run }) => {
      const { code, stderr } = await run(application('await call(); process.exit(4);'), { env });
      expect(code).toBe(4);
      expect(stderr).not.toMatch(/https?:/);
    });
  });

  it.each([
    { way: 'the end of the work', body: '', code: 0 },
    { way: 'process.exit()', body: 'process.exit(4);', code: 4 },
    { way: 'an uncaught exception', body: "setImmediate(() => { throw new TypeError('crash'); });", code: 1 },
    { way: 'process.exit() in its own handler of SIGTERM', body: EXIT_IN_HANDLER, code: 7 },
    {
      way: 'process.exit() at the end of the work',
      body: "process.on('beforeExit', () => process.exit(6));",
      code: 6,
    },
  ])('by $way sends what is left', async ({ body, code }) => {
    await grpcScene(async ({ run, receiver }) => {
      expect((await run(application(`await call(); ${body}`))).code).toBe(code);
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
      expect(countedCalls(receiver)).toBe(1);
    });
  });

  it('sends what is on its way and not answered', async () => {
    await grpcScene(async ({ run, receiver, api }) => {
      api.setDefault(() => reply.error(401));
      // A failure is exported at once.
      await run(application('await call().catch(() => setImmediate(() => process.exit(4)));'));
      expect(receiver.logs().map(({ eventName }) => eventName)).toContain('anthropic.call.failed');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it('sends the headers that the variables name, also where the endpoint has no scheme', async () => {
    await grpcScene(async ({ run, metadata, endpoint }) => {
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.replace('http://', ''),
        OTEL_EXPORTER_OTLP_INSECURE: 'true',
        OTEL_EXPORTER_OTLP_HEADERS: 'X-Tenant=a%20b,x-both=all',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-both=traces',
      };
      await run(application("tracer.startSpan('only').end(); process.exit(0);"), { env });
      const traces = metadata.filter((headers) => String(headers[':path']).includes('TraceService'));
      expect(traces.map((headers) => [headers['x-tenant'], headers['x-both']])).toEqual([['a b', 'traces']]);
    });
  });

  it('takes the certificate that the variable names', async () => {
    await withScene(async ({ run, receiver }) => {
      const tls = selfSigned();
      const grpc = await startGrpcReceiver(receiver, tls);
      const folder = mkdtempSync(join(tmpdir(), 'grpc-'));
      writeFileSync(join(folder, 'ca.pem'), tls.cert);
      try {
        const env = {
          OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
          OTEL_EXPORTER_OTLP_ENDPOINT: `localhost:${grpc.port}`,
          OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder, 'ca.pem'),
        };
        const { stderr } = await run(application('await call(); process.exit(4);'), { env });
        expect(stderr).toBe('');
        expect(spanNames(receiver)).toEqual(CALL_SPANS);
      } finally {
        await grpc.close();
        rmSync(folder, { recursive: true });
      }
    });
  });

  it('tells in one line of a receiver that is not there, also while the application runs', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await closedPort()}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    };
    await grpcScene(async ({ run }) => {
      const flush = 'await trace.getTracerProvider().getDelegate().forceFlush();';
      const { stdout, stderr } = await run(application(`await call(); ${flush} console.log('runs');`), {
        env,
      });
      expect(stdout).toBe('runs\n');
      expect(stderr).toMatch(/^\S+ telemetry cannot be sent to the OTLP receiver \(gRPC\)\. [^\n]+\n$/);
    });
  });

  it('is not held up by a receiver that does not answer, and says what is lost', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await withScene(async ({ run }) => {
      const env = {
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2',
        OTEL_ANTHROPIC_FLUSH_TIMEOUT: '300',
        // Whoever waited for it would be seen to.
        OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
      };
      for (const [body, expected] of [
        ['process.exit(4);', 4],
        ['', 0],
      ] as const) {
        const { code, stderr } = await run(application(`await call(); ${body}`), { env });
        expect(code).toBe(expected);
        expect(stderr).toContain(`telemetry cannot be sent to ${url} (timeout)`);
        expect(stderr).not.toContain('hunter2');
      }
    });
    await new Promise((resolve) => silent.close(resolve));
  });
});
