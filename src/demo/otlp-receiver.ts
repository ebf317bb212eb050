import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { flattenLogs, flattenMetrics, flattenTraces } from './otlp/flatten.ts';
import type { ReceivedLog, ReceivedMetricPoint, ReceivedSpan } from './otlp/types.ts';
import type { WireLogs, WireMetrics, WireTraces } from './otlp/wire.ts';

export type Signal = 'traces' | 'metrics' | 'logs';

/** One request of an exporter, as it arrived. */
export interface OtlpRequest {
  /** For example `/v1/traces`. */
  readonly path: string;
  /** Media type without parameters. */
  readonly contentType: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Length of the body on the wire. */
  readonly bytes: number;
  /** The body on the wire, still compressed where it was. */
  readonly rawBody: Buffer;
}

/** Reads an uncompressed body into OTLP's JSON form. */
export type OtlpDecoder = (body: Buffer, signal: Signal) => unknown;

export interface OtlpReceiver {
  /** `http://127.0.0.1:<port>`, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Every request, also those that were refused. */
  readonly requests: readonly OtlpRequest[];
  readonly spans: () => readonly ReceivedSpan[];
  readonly metrics: () => readonly ReceivedMetricPoint[];
  readonly logs: () => readonly ReceivedLog[];
  /**
   * Resolves when `predicate` holds, which is tried now and after each request.
   * Rejects after `timeoutMs` milliseconds with what has been received until then.
   */
  readonly waitFor: (predicate: (receiver: OtlpReceiver) => boolean, timeoutMs: number) => Promise<void>;
  /** Answers with `code` from now on. What comes with a code other than 200 is not kept. */
  readonly setStatus: (code: number) => void;
  /** Closes every connection and the server. Can be called more than once. */
  readonly close: () => Promise<void>;
}

const SIGNALS: Readonly<Record<string, Signal>> = {
  '/v1/traces': 'traces',
  '/v1/metrics': 'metrics',
  '/v1/logs': 'logs',
};

const JSON_DECODER: Readonly<Record<string, OtlpDecoder>> = {
  'application/json': (body) => JSON.parse(body.toString('utf8')) as unknown,
};

/**
 * Starts an OTLP/HTTP receiver on a free port of 127.0.0.1. It takes JSON, compressed by gzip or not.
 * `decoders` adds media types.
 */
export async function startOtlpReceiver(
  decoders: Readonly<Record<string, OtlpDecoder>> = {},
): Promise<OtlpReceiver> {
  const allDecoders = { ...JSON_DECODER, ...decoders };
  const requests: OtlpRequest[] = [];
  const spans: ReceivedSpan[] = [];
  const metrics: ReceivedMetricPoint[] = [];
  const logs: ReceivedLog[] = [];
  const waiting = new Set<() => void>();
  let status = 200;

  const keep: Readonly<Record<Signal, (message: unknown) => void>> = {
    traces: (message) => spans.push(...flattenTraces(message as WireTraces)),
    metrics: (message) => metrics.push(...flattenMetrics(message as WireMetrics)),
    logs: (message) => logs.push(...flattenLogs(message as WireLogs)),
  };

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const rawBody = await buffer(incoming);
    const request: OtlpRequest = {
      path: incoming.url ?? '',
      contentType: (incoming.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '',
      headers: incoming.headers,
      bytes: rawBody.length,
      rawBody,
    };
    requests.push(request);
    const signal = SIGNALS[request.path];
    const decode = allDecoders[request.contentType];
    if (!signal) {
      respond(response, 404, `no such path: ${request.path}`);
    } else if (!decode) {
      respond(response, 415, `no decoder for ${request.contentType}`);
    } else if (status === 200) {
      const gzipped = incoming.headers['content-encoding'] === 'gzip';
      keep[signal](decode(gzipped ? gunzipSync(rawBody) : rawBody, signal));
      response.writeHead(200, { 'content-type': request.contentType });
      response.end(request.contentType === 'application/json' ? '{}' : '');
    } else {
      respond(response, status, 'refused by setStatus');
    }
    for (const check of waiting) check();
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((cause: unknown) => respond(response, 400, String(cause)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () => spans,
    metrics: () => metrics,
    logs: () => logs,
    waitFor(predicate, timeoutMs) {
      return new Promise((resolve, reject) => {
        const settle = (): void => {
          clearTimeout(timer);
          waiting.delete(check);
        };
        const check = (): void => {
          if (predicate(receiver)) {
            settle();
            resolve();
          }
        };
        const timer = setTimeout(() => {
          settle();
          reject(new Error(`not received within ${timeoutMs} ms; received ${summary(receiver)}`));
        }, timeoutMs);
        waiting.add(check);
        check();
      });
    },
    setStatus(code) {
      status = code;
    },
    async close() {
      if (server.listening) {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }
    },
  };
  return receiver;
}

function respond(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}

function summary(receiver: OtlpReceiver): string {
  const names = receiver.spans().map((span) => span.name);
  const points = new Set(receiver.metrics().map((point) => point.name));
  return `spans [${names.join(', ')}], metrics [${[...points].join(', ')}], ${receiver.logs().length} logs`;
}
