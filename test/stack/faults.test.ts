import { mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  collectorEnvironment,
  configArguments,
  startCollector,
  type Collector,
} from '../../scripts/stack/programs/collector.ts';
import { startJaeger } from '../../scripts/stack/programs/jaeger.ts';
import { freePorts } from '../../scripts/stack/programs/ports.ts';
import { freeCollectorPorts, freeStackPorts } from '../../scripts/stack/programs/stack.ts';
import { callSpans, OWN_SCOPE } from '../../scripts/stack/traffic/calls.ts';
import { post, tracesRequest } from '../../scripts/stack/traffic/otlp.ts';
import { until } from '../../scripts/stack/until.ts';
import { jsonOverlay, startBackend, type Backend } from './backend.ts';
import { callGrpc, GRPC, padding } from './grpc.ts';
import { temporaryFolder } from './folder.ts';
import { programPaths } from './programs.ts';

const programs = programPaths('otelcol');
const otelcol = programs?.otelcol ?? '';

/** Without sampling, what was accepted is on disk when the client hears so. */
const CONFIGS = ['base.yaml', 'backends/otlp-http.yaml', 'options/keep-all.yaml'];

const text = (length: number): { stringValue: string } => ({ stringValue: 'x'.repeat(length) });
const texts = (count: number, length: number): { key: string; value: { stringValue: string } }[] =>
  Array.from({ length: count }, (_, index) => ({ key: `filler.${index}`, value: text(length) }));
const list = { arrayValue: { values: Array.from({ length: 4000 }, () => text(1000)) } };

describe.skipIf(programs === null)('faults', () => {
  const root = temporaryFolder();
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  async function backend(port?: number): Promise<Backend> {
    const started = await startBackend(port);
    closers.push(() => started.close());
    return started;
  }

  async function collector(
    name: string,
    endpoint: string,
    queueSize?: number,
    env = {},
    batch = {},
  ): Promise<Collector> {
    const folder = join(root, name);
    mkdirSync(folder, { recursive: true });
    const started = await startCollector({
      path: otelcol,
      configs: [...CONFIGS, jsonOverlay(folder, queueSize, batch)],
      ports: await freeCollectorPorts(),
      folder,
      env: { OTLP_HTTP_ENDPOINT: endpoint, ...env },
    });
    closers.push(() => started.program.stop());
    return started;
  }

  it('delivers 20,000 spans that came while the backend was away, though killed in the middle', async () => {
    const [port = 0] = await freePorts(1);
    const endpoint = `http://127.0.0.1:${port}`;
    const first = await collector('killed', endpoint);
    const accepted = new Set<string>();
    for (let request = 0; request < 50; request += 1) await sendSpans(first, 200, accepted);
    await first.program.kill();
    const second = await collector('killed', endpoint);
    for (let request = 0; request < 50; request += 1) await sendSpans(second, 200, accepted);
    const back = await backend(port);
    await until('all accepted spans', 60_000, () => [...accepted].every((id) => back.spans.has(id)));
    expect(accepted.size).toBe(20_000);
    expect(back.spans.size).toBe(20_000);
    const twice = [...back.spans.values()].filter((count) => count > 1).length;
    console.info(`${back.spans.size} spans of ${accepted.size} accepted arrived, ${twice} of them twice`);
    // What was in flight when it was killed may come twice, and no more than that.
    expect(twice).toBeLessThanOrEqual(1000);
  });

  it('delivers what was in the queue when it was killed while draining', async () => {
    const back = await backend();
    back.behave(503);
    const first = await collector('draining', back.url);
    const accepted = new Set<string>();
    for (let request = 0; request < 25; request += 1) await sendSpans(first, 200, accepted);
    back.behave(200);
    await until('some spans', 30_000, () => back.spans.size > 0);
    await first.program.kill();
    await collector('draining', back.url);
    await until('all accepted spans', 30_000, () => [...accepted].every((id) => back.spans.has(id)));
    expect(back.spans.size).toBe(5000);
  });

  it('sends spans with long texts in requests that Jaeger takes: over 4 MiB it refuses for good', async (context) => {
    const jaeger = programPaths('jaeger');
    context.skip(jaeger === null);
    const folder = join(root, 'large');
    mkdirSync(folder, { recursive: true });
    const { collector: ports, jaeger: jaegerPorts } = await freeStackPorts();
    const one = await startCollector({
      path: otelcol,
      configs: ['base.yaml', 'backends/jaeger.yaml', 'options/keep-all.yaml'],
      ports,
      folder,
      env: { JAEGER_ENDPOINT: `127.0.0.1:${jaegerPorts.grpc}` },
    });
    closers.push(() => one.program.stop());
    const accepted = new Set<string>();
    for (let request = 0; request < 10; request += 1) {
      await sendSpans(one, 200, accepted, undefined, 'x'.repeat(8000));
    }
    expect(accepted.size).toBe(2000);
    const started = await startJaeger({ path: jaeger?.jaeger ?? '', ports: jaegerPorts, folder });
    closers.push(() => started.program.stop());
    const count = (what: string): Promise<number> => one.selfMetric(`otelcol_exporter_${what}_spans_total`);
    await until('an end', 60_000, async () => (await count('sent')) + (await count('send_failed')) === 2000);
    expect(await count('send_failed')).toBe(0);
  });

  it('cuts texts that would make a span larger than a request, and loses no other for it', async () => {
    const back = await backend();
    const batch = { sizer: 'bytes', min_size: 1_000_000, max_size: 3_000_000 };
    const one = await collector('oversized', back.url, undefined, {}, batch);
    const spans = [10, 4_000_000, 10].map(
      (length) => callSpans({ attempts: ['ok'], extra: { filler: 'x'.repeat(length) } }).call,
    );
    const request = tracesRequest({ 'service.name': 'faults' }, new Map([[OWN_SCOPE, spans]]));
    expect((await post(one.otlp, 'traces', request)).status).toBe(200);
    await until('all of them', 30_000, () =>
      spans.every(({ traceId, spanId }) => back.spans.has(`${traceId}/${spanId}`)),
    );
    const logRecords = [10, 4_000_000, 20].map((length) => ({ body: { stringValue: 'y'.repeat(length) } }));
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
    expect((await post(one.otlp, 'logs', logs)).status).toBe(200);
    const lengths = (): number[] =>
      back.bodies.flatMap((taken) => [...taken.matchAll(/"(y+)"/g)].map(([, body = '']) => body.length));
    await until('the log records', 30_000, () => lengths().length === 3);
    expect(lengths()).toEqual([10, 400_000, 20]);
  });

  it.each<[string, object, object]>([
    ['many texts', { attributes: texts(12, 399_000) }, {}],
    ['very many texts', { attributes: texts(300, 14_000) }, {}],
    ['a list', { attributes: [{ key: 'filler', value: list }] }, {}],
    ['its events', { events: Array.from({ length: 100 }, () => ({ attributes: texts(4, 10_000) })) }, {}],
    [
      'very many events',
      { events: Array.from({ length: 4000 }, () => ({ attributes: texts(1, 1000) })) },
      {},
    ],
    ['its status', { status: { code: 2, message: 'x'.repeat(4_000_000) } }, {}],
    ['its resource', {}, { attributes: [{ key: 'process.command_args', value: list }] }],
  ])(
    'cuts a span that %s would make larger than a request, and loses no other for it',
    async (name, more, resource) => {
      const back = await backend();
      const batch = { sizer: 'bytes', min_size: 1_000_000, max_size: 3_000_000 };
      const one = await collector(`over-${name.replaceAll(' ', '-')}`, back.url, undefined, {}, batch);
      const [first, large, last] = [1, 2, 3].map(() => callSpans({ attempts: ['ok'] }).call);
      const spans = [first, { ...large, ...more }, last];
      const request = { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'another' }, spans }] }] };
      expect((await post(one.otlp, 'traces', request)).status).toBe(200);
      await until('all of them', 30_000, () => back.spans.size === 3);
      expect(back.bodies.join()).not.toContain('masks.');
    },
  );

  it('cuts log records that are larger than a request, between two characters', async () => {
    const back = await backend();
    const batch = { sizer: 'bytes', min_size: 1_000_000, max_size: 3_000_000 };
    const one = await collector('oversized-logs', back.url, undefined, {}, batch);
    const logRecords = [
      { body: { stringValue: '€'.repeat(300_000) } },
      { body: list },
      { body: { stringValue: 'attributes' }, attributes: texts(12, 399_000) },
      { body: { stringValue: 'last' } },
    ];
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
    expect((await post(one.otlp, 'logs', logs)).status).toBe(200);
    await until('the last', 30_000, () => back.bodies.some((body) => body.includes('"last"')));
    const all = back.bodies.join();
    expect(all).toMatch(/"€{133333}"/);
    expect(all).toContain('"attributes"');
  });

  it.each([429, 503, 'hang'] as const)('tries again while the backend answers %s', async (behaviour) => {
    const back = await backend();
    back.behave(behaviour);
    const one = await collector(`tries-${behaviour}`, back.url);
    const accepted = new Set<string>();
    await sendSpans(one, 100, accepted);
    await until('a refusal', 30_000, () => back.refused > 0);
    back.behave(200);
    await until('all spans', 30_000, () => back.spans.size === accepted.size);
  });

  it('drops what the backend refuses for good, and counts it', async () => {
    const back = await backend();
    back.behave(401);
    const one = await collector('refused', back.url);
    await sendSpans(one, 100, new Set());
    await until(
      'the loss to be counted',
      30_000,
      async () =>
        (await one.selfMetric('otelcol_exporter_send_failed_spans_total', 'otlp_http/backend')) === 100,
    );
  });

  it('answers 503 at once when its queue is full, and counts the loss', async () => {
    const [port = 0] = await freePorts(1);
    const one = await collector('full', `http://127.0.0.1:${port}`, 2000);
    const statuses: number[] = [];
    // The receiver's answer must not wait for room in the queue: each request has two seconds.
    for (let request = 0; request < 30; request += 1) {
      statuses.push((await sendSpans(one, 200, new Set(), 2000)).status);
    }
    expect(statuses).toContain(200);
    expect(statuses[statuses.length - 1]).toBe(503);
    const refused = statuses.filter((status) => status === 503).length;
    expect(await one.selfMetric('otelcol_exporter_enqueue_failed_spans_total', 'otlp_http/backend')).toBe(
      refused * 200,
    );
    expect(await one.selfMetric('otelcol_exporter_queue_capacity', 'data_type="traces"')).toBe(2000);
    // On disk are 2,000 spans that nobody will take; stopping must not wait for them.
    await one.program.kill();
  });

  it('refuses malformed and oversized requests with a clear status', async () => {
    const back = await backend();
    const one = await collector('malformed', back.url);
    expect((await post(one.otlp, 'traces', 'this is not JSON')).status).toBe(400);
    expect((await post(one.otlp, 'traces', '{"resourceSpans": 1}')).status).toBe(400);
    const oversized = await post(
      one.otlp,
      'traces',
      `{"resourceSpans":[],"filler":"${'x'.repeat(17 * 1024 * 1024)}"}`,
    );
    expect(oversized.status).toBe(400);
    expect(oversized.body).toContain('too large');
    const protobuf = await fetch(`${one.otlp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array([255, 255, 255, 255]),
    });
    expect(protobuf.status).toBe(400);
    const wrongType = await fetch(`${one.otlp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'spans',
    });
    expect(wrongType.status).toBe(415);
    // And it still takes what is right.
    expect((await sendSpans(one, 1, new Set())).status).toBe(200);
  });

  it('refuses malformed and oversized messages over gRPC with a clear status, and takes large ones', async () => {
    const back = await backend();
    const one = await collector('grpc', back.url);
    const mebibyte = 1024 * 1024;
    const calls = ['trace.v1.Trace', 'metrics.v1.Metrics', 'logs.v1.Logs'].map(
      (service) => `/opentelemetry.proto.collector.${service}Service/Export`,
    );
    for (const call of calls) {
      expect((await callGrpc(one.grpc, call, padding(15 * mebibyte))).code, call).toBe(GRPC.OK);
      const oversized = await callGrpc(one.grpc, call, padding(17 * mebibyte));
      expect(oversized.code, call).toBe(GRPC.RESOURCE_EXHAUSTED);
      expect(oversized.message).toMatch(/larger than max .*16777216/);
      const malformed = await callGrpc(one.grpc, call, Buffer.from([255, 255, 255, 255]));
      expect(malformed.code, call).toBe(GRPC.INTERNAL);
      expect(malformed.message).toContain('unmarshalling');
    }
    // And it still takes what is right.
    const [traces = ''] = calls;
    expect(await callGrpc(one.grpc, traces, Buffer.alloc(0))).toEqual({ code: GRPC.OK, message: '' });
    expect((await sendSpans(one, 1, new Set())).status).toBe(200);
  });

  it('bounds what it counts for a service that makes up a model name for each of its users', async () => {
    const back = await backend();
    const folder = join(root, 'names');
    mkdirSync(folder, { recursive: true });
    const ports = await freeCollectorPorts();
    const one = await startCollector({
      path: otelcol,
      configs: ['base.yaml', 'backends/otlp-http.yaml', jsonOverlay(folder)],
      ports,
      folder,
      env: { OTLP_HTTP_ENDPOINT: back.url, COLLECTOR_SPAN_METRICS_FLUSH: '5s' },
    });
    closers.push(() => one.program.stop());
    for (let request = 0; request < 6; request += 1) {
      const spans = Array.from({ length: 1000 }, (_, user) => {
        const extra = {
          'gen_ai.request.model': `model-${request}-${user}`,
          'gen_ai.usage.input_tokens': 1,
          'gen_ai.usage.output_tokens': 1,
          'gen_ai.usage.cache_read.input_tokens': 1,
          'gen_ai.usage.cache_write.input_tokens': 1,
        };
        return callSpans({ attempts: ['ok'], extra }).call;
      });
      const sent = tracesRequest({ 'service.name': 'names' }, new Map([[OWN_SCOPE, spans]]));
      expect((await post(one.otlp, 'traces', sent)).status).toBe(200);
    }
    const exported = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${ports.prometheus}/metrics`)).text();
    await until('the calls', 30_000, async () =>
      (await exported()).includes('traces_span_metrics_calls_total'),
    );
    const series = (await exported()).match(/^anthropic_spans_\w+_tokens_total\{/gm) ?? [];
    expect(series.length).toBeGreaterThan(1000);
    expect(series.length).toBeLessThanOrEqual(20_000);
  });

  it('refuses by memory limit under a flood, and recovers', async () => {
    const [port = 0] = await freePorts(1);
    const one = await collector('flooded', `http://127.0.0.1:${port}`, 10_000_000, {
      COLLECTOR_MEMORY_MIB: '96',
      COLLECTOR_MEMORY_SPIKE_MIB: '24',
      GOMEMLIMIT: '65MiB',
    });
    const big = 'x'.repeat(10_000);
    const statuses: number[] = [];
    // Eight clients, until one is refused.
    const flood = async (): Promise<void> => {
      for (let request = 0; request < 60 && !statuses.includes(503); request += 1) {
        statuses.push((await sendSpans(one, 200, new Set(), 60_000, big)).status);
      }
    };
    await Promise.all(Array.from({ length: 8 }, flood));
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(one.program.isRunning).toBe(true);
    await until(
      'it to accept again',
      30_000,
      async () => (await sendSpans(one, 1, new Set())).status === 200,
    );
    await one.program.kill();
  });

  it('answers 503 with the reason when its disk is full, and delivers what it had accepted', async (context) => {
    const disk = join(root, 'full-disk', 'queue');
    mkdirSync(disk, { recursive: true });
    // A disk of its own needs root.
    context.skip(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status !== 0);
    closers.push(async () => void spawnSync('umount', [disk]));
    const back = await backend();
    back.behave(503);
    const one = await collector('full-disk', back.url);
    const accepted = new Set<string>();
    let refusal: { status: number; body: string } = { status: 200, body: '' };
    for (let request = 0; request < 100 && refusal.status === 200; request += 1) {
      refusal = await sendSpans(one, 200, accepted);
    }
    expect(refusal.status).toBe(503);
    expect(refusal.body).toContain('no space left on device');
    expect(await one.selfMetric('otelcol_exporter_enqueue_failed_spans_total')).toBe(200);
    back.behave(200);
    await until('all accepted spans', 30_000, () => [...accepted].every((id) => back.spans.has(id)));
  });

  it('does not start, and says why, when its queue has no place', async () => {
    const folder = join(root, 'no-place');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'queue'), 'a file, not a folder');
    const ports = await freeCollectorPorts();
    const result = spawnSync(otelcol, configArguments(CONFIGS), {
      env: {
        ...process.env,
        ...collectorEnvironment(ports, folder),
        OTLP_HTTP_ENDPOINT: 'http://127.0.0.1:1',
      },
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('file_storage/queue');
    expect(result.stderr).toContain('directory');
  });
});

/** Sends so many spans in one request, and adds those that were accepted. */
async function sendSpans(
  collector: Collector,
  count: number,
  accepted: Set<string>,
  timeoutMs?: number,
  filler?: string,
): Promise<{ status: number; body: string }> {
  const spans = Array.from({ length: count }, () => {
    const script = filler === undefined ? {} : { extra: { filler } };
    return callSpans({ attempts: ['ok'], ...script }).call;
  });
  const request = tracesRequest({ 'service.name': 'faults' }, new Map([[OWN_SCOPE, spans]]));
  const { status, body } = await post(collector.otlp, 'traces', request, timeoutMs);
  if (status === 200) for (const span of spans) accepted.add(`${span.traceId}/${span.spanId}`);
  return { status, body };
}
