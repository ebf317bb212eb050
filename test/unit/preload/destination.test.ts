import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Destination } from '../../../src/preload/otlp/destination.ts';
import { GrpcDestination } from '../../../src/preload/otlp/grpc-destination.ts';
import { otlpSetting } from '../../../src/preload/otlp/setting.ts';

const BODY = Buffer.from('batch');

const to = (env: Readonly<Record<string, string>>) => new GrpcDestination('metrics', env);

describe('where the exports of a signal go over HTTP', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is what the variables say: address, headers, compression and time', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'https://collector.test:4318');
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=one');
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '700');
    const destination = new Destination('logs', 'application/json');
    await new Promise(setImmediate);
    expect(destination.timeoutMs).toBe(700);
    expect(destination.address(BODY)).toMatchObject({
      url: 'https://collector.test:4318/v1/logs',
      headers: { 'Content-Type': 'application/json', 'x-tenant': 'one' },
      gzip: true,
      body: BODY,
    });
  });
});

describe('where the exports of a signal go over gRPC', () => {
  it('is the default address where no variable says', () => {
    expect(to({}).timeoutMs).toBe(10_000);
    expect(to({}).address(BODY)).toEqual({
      url: 'http://localhost:4317',
      rpc: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
      headers: {},
      gzip: false,
      tls: {},
      body: BODY,
    });
  });

  it.each([
    ['collector.test:4317', {}, 'https://collector.test:4317'],
    ['collector.test:4317', { OTEL_EXPORTER_OTLP_INSECURE: 'TRUE' }, 'http://collector.test:4317'],
    ['grpc://collector.test:4317', { OTEL_EXPORTER_OTLP_INSECURE: 'false' }, 'https://collector.test:4317'],
    ['http://collector.test:4317', { OTEL_EXPORTER_OTLP_INSECURE: 'false' }, 'http://collector.test:4317'],
  ])('has TLS where its scheme, or else a variable, says so: %s with %j', (endpoint, env, url) => {
    expect(to({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env }).address(BODY).url).toBe(url);
  });

  it('has the headers of all signals and of its own, which come first, and passes over a time that is none', () => {
    const destination = to({
      OTEL_EXPORTER_OTLP_HEADERS: 'X-Tenant=one,x-all=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'X-Tenant=two',
      OTEL_EXPORTER_OTLP_TIMEOUT: '0',
    });
    expect(destination.address(BODY).headers).toEqual({ 'x-tenant': 'two', 'x-all': '1' });
    expect(destination.timeoutMs).toBe(10_000);
  });

  it('has the certificates that can be read, ours with its key alone, and none without TLS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'destination-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'pem');
    await writeFile(file, 'PEM');
    const read = Buffer.from('PEM');
    const tlsOf = (ca: string, key: string, scheme = 'https') =>
      to({
        OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://collector.test`,
        OTEL_EXPORTER_OTLP_CERTIFICATE: ca,
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file,
        OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
      }).address(BODY).tls;
    expect(tlsOf(file, file)).toEqual({ ca: read, cert: read, key: read });
    expect(tlsOf(file, join(folder, 'none'))).toEqual({ ca: read });
    expect(tlsOf(join(folder, 'none'), file)).toEqual({ cert: read, key: read });
    expect(tlsOf(file, file, 'http')).toEqual({});
  });
});

describe('a setting of OTLP', () => {
  it('is that of the signal, else that of all, and blanks are none', () => {
    const env = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: ' ', OTEL_EXPORTER_OTLP_ENDPOINT: ' http://a.test ' };
    const found = { value: 'http://a.test', variable: 'OTEL_EXPORTER_OTLP_ENDPOINT' };
    expect(otlpSetting('logs', 'ENDPOINT', env)).toEqual(found);
    expect(otlpSetting('logs', 'TIMEOUT', env)).toEqual({ value: undefined, variable: undefined });
  });
});
