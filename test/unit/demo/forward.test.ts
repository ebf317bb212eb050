import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { forwardOtlp } from '../../../src/cli/demo/forward.ts';
import { startTestReceiver, type OtlpReceiver, type OtlpRequest } from '../../support/otlp.ts';

const BODY = gzipSync(
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'forwarded' }] }] }] }),
);

let source: OtlpReceiver;
let target: OtlpReceiver;

beforeEach(async () => {
  [source, target] = await Promise.all([startTestReceiver(), startTestReceiver()]);
  await fetch(`${source.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: BODY,
  });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([source.close(), target.close()]);
});

test('forwards path, type, encoding and bytes as they came', async () => {
  expect(await forwardOtlp(source.requests, new URL(`${target.url}/`))).toBeUndefined();
  expect(target.spans()).toMatchObject([{ name: 'forwarded' }]);
  const [request] = target.requests;
  expect(request).toMatchObject({ path: '/v1/traces', contentType: 'application/json' });
  expect(request?.rawBody).toEqual(BODY);
});

test('keeps the path of the endpoint', async () => {
  expect(await forwardOtlp(source.requests, new URL(`${target.url}/base/`))).toBe(
    `${target.url}/base/v1/traces answered 404 Not Found`,
  );
});

test('leaves out what an endpoint of traces alone has no path for', async () => {
  const paths: string[] = [];
  const jaeger = createServer((request, response) => {
    const { url = '' } = request;
    paths.push(url);
    response.writeHead(url === '/v1/traces' ? 200 : 404).end();
  });
  await once(jaeger.listen(0, '127.0.0.1'), 'listening');
  const { port } = jaeger.address() as AddressInfo;
  const [traces] = source.requests as [OtlpRequest];
  const requests = ['/v1/logs', '/v1/metrics', '/v1/traces'].map((path) => ({ ...traces, path }));
  expect(await forwardOtlp(requests, new URL(`http://127.0.0.1:${port}`))).toBeUndefined();
  expect(paths).toEqual(['/v1/logs', '/v1/metrics', '/v1/traces']);
  jaeger.close();
});

test('says nothing of the query, which may hold a key', async () => {
  const failure = await forwardOtlp(source.requests, new URL(`${target.url}/base?api_key=word`));
  expect(failure).toBe(`${target.url}/base/v1/traces answered 404 Not Found`);
});

test('reports a refusal in one line', async () => {
  target.setStatus(503);
  expect(await forwardOtlp(source.requests, new URL(target.url))).toBe(
    `${target.url}/v1/traces answered 503 Service Unavailable`,
  );
});

test('reports in one line that nobody listens', async () => {
  await target.close();
  const failure = await forwardOtlp(source.requests, new URL(target.url));
  expect(failure).toMatch(/^http:.+\/v1\/traces could not be reached: connect ECONNREFUSED .+$/);
});

test('sends the headers of the variables to the origin that these name', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `${target.url}/otlp`);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer%20hunter2,Content-Type=text/plain');
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x-dataset=demo');
  expect(await forwardOtlp(source.requests, new URL(target.url))).toBeUndefined();
  expect(target.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer hunter2',
    'content-type': 'application/json',
    'x-dataset': 'demo',
  });
});

test.each([
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
])('sends them nowhere else, and says so where they may be missing: %i', async (status, word) => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', source.url);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer%20hunter2');
  target.setStatus(status);
  const advice = '; OTEL_EXPORTER_OTLP_HEADERS is sent along only where ';
  expect(await forwardOtlp(source.requests, new URL(target.url))).toContain(
    `/v1/traces answered ${status} ${word}${advice}`,
  );
  expect(target.requests[0]?.headers).not.toHaveProperty('authorization');
});

test('follows no redirect, by which they would go elsewhere', async () => {
  const elsewhere = createServer((_request, response) => {
    response.writeHead(307, { location: `${target.url}/v1/traces` }).end();
  });
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  expect(await forwardOtlp(source.requests, new URL(url))).toBe(
    `${url}/v1/traces answered 307 Temporary Redirect`,
  );
  expect(target.requests).toEqual([]);
  elsewhere.close();
});

test('shows no header that cannot be sent', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', target.url);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-key=hunter2%0Ahunter2');
  const failure = await forwardOtlp(source.requests, new URL(target.url));
  expect(failure).toBe('OTEL_EXPORTER_OTLP_HEADERS holds what no header can');
});
