import type * as Http from 'node:http';
import type * as Https from 'node:https';
import type { Socket } from 'node:net';
import { nameOf } from '../../say.ts';
import type { Delivery, Letter } from './letter.ts';

/** By the OTLP specification. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** For so long a connection may take to open. Until it is open it keeps the process alive, whatever it is told. */
const CONNECT_MS = 2_000;

/** Node's own modules, loaded when the first letter is sent: most processes under a preload send none. */
interface Wire {
  readonly http: typeof Http;
  readonly https: typeof Https;
  readonly httpAgent: Http.Agent;
  readonly httpsAgent: Https.Agent;
}

let wire: Wire | undefined;

function loadWire(): Wire {
  const http = process.getBuiltinModule('node:http');
  const https = process.getBuiltinModule('node:https');
  return {
    http,
    https,
    httpAgent: new http.Agent({ keepAlive: true }),
    httpsAgent: new https.Agent({ keepAlive: true }),
  };
}

/**
 * Sends a letter once. Never rejects. The connection does not keep the process alive.
 *
 * @param signal breaks it off.
 * @param onHandedOver called when the whole request is with the operating system, which sends it even if the
 *   process ends.
 */
export function post(
  letter: Letter,
  timeoutMs: number,
  signal?: AbortSignal,
  onHandedOver?: () => void,
): Promise<Delivery> {
  return new Promise((resolve) => {
    const failed = (reason: string): void => resolve({ ok: false, reason, retryable: true });
    try {
      const request = open(letter, signal, (response) => {
        response.resume();
        response.once('end', () => resolve(read(response)));
        response.once('error', (error) => failed(nameOf(error)));
      });
      request.once('socket', (socket) => {
        socket.unref();
        if (socket.connecting) boundConnect(request, socket);
      });
      request.once('finish', () => onHandedOver?.());
      request.once('error', (error) => failed(nameOf(error)));
      const timer = setTimeout(() => {
        failed('timeout');
        request.destroy();
      }, timeoutMs);
      timer.unref();
      request.once('close', () => clearTimeout(timer));
      request.end(letter.gzip ? process.getBuiltinModule('node:zlib').gzipSync(letter.body) : letter.body);
    } catch (error) {
      resolve({ ok: false, reason: nameOf(error), retryable: false });
    }
  });
}

/** Breaks off, as a failure to be tried again, a request whose connection does not open. */
function boundConnect(request: Http.ClientRequest, socket: Socket): void {
  const giveUp = (): void => {
    if (socket.connecting) request.destroy(Object.assign(new Error(), { code: 'timeout' }));
  };
  // What came while the application kept the thread busy is heard of before the turn's end.
  const timer = setTimeout(() => setImmediate(giveUp), CONNECT_MS).unref();
  request.once('close', () => clearTimeout(timer));
}

function open(
  letter: Letter,
  signal: AbortSignal | undefined,
  onResponse: (response: Http.IncomingMessage) => void,
): Http.ClientRequest {
  const { http, https, httpAgent, httpsAgent } = (wire ??= loadWire());
  const headers = letter.gzip ? { ...letter.headers, 'content-encoding': 'gzip' } : letter.headers;
  const url = new URL(letter.url);
  const options = { method: 'POST', headers, ...(signal && { signal }) };
  return url.protocol === 'https:'
    ? https.request(url, { ...tlsOf(letter), ...options, agent: httpsAgent }, onResponse)
    : http.request(url, { ...options, agent: httpAgent }, onResponse);
}

/** Typed arrays lose their being Buffers on the way to another thread. */
export function tlsOf({ tls }: Letter): Record<string, Buffer | string | string[]> {
  return Object.fromEntries(
    Object.entries(tls).map(([name, value]: [string, string | Uint8Array | string[]]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value) : value,
    ]),
  );
}

function read(response: Http.IncomingMessage): Delivery {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return { ok: true };
  const failure = { ok: false, reason: `${status}`, retryable: RETRYABLE_STATUSES.has(status) } as const;
  const retryAfter = readRetryAfter(response.headers['retry-after']);
  return retryAfter === undefined ? failure : { ...failure, retryAfter };
}

function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
