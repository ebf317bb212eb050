import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { closedPort, startGrpc, startWebPage } from '../../support/servers.ts';
import { doctor, startWorld, type JsonResult, type World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
afterEach(() => world.receiver.setStatus(200));

const exported = ({ findings }: JsonResult) => {
  const [finding, ...more] = findings.filter(({ check }) => check === 'telemetry-export');
  expect(more).toEqual([]);
  return finding;
};
const settings = ({ findings }: JsonResult) => findings.filter(({ check }) => check === 'telemetry-settings');

describe('the receiver', () => {
  test.each(['http/json', 'http/protobuf', undefined])(
    'takes the spans of the two requests, in one trace (%s)',
    async (protocol) => {
      const before = world.receiver.spans().length;
      const result = await doctor(world, {
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_SERVICE_NAME: 'my-shop',
      });
      expect(exported(result)).toMatchObject({
        level: 'pass',
        facts: { status: 200, trace_id: result.trace.id },
      });
      const spans = world.receiver.spans().slice(before);
      expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([result.trace.id]));
      expect(spans.map(({ name }) => name).sort()).toEqual([
        'POST /v1/messages',
        'POST /v1/messages',
        'anthropic.messages.create',
        'anthropic.messages.create',
        'opentelemetry-instrumentation-anthropic doctor',
      ]);
      expect(spans[0]?.resource['service.name']).toBe('my-shop');
      expect(result.trace.exported).toBe(true);
    },
  );

  test('gets a test span without requests, too', async () => {
    const before = world.receiver.spans().length;
    const result = await doctor(world, {}, ['--no-requests']);
    expect(exported(result)?.level).toBe('pass');
    expect(world.receiver.spans().slice(before)).toHaveLength(1);
  });

  test('is absent', async () => {
    const endpoint = `http://127.0.0.1:${await closedPort()}`;
    const result = await doctor(world, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, ['--no-requests']);
    expect(result.code).toBe(1);
    expect(exported(result)).toMatchObject({
      level: 'fail',
      facts: { code: 'ECONNREFUSED' },
      runbook: 'collector/runbooks/telemetry-absent.md',
    });
    expect(result.trace.exported).toBe(false);
  });

  test.each([
    { status: 401, says: 'missing or wrong' },
    { status: 403, says: 'may not write' },
    { status: 404, says: 'no receiver at this path' },
    { status: 503, says: 'the receiver failed' },
  ])('refuses with $status', async ({ status, says }) => {
    world.receiver.setStatus(status);
    const result = await doctor(world, {}, ['--no-requests']);
    expect(result.code).toBe(1);
    expect(exported(result)).toMatchObject({
      level: 'fail',
      title: expect.stringContaining(says) as string,
      facts: { status },
    });
  });

  test('has another path', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${world.receiver.url}/v1/traces` };
    const result = await doctor(world, env, ['--no-requests']);
    expect(exported(result)).toMatchObject({ level: 'fail', facts: { status: 404 } });
    expect(settings(result).map(({ level }) => level)).toEqual(['pass', 'warn']);
  });

  test('speaks gRPC where http is configured', async () => {
    const server = await startGrpc();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}` };
    const result = await doctor(world, env, ['--no-requests']);
    expect(result.code).toBe(1);
    expect(exported(result)).toMatchObject({ level: 'fail', facts: { speaks: 'http/2' } });
    expect(exported(result)?.title).toContain('wrong port');
    await server.close();
  });

  test('speaks http where gRPC is configured', async () => {
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    const result = await doctor(world, env, ['--no-requests']);
    expect(exported(result)).toMatchObject({ level: 'fail' });
    expect(exported(result)?.title).toContain('wrong port');
  });

  test.each([
    { grpcStatus: 0, level: 'pass', says: 'took the test spans' },
    { grpcStatus: 16, level: 'fail', says: 'missing or wrong' },
    { grpcStatus: 7, level: 'fail', says: 'may not write' },
  ])('answers over gRPC with $grpcStatus', async ({ grpcStatus, level, says }) => {
    const server = await startGrpc(grpcStatus);
    const env = {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}`,
    };
    const result = await doctor(world, env, ['--no-requests']);
    expect(exported(result)).toMatchObject({ level, title: expect.stringContaining(says) as string });
    await server.close();
  });

  test('is a web page', async () => {
    const page = await startWebPage();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${page.port}` };
    const result = await doctor(world, env, ['--no-requests']);
    expect(exported(result)).toMatchObject({
      level: 'fail',
      title: expect.stringContaining('web page') as string,
    });
    await page.close();
  });
});

describe('the variables', () => {
  test('are named, with where the endpoint is from', async () => {
    const result = await doctor(world, { OTEL_SERVICE_NAME: 'x' }, ['--no-requests']);
    expect(settings(result)).toMatchObject([
      {
        level: 'pass',
        facts: { variables: ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME'], source: 'environment' },
      },
    ]);
    expect(settings(result)[0]?.title).toContain('the endpoint is from OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  test.each([
    { name: 'OTEL_EXPORTER_OTLP_HEADERS', value: 'Authorization: Bearer abcdefgh12345', says: 'name=value' },
    { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http', says: 'does not exist' },
    { name: 'OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY', value: '/no/key.pem', says: 'cannot be read' },
  ])('$name=$value is told', async ({ name, value, says }) => {
    const result = await doctor(world, { [name]: value }, ['--no-requests']);
    const told = settings(result).find(({ level }) => level === 'warn');
    expect(told?.title).toContain(says);
    expect(JSON.stringify(result)).not.toContain('abcdefgh12345');
  });

  test.each(['collector:4318', '127.0.0.1:4318'])(
    'an endpoint without http:// is told: %s',
    async (endpoint) => {
      const result = await doctor(world, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, ['--no-requests']);
      expect(result.code).toBe(1);
      expect(settings(result)[1]).toMatchObject({
        level: 'fail',
        title: 'OTEL_EXPORTER_OTLP_ENDPOINT is not an http or https URL',
        next: 'Write http://host:4318 into OTEL_EXPORTER_OTLP_ENDPOINT.',
      });
    },
  );

  test.each([
    'OTEL_ANTHROPIC_ENABLED=false',
    'OTEL_SDK_DISABLED=true',
    'OTEL_NODE_DISABLED_INSTRUMENTATIONS=anthropic',
  ])('%s switches the instrumentation off', async (assignment) => {
    const [name = '', value] = assignment.split('=');
    const result = await doctor(world, { [name]: value }, ['--no-requests']);
    expect(result.bad).toContain(`warn clashes: ${name} switches the instrumentation off`);
  });

  test('OTEL_TRACES_EXPORTER=none exports nothing', async () => {
    const before = world.receiver.requests.length;
    const result = await doctor(world, { OTEL_TRACES_EXPORTER: 'none' }, ['--no-requests']);
    expect(exported(result)?.level).toBe('warn');
    expect(world.receiver.requests).toHaveLength(before);
  });
});
