import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';

/** How the backend answers: a status, or not at all. */
export type Behaviour = number | 'hang';

/** A backend that takes OTLP/HTTP in JSON, counts spans, and misbehaves when told. */
export interface Backend {
  readonly url: string;
  /** How often each span arrived, by `traceId/spanId`. */
  readonly spans: ReadonlyMap<string, number>;
  /** The paths under which the spans of each trace arrived: `/a` for `http://…/a/v1/traces`. */
  readonly sendersOfTrace: ReadonlyMap<string, ReadonlySet<string>>;
  /** Requests that were answered with anything but 200, or not at all. */
  readonly refused: number;
  /** All request bodies that were taken, as text. */
  readonly bodies: readonly string[];
  behave(how: Behaviour): void;
  close(): Promise<void>;
}

interface TracesRequest {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly { readonly traceId: string; readonly spanId: string }[];
    }[];
  }[];
}

/** Starts a backend on loopback. With `port`, on a port that was free a moment ago. */
export async function startBackend(port = 0): Promise<Backend> {
  const spans = new Map<string, number>();
  const sendersOfTrace = new Map<string, Set<string>>();
  const bodies: string[] = [];
  const held = new Set<ServerResponse>();
  let behaviour: Behaviour = 200;
  let refused = 0;

  const take = (path: string, text: string): void => {
    bodies.push(text);
    const request = JSON.parse(text) as TracesRequest;
    const list = (request.resourceSpans ?? []).flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    );
    for (const { traceId, spanId } of list) {
      const key = `${traceId}/${spanId}`;
      spans.set(key, (spans.get(key) ?? 0) + 1);
      const senders = sendersOfTrace.get(traceId) ?? new Set<string>();
      senders.add(path.slice(0, path.indexOf('/v1/')));
      sendersOfTrace.set(traceId, senders);
    }
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (behaviour === 200) {
        take(request.url ?? '', Buffer.concat(chunks).toString('utf8'));
        response.setHeader('content-type', 'application/json');
        response.end('{}');
        return;
      }
      refused += 1;
      if (behaviour === 'hang') {
        held.add(response);
        return;
      }
      response.statusCode = behaviour;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    sendersOfTrace,
    bodies,
    get refused() {
      return refused;
    },
    behave: (how) => {
      behaviour = how;
      if (how === 'hang') return;
      for (const response of held) response.destroy();
      held.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Writes an overlay that makes `backends/otlp-http.yaml` speak JSON, and returns its path.
 *
 * @param queueSize - items that its queue holds.
 * @param batch - what differs from small batches that are counted in items.
 */
export function jsonOverlay(folder: string, queueSize = 200_000, batch: object = {}): string {
  const file = join(folder, 'json.yaml');
  const exporter = {
    encoding: 'json',
    compression: 'none',
    timeout: '2s',
    retry_on_failure: { initial_interval: '200ms', max_interval: '500ms' },
    sending_queue: {
      queue_size: queueSize,
      batch: { flush_timeout: '100ms', sizer: 'items', min_size: 100, max_size: 1000, ...batch },
    },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ exporters: { 'otlp_http/backend': exporter } }));
  return file;
}
