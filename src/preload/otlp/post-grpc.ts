import { nameOf } from '../../say.ts';
import type { Delivery, Letter } from './letter.ts';
import { tlsOf } from './post.ts';

/** Codes of gRPC that have the same cause as a status of HTTP. */
const STATUSES: Readonly<Record<string, string>> = { 7: '403', 16: '401' };

/**
 * Sends a letter once over gRPC, on a connection of its own, which does not keep the process alive. Never rejects.
 *
 * @param signal as of `post`.
 * @param onHandedOver as of `post`.
 */
export function postGrpc(
  letter: Letter,
  timeoutMs: number,
  signal?: AbortSignal,
  onHandedOver?: () => void,
): Promise<Delivery> {
  return new Promise((resolve) => {
    const failed = (reason: string): void => resolve({ ok: false, reason, retryable: false });
    try {
      const session = process.getBuiltinModule('node:http2').connect(letter.url, tlsOf(letter));
      session.unref();
      signal?.addEventListener('abort', () => session.destroy(), { once: true });
      const timer = setTimeout(() => {
        failed('timeout');
        session.destroy();
      }, timeoutMs).unref();
      const readStatus = (headers: Readonly<Record<string, unknown>>): void => {
        const status = headers['grpc-status'];
        if (status === '0') resolve({ ok: true });
        else if (typeof status === 'string') failed(STATUSES[status] ?? `gRPC ${status}`);
      };
      session.once('error', (error) => failed(nameOf(error)));
      session.once('close', () => {
        clearTimeout(timer);
        failed('gRPC');
      });
      const stream = session.request({
        ...letter.headers,
        ':method': 'POST',
        ':path': letter.rpc,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      // Without a message in the answer the status is in its headers, else in its trailers.
      stream.on('response', readStatus);
      stream.on('trailers', readStatus);
      stream.once('error', (error) => {
        // A session that breaks cancels its streams first, and then says why.
        if (nameOf(error) !== 'ERR_HTTP2_STREAM_CANCEL') failed(nameOf(error));
      });
      stream.once('finish', () => onHandedOver?.());
      stream.once('close', () => session.destroy());
      stream.resume();
      stream.end(framed(letter.body));
    } catch (error) {
      failed(nameOf(error));
    }
  });
}

/** A message of gRPC: not compressed, its length, itself. */
function framed(body: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}
