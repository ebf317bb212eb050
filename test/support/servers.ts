import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createHttp2 } from 'node:http2';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { selfSigned } from './self-signed.ts';

export interface Listening {
  readonly port: number;
  readonly close: () => Promise<void>;
}

type AnyServer = Pick<Server, 'listen' | 'address' | 'close'> & NodeJS.EventEmitter;

async function listen(server: AnyServer): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket: { destroy(): void; once(event: string, run: () => void): void }) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}

/** A TLS server whose certificate signs itself, valid until `until` (`YYMMDDhhmmssZ`). */
export async function startTls(until?: string): Promise<Listening & { readonly cert: string }> {
  const pair = selfSigned(until);
  const server = createHttps(pair, (_request, response) => response.end('{}'));
  return { ...(await listen(server)), cert: pair.cert };
}

/** A proxy that answers each CONNECT with this status line, and keeps what it was asked. */
export async function startProxy(
  statusLine: string,
): Promise<Listening & { readonly asked: readonly (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const server: HttpServer = createHttpServer();
  server.on('connect', (request, socket) => {
    asked.push(request.url);
    socket.end(`HTTP/1.1 ${statusLine}\r\nContent-Length: 0\r\n\r\n`);
  });
  return { ...(await listen(server)), asked };
}

/** A port that speaks HTTP/2 without TLS, as a gRPC receiver does, and answers each call with this gRPC status. */
export async function startGrpc(grpcStatus = 0): Promise<Listening> {
  const server = createHttp2();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(grpcStatus) }));
    // An empty message: no compression, no bytes.
    stream.end(grpcStatus === 0 ? Buffer.alloc(5) : undefined);
    stream.resume();
  });
  return listen(server);
}

/** A web server that answers everything with a page. */
export async function startWebPage(): Promise<Listening> {
  return listen(
    createHttpServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>UI</title>');
    }),
  );
}
