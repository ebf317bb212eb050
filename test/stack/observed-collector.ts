import { afterAll, beforeAll } from 'vitest';
import { startCollector, type Collector } from '../../scripts/stack/programs/collector.ts';
import { freeCollectorPorts } from '../../scripts/stack/programs/stack.ts';
import { jsonOverlay, startBackend, type Backend } from './backend.ts';

/** A Collector between the tests of a block and a backend. */
export interface ObservedCollector {
  readonly backend: Backend;
  readonly collector: Collector;
  /** What Prometheus would read from it of applications and their spans. */
  scrape(): Promise<string>;
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the Collector is started in beforeAll');
  return value;
}

/**
 * Starts both for the tests of the block that calls it, and ends them after it.
 *
 * @param overlays - configuration files besides `base.yaml` and the backend's own.
 */
export function observedCollector(
  path: string | undefined,
  folder: string,
  overlays: readonly string[],
  env: Readonly<Record<string, string>>,
): ObservedCollector {
  let backend: Backend | undefined;
  let collector: Collector | undefined;
  let prometheusPort = 0;
  beforeAll(async () => {
    backend = await startBackend();
    const ports = await freeCollectorPorts();
    prometheusPort = ports.prometheus;
    collector = await startCollector({
      path: there(path),
      configs: ['base.yaml', 'backends/otlp-http.yaml', ...overlays, jsonOverlay(folder)],
      ports,
      folder,
      env: { OTLP_HTTP_ENDPOINT: backend.url, ...env },
    });
  });
  afterAll(async () => {
    await collector?.program.stop();
    await backend?.close();
  });
  return {
    get backend() {
      return there(backend);
    },
    get collector() {
      return there(collector);
    },
    scrape: async () => (await fetch(`http://127.0.0.1:${prometheusPort}/metrics`)).text(),
  };
}
