// What Datadog's intake gets: deltas, by environment and by process.
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startCollector } from '../../scripts/stack/programs/collector.ts';
import { freeCollectorPorts } from '../../scripts/stack/programs/stack.ts';
import { keyValues, nanos, post, type Attributes } from '../../scripts/stack/traffic/otlp.ts';
import { until } from '../../scripts/stack/until.ts';
import { temporaryFolder } from './folder.ts';
import { programPaths } from './programs.ts';

const programs = programPaths('otelcol');
const folder = temporaryFolder();

interface Received {
  readonly resourceMetrics: readonly {
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: { readonly stringValue?: string };
      }[];
    };
    readonly scopeMetrics: readonly {
      readonly metrics: readonly { readonly sum: { readonly aggregationTemporality: number } }[];
    }[];
  }[];
}

it.skipIf(programs === null)('a metric always has an environment, or no monitor would see it', async () => {
  const received: { readonly headers: NodeJS.Dict<string | string[]>; readonly request: Received }[] = [];
  const intake = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      received.push({ headers: request.headers, request: JSON.parse(text) as Received });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => intake.listen(0, '127.0.0.1', resolve));
  const { port } = intake.address() as AddressInfo;
  const here = join(folder, 'here.yaml');
  const exporter = {
    metrics_endpoint: `http://127.0.0.1:${port}/v1/metrics`,
    encoding: 'json',
    compression: 'none',
  };
  writeFileSync(here, JSON.stringify({ exporters: { 'otlp_http/datadog': exporter } }));
  const collector = await startCollector({
    path: programs?.otelcol ?? '',
    configs: ['base.yaml', 'backends/datadog.yaml', here],
    ports: await freeCollectorPorts(),
    folder,
    env: { DD_API_KEY: '0'.repeat(32) },
  });
  try {
    const resources: Attributes[] = [
      { 'service.name': 'plain' },
      { 'service.name': 'new', 'deployment.environment.name': 'prod' },
      { 'service.name': 'old', 'deployment.environment': 'prod' },
    ];
    const start = nanos(Date.now());
    for (const asInt of ['1', '3']) {
      expect((await post(collector.otlp, 'metrics', counted(resources, start, asInt))).status).toBe(200);
    }
    await until('three services', 30_000, () => services(received.map(({ request }) => request)).size === 3);
    expect(services(received.map(({ request }) => request))).toEqual(
      new Map([
        ['plain', { 'deployment.environment.name': 'none' }],
        ['new', { 'deployment.environment.name': 'prod' }],
        ['old', { 'deployment.environment': 'prod' }],
      ]),
    );
    for (const { headers, request } of received) {
      // Processes of one service on one host differ in their resource alone: without it, one of them would count.
      expect(headers['dd-otel-metric-config']).toBe('{"resource_attributes_as_tags": true}');
      for (const { scopeMetrics } of request.resourceMetrics) {
        expect(scopeMetrics[0]?.metrics[0]?.sum.aggregationTemporality).toBe(1);
      }
    }
  } finally {
    await collector.program.stop();
    await new Promise((resolve) => intake.close(resolve));
  }
});

/** A request with one counter for each resource. */
function counted(resources: readonly Attributes[], start: string, asInt: string): object {
  const point = { startTimeUnixNano: start, timeUnixNano: nanos(Date.now()), asInt };
  const metric = {
    name: 'anthropic.client.calls',
    sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point] },
  };
  return {
    resourceMetrics: resources.map((attributes) => ({
      resource: { attributes: keyValues(attributes) },
      scopeMetrics: [{ scope: { name: 'test' }, metrics: [metric] }],
    })),
  };
}

/** What of a service's resource names its environment, by service. */
function services(requests: readonly Received[]): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const { resource } of requests.flatMap(({ resourceMetrics }) => resourceMetrics)) {
    const { 'service.name': service = '', ...others } = Object.fromEntries(
      resource.attributes.map(({ key, value }) => [key, value.stringValue ?? '']),
    );
    found.set(service, others);
  }
  return found;
}
