import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { serverOfUrl } from '../../../server.ts';

/** What a port speaks: what it says to the first bytes of HTTP/2, which is what gRPC begins with. */
export type Speech = 'http/2' | 'http/1.1' | 'tls' | 'other';

const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  // An empty SETTINGS frame.
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const SETTINGS_FRAME = 4;
const TLS_ALERT = 0x15;

/** Asks a port what it speaks. Never rejects; `other` where it says nothing that is known. */
export function probe(url: URL, timeoutMs: number): Promise<Speech> {
  return new Promise((resolve) => {
    const { address: host, port } = serverOfUrl(url);
    const socket: Socket =
      url.protocol === 'https:'
        ? connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] })
        : connectPlain({ host, port });
    const end = (speech: Speech): void => {
      resolve(speech);
      socket.destroy();
    };
    socket.setTimeout(timeoutMs, () => end('other'));
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => socket.write(PREFACE));
    socket.once('data', (data) => end(speechOf(data)));
    socket.once('error', () => end('other'));
    socket.once('close', () => end('other'));
  });
}

function speechOf(data: Buffer): Speech {
  if (data.subarray(0, 5).toString('latin1') === 'HTTP/') return 'http/1.1';
  if (data[0] === TLS_ALERT) return 'tls';
  return data.length >= 9 && data[3] === SETTINGS_FRAME ? 'http/2' : 'other';
}
