import { createSecureServer, createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { OtlpReceiver } from '../../src/demo/otlp-receiver.ts';

/** A port of OTLP over gRPC. */
export interface GrpcReceiver {
  readonly port: number;
  /** The metadata of each call. */
  readonly metadata: readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** The path of OTLP/HTTP, by the last but one part of a gRPC method's name. */
const PATHS: Readonly<Record<string, string>> = {
  TraceService: 'v1/traces',
  MetricsService: 'v1/metrics',
  LogsService: 'v1/logs',
};

/** Hands what it gets over gRPC on to a receiver of OTLP/HTTP, and answers once that has it. */
export async function startGrpcReceiver(
  receiver: OtlpReceiver,
  tls?: { readonly key: string; readonly cert: string },
): Promise<GrpcReceiver> {
  const metadata: Record<string, unknown>[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    metadata.push({ ...headers });
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const service = /\.(\w+)\/Export$/.exec(headers[':path'] ?? '')?.[1] ?? '';
      // After the flag for compression and the length.
      const body = Buffer.concat(chunks).subarray(5);
      void fetch(`${receiver.url}/${PATHS[service] ?? service}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body,
      }).then(({ ok }) => {
        if (stream.destroyed) return;
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': ok ? '0' : '13' }));
        // An empty message.
        stream.end(Buffer.alloc(5));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    metadata,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  };
}
