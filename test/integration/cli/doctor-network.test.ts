import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { closedPort, startProxy, startTls } from '../../support/servers.ts';
import { doctor, startWorld, type JsonResult, type World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const of = ({ findings }: JsonResult, check: string) => findings.filter((finding) => finding.check === check);

describe('the network', () => {
  test('a good one passes', async () => {
    const result = await doctor(world);
    expect(result.bad).toEqual([]);
    expect(result.code).toBe(0);
    expect(of(result, 'tcp')).toMatchObject([{ level: 'pass', facts: { port: world.api.port } }]);
  });

  test('a host that does not exist', async () => {
    const result = await doctor(world, { ANTHROPIC_BASE_URL: 'https://api.invalid' });
    expect(result.code).toBe(1);
    expect(of(result, 'address')).toMatchObject([
      { level: 'pass' },
      { level: 'fail', facts: { error_type: 'dns_error' }, runbook: 'collector/runbooks/connection.md' },
    ]);
    expect([...of(result, 'tcp'), ...of(result, 'tls')]).toMatchObject([
      { level: 'skip' },
      { level: 'skip' },
    ]);
    expect(of(result, 'requests')).toMatchObject([
      { level: 'fail', facts: { class: 'connection', hint: 'dns' } },
      { level: 'skip' },
    ]);
  });

  test('a closed port', async () => {
    const port = await closedPort();
    const result = await doctor(world, { ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` });
    expect(result.code).toBe(1);
    expect(of(result, 'tcp')).toMatchObject([
      { level: 'fail', facts: { code: 'ECONNREFUSED', error_type: 'connection_refused', port } },
    ]);
    expect(of(result, 'requests')[0]).toMatchObject({ level: 'fail', facts: { hint: 'refused' } });
  });

  test('a certificate that signs itself', async () => {
    const server = await startTls();
    const result = await doctor(world, { ANTHROPIC_BASE_URL: `https://localhost:${server.port}` });
    expect(result.code).toBe(1);
    const [finding] = of(result, 'tls');
    expect(finding).toMatchObject({
      level: 'fail',
      facts: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', chain: ['localhost'] },
    });
    expect(finding?.next).toContain('NODE_EXTRA_CA_CERTS');
    expect(of(result, 'requests')[0]).toMatchObject({ level: 'fail', facts: { hint: 'tls' } });
    await server.close();
  });

  test('the same certificate, trusted by NODE_EXTRA_CA_CERTS', async () => {
    const server = await startTls();
    const file = join(world.cwd, 'ca.pem');
    await writeFile(file, server.cert);
    const env = { ANTHROPIC_BASE_URL: `https://localhost:${server.port}`, NODE_EXTRA_CA_CERTS: file };
    const result = await doctor(world, env, ['--no-requests']);
    expect(of(result, 'tls')).toMatchObject([{ level: 'pass', facts: { chain: ['localhost'] } }]);
    await server.close();
  });

  test('the same certificate, with verification switched off', async () => {
    const server = await startTls();
    const env = { ANTHROPIC_BASE_URL: `https://localhost:${server.port}`, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const result = await doctor(world, env, ['--no-requests']);
    expect(of(result, 'tls').map(({ level }) => level)).toEqual(['warn', 'warn']);
    await server.close();
  });

  test('an expired certificate', async () => {
    const server = await startTls('210101000000Z');
    const result = await doctor(world, { ANTHROPIC_BASE_URL: `https://localhost:${server.port}` });
    expect(result.code).toBe(1);
    expect(of(result, 'tls')).toMatchObject([{ level: 'fail', facts: { code: 'CERT_HAS_EXPIRED' } }]);
    expect(of(result, 'tls')[0]?.meaning).toContain('has expired');
    await server.close();
  });

  test('https to a port that speaks http', async () => {
    const result = await doctor(world, { ANTHROPIC_BASE_URL: `https://127.0.0.1:${world.api.port}` });
    expect(of(result, 'tls')).toMatchObject([{ level: 'fail', facts: { error_type: 'tls_error' } }]);
  });

  test('a base URL that is none, ends with /v1, or holds credentials', async () => {
    const none = await doctor(world, { ANTHROPIC_BASE_URL: 'api.anthropic.com' }, ['--no-requests']);
    expect(of(none, 'address')).toMatchObject([{ level: 'fail' }]);
    const doubled = await doctor(world, {}, ['--no-requests', '--base-url', `${world.api.url}/v1`]);
    expect(of(doubled, 'address')[0]).toMatchObject({ level: 'warn', facts: { source: '--base-url' } });
    const withUser = await doctor(world, {}, ['--base-url', world.api.url.replace('//', '//user:hunter22@')]);
    expect(of(withUser, 'address')[0]).toMatchObject({
      level: 'fail',
      title: expect.stringContaining(`@127.0.0.1:${world.api.port}`) as string,
    });
    expect(JSON.stringify(withUser)).not.toContain('hunter22');
  });

  test.each([
    ['is none', () => 'zzz'],
    ['is of another kind', () => 'ftp://127.0.0.1/'],
    ['holds credentials', () => world.api.url.replace('//', '//user:hunter22@')],
  ])('nothing is sent to a base URL that %s', async (_what, url) => {
    const result = await doctor(world, {}, ['--base-url', url()]);
    expect(result.code).toBe(1);
    expect(of(result, 'address')).toMatchObject([{ level: 'fail' }]);
    expect(of(result, 'tcp')).toMatchObject([{ level: 'skip' }]);
    expect(of(result, 'requests')).toMatchObject([
      { level: 'skip', title: 'No request was sent: the base URL is not one that can be requested' },
    ]);
    expect(of(result, 'clock')).toMatchObject([{ level: 'skip' }]);
    expect(result.requests).toEqual([]);
  });

  test('a proxy that asks for a password', async () => {
    const proxy = await startProxy('407 Proxy Authentication Required');
    const env = {
      ANTHROPIC_BASE_URL: 'https://api.invalid',
      HTTPS_PROXY: `http://user:hunter22@127.0.0.1:${proxy.port}`,
    };
    const result = await doctor(world, env, ['--no-requests']);
    expect(result.code).toBe(1);
    expect(of(result, 'proxy').find(({ level }) => level === 'fail')).toMatchObject({
      title: expect.stringContaining('407') as string,
      facts: { variable: 'HTTPS_PROXY', status: 407, error_type: 'proxy_error' },
      runbook: 'collector/runbooks/connection.md',
    });
    expect(proxy.asked).toEqual(['api.invalid:443']);
    expect(JSON.stringify(result)).not.toContain('hunter22');
    await proxy.close();
  });

  test('says that this Node does not go by the proxy, and leaves out what NO_PROXY takes out', async () => {
    const proxy = await startProxy('200 OK');
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    const used = await doctor(world, env, ['--no-requests']);
    expect(of(used, 'proxy').map(({ level }) => level)).toEqual(['warn', 'pass']);
    const exempt = await doctor(world, { ...env, NO_PROXY: '127.0.0.1' }, ['--no-requests']);
    expect(of(exempt, 'proxy').map(({ level }) => level)).toEqual(['pass']);
    await proxy.close();
  });

  test('a proxy that is no URL of http', async () => {
    const result = await doctor(world, { HTTP_PROXY: 'socks5://127.0.0.1:1' }, ['--no-requests']);
    expect(of(result, 'proxy')).toMatchObject([
      { level: 'warn', next: 'Write http://host:port into HTTP_PROXY.' },
    ]);
  });

  test('a proxy that is not there', async () => {
    const env = { HTTP_PROXY: `http://127.0.0.1:${await closedPort()}` };
    const result = await doctor(world, env, ['--no-requests']);
    expect(of(result, 'proxy')[1]).toMatchObject({ level: 'fail', facts: { code: 'ECONNREFUSED' } });
  });
});

describe('the API', () => {
  test('429 by its cause, with what is left', async () => {
    const limited = reply.rateLimited({ bucket: 'input-tokens', limit: 20_000, retryAfterSeconds: 7 });
    world.api.setDefault(() => limited);
    const result = await doctor(world);
    world.api.setDefault(() => undefined);
    expect(result.code).toBe(1);
    expect(of(result, 'requests')[0]).toMatchObject({
      level: 'fail',
      facts: { status: 429, class: 'rate_limit', cause: 'input_tokens', retryable: true },
      runbook: 'collector/runbooks/rate-limit.md',
    });
  });

  test('529', async () => {
    world.api.setDefault(() => reply.error(529));
    const result = await doctor(world);
    world.api.setDefault(() => undefined);
    expect(result.code).toBe(1);
    expect(of(result, 'requests')[0]).toMatchObject({
      level: 'fail',
      facts: { status: 529, class: 'overloaded', retryable: true },
      runbook: 'collector/runbooks/server-error.md',
    });
  });

  test('a server that does not answer in time', async () => {
    world.api.setDefault(() => reply.hang());
    const result = await doctor(world, {}, ['--timeout', '0.5']);
    world.api.setDefault(() => undefined);
    expect(result.code).toBe(1);
    expect(of(result, 'requests')).toMatchObject([
      { level: 'fail', facts: { class: 'timeout', hint: 'timeout' } },
      { level: 'skip' },
    ]);
  });

  test.each([
    { off: 0, level: 'pass' },
    { off: 120, level: 'warn' },
    { off: -3_600, level: 'fail' },
  ])('a clock that is off by $off s: $level', async ({ off, level }) => {
    const date = new Date(Date.now() - off * 1_000).toUTCString();
    world.api.enqueue(reply.message({}, { date }), reply.error(400, { headers: { date } }));
    const result = await doctor(world);
    const [finding] = of(result, 'clock');
    expect(finding?.level).toBe(level);
    expect(Math.abs(Number(finding?.facts?.['skew_seconds']) - off)).toBeLessThan(10);
  });

  test('something that answers everything with 200', async () => {
    world.api.setDefault(() => reply.message());
    const result = await doctor(world);
    world.api.setDefault(() => undefined);
    expect(of(result, 'requests').map(({ level }) => level)).toEqual(['pass', 'warn']);
  });

  test('a login page in place of the API', async () => {
    const headers = { 'content-type': 'text/html' };
    world.api.setDefault(() =>
      reply.raw({ status: 200, headers, body: '<!doctype html><title>Login</title>' }),
    );
    const result = await doctor(world);
    world.api.setDefault(() => undefined);
    expect(of(result, 'requests')[0]).toMatchObject({ level: 'fail', facts: { class: 'bad_response' } });
  });

  test('is not asked with --no-requests', async () => {
    const before = world.api.requests.length;
    const result = await doctor(world, {}, ['--no-requests']);
    expect(world.api.requests).toHaveLength(before);
    expect(of(result, 'requests')).toMatchObject([{ level: 'skip' }]);
    expect(result.code).toBe(0);
  });

  test('is asked twice, once for each request, with the model of choice', async () => {
    const before = world.api.requests.length;
    await doctor(world, {}, ['--model', 'claude-sonnet-5-5']);
    const sent = world.api.requests.slice(before).map(({ json }) => json);
    expect(sent).toEqual([
      { model: 'claude-sonnet-5-5', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] },
      { model: 'claude-sonnet-5-5', max_tokens: 1, messages: [] },
    ]);
  });
});
