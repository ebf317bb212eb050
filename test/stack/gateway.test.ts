import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startCollector,
  type Collector,
  type CollectorPorts,
} from '../../scripts/stack/programs/collector.ts';
import { freeCollectorPorts } from '../../scripts/stack/programs/stack.ts';
import { callSpans, OWN_SCOPE } from '../../scripts/stack/traffic/calls.ts';
import { post, tracesRequest } from '../../scripts/stack/traffic/otlp.ts';
import { until } from '../../scripts/stack/until.ts';
import { jsonOverlay, startBackend, type Backend } from './backend.ts';
import { temporaryFolder } from './folder.ts';
import { programPaths } from './programs.ts';

const TRACES = 6000;
const programs = programPaths('otelcol');

describe.skipIf(programs === null)('the gateway form', () => {
  const root = temporaryFolder();
  let backend: Backend;
  let firstTier: Collector;
  const secondTier: Collector[] = [];
  const ports: CollectorPorts[] = [];

  async function startSecond(index: number): Promise<Collector> {
    const folder = join(root, `second-${index}`);
    mkdirSync(folder, { recursive: true });
    return startCollector({
      path: programs?.otelcol ?? '',
      name: `second-${index}`,
      configs: ['base.yaml', 'backends/otlp-http.yaml', 'options/keep-all.yaml', jsonOverlay(folder)],
      ports: ports[index] ?? (await freeCollectorPorts()),
      folder,
      env: { OTLP_HTTP_ENDPOINT: `${backend.url}/${index}` },
    });
  }

  beforeAll(async () => {
    if (programs === null) return;
    backend = await startBackend();
    for (const index of [0, 1]) {
      ports[index] = await freeCollectorPorts();
      secondTier[index] = await startSecond(index);
    }
    firstTier = await startCollector({
      path: programs.otelcol,
      name: 'first',
      configs: ['gateway/first-tier.yaml'],
      ports: await freeCollectorPorts(),
      folder: root,
      env: { GATEWAY_SECOND_TIER: `[${secondTier.map(({ grpc }) => grpc).join(', ')}]` },
    });
  });
  afterAll(async () => {
    await firstTier?.program.stop();
    for (const collector of secondTier) await collector.program.stop();
    await backend?.close();
  });

  it('loses and splits nothing when a second-tier collector is killed under load and comes back', async () => {
    const expected = new Map<string, number>();
    for (let sent = 0; sent < TRACES; sent += 100) {
      // A trace's spans come in two requests, as from two services.
      const traces = Array.from({ length: 100 }, () => callSpans({ attempts: ['rateLimited', 'ok'] }));
      for (const spans of [traces.flatMap(({ attempts }) => attempts), traces.map(({ call }) => call)]) {
        const request = tracesRequest({ 'service.name': 'gateway' }, new Map([[OWN_SCOPE, spans]]));
        expect((await post(firstTier.otlp, 'traces', request)).status).toBe(200);
      }
      for (const { traceId } of traces) expected.set(traceId, 3);
      if (sent === TRACES / 3) await secondTier[1]?.program.kill();
      if (sent === (TRACES * 2) / 3) secondTier[1] = await startSecond(1);
    }
    await until('all spans', 60_000, () => backend.spans.size === TRACES * 3);
    const senders = [...expected.keys()].map((id) => [...(backend.sendersOfTrace.get(id) ?? [])]);
    expect(senders.every((list) => list.length === 1)).toBe(true);
    // Both had their share.
    const share = senders.filter(([sender]) => sender === '/1').length / TRACES;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.75);
  });
});
