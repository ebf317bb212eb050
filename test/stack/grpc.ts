import { connect } from 'node:http2';

/** How a gRPC call ended: its status code, and what it says. */
export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

/** Codes of gRPC. */
export const GRPC = { OK: 0, RESOURCE_EXHAUSTED: 8, INTERNAL: 13 } as const;

/** Bytes that are written at once. */
const PIECE = 16_384;

/** Sends one message, uncompressed, to a method of a server at `host:port` without TLS. */
export function callGrpc(address: string, method: string, message: Buffer): Promise<GrpcStatus> {
  const session = connect(`http://${address}`);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return new Promise<GrpcStatus>((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const read = (headers: Readonly<Record<string, unknown>>): void => {
      if (headers['grpc-status'] === undefined) return;
      const text = headers['grpc-message'];
      resolve({
        code: Number(headers['grpc-status']),
        message: typeof text === 'string' ? decodeURIComponent(text) : '',
      });
    };
    // Without an answer's body the status is in the headers, else in the trailers.
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('error', reject);
    stream.on('close', () => reject(new Error('the call ended without a status')));
    session.on('error', reject);
    stream.resume();
    // Piece by piece: a server that refuses by the length at its head reads no more, and what still waits to be written
    // would hold up its answer.
    const whole = Buffer.concat([head, message]);
    const send = (from: number): void => {
      if (stream.destroyed) return;
      const next = from + PIECE;
      if (next >= whole.length) stream.end(whole.subarray(from));
      else stream.write(whole.subarray(from, next), (error) => !error && setImmediate(send, next));
    };
    send(0);
  }).finally(() => session.destroy());
}

/** A protobuf message of about so many bytes that means nothing: one field that no message has. */
export function padding(bytes: number): Buffer {
  const length: number[] = [];
  for (let rest = bytes; ; rest >>>= 7) {
    length.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  // Field 100, with a length.
  return Buffer.concat([Buffer.from([0xa2, 0x06, ...length]), Buffer.alloc(bytes)]);
}
