import { type RequestListener, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, type Server, type Socket, createServer as createTcpServer } from 'node:net';
import { Anthropic } from '@anthropic-ai/sdk';
import { Anthropic as Anthropic039 } from 'sdk-0.39';
import { describe, expect, it } from 'vitest';
import {
  type Diagnosis,
  connectionErrorCode,
  connectionErrorType,
  diagnose,
} from '../../../src/diagnosis/index.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { closedPort } from '../../support/servers.ts';

const KEY = 'sk-ant-api03-' + 'A'.repeat(95);

interface World {
  readonly listen: () => Server;
  readonly scheme: 'http' | 'https';
}

/** Serves one world, runs the call and hands back what it threw. */
async function failureIn(world: World, call: (baseURL: string) => Promise<unknown>): Promise<unknown> {
  const server = world.listen();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await thrownBy(() => call(`${world.scheme}://127.0.0.1:${port}`));
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function thrownBy(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('the call did not fail');
}

const http = (listener: RequestListener): World => ({ scheme: 'http', listen: () => createServer(listener) });

const tcp = (scheme: World['scheme'], onData: (socket: Socket) => void): World => ({
  scheme,
  listen: () =>
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => onData(socket));
    }),
});

function tls(until?: string): World {
  return { scheme: 'https', listen: () => createTlsServer(selfSigned(until), () => undefined) };
}

const cutBody = http((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"id":"msg_1",', () => response.socket?.destroy());
});

const CALL = { model: 'm', max_tokens: 1, messages: [{ role: 'user' as const, content: 'x' }] };

interface Options {
  readonly baseURL: string;
  readonly apiKey: string | null;
  readonly authToken?: null;
  readonly maxRetries: number;
  readonly timeout?: number;
}

type Create = (options: Options, signal?: AbortSignal) => Promise<unknown>;

const CLIENTS: readonly (readonly [version: string, create: Create])[] = [
  [NEWEST_SDK, async (options, signal) => new Anthropic(options).messages.create(CALL, { signal })],
  ['0.39', async (options, signal) => new Anthropic039(options).messages.create(CALL, { signal })],
];

interface Expected {
  readonly type: string;
  readonly code: RegExp | undefined;
  readonly hint: Diagnosis['hint'];
  readonly kind?: Diagnosis['kind'];
}

/** Whether the SDK got it from Node's own `fetch`. */
function isFetchError({ cause }: Error): boolean {
  return cause instanceof TypeError && cause.message === 'fetch failed';
}

function check(error: unknown, expected: Expected): void {
  const diagnosis = diagnose({ error, message: (error as Error).message });
  expect(connectionErrorType(error)).toBe(expected.type);
  const code = connectionErrorCode(error);
  if (expected.code === undefined) expect(code).toBeUndefined();
  else expect(code).toMatch(expected.code);
  expect(diagnosis.hint).toBe(expected.hint);
  expect(diagnosis.kind).toBe(expected.kind ?? 'connection');
  expect(diagnosis.code).toBe(code);
}

describe.each(CLIENTS)('real failures of SDK %s', (_version, create) => {
  const call = (baseURL: string) => create({ baseURL, apiKey: KEY, maxRetries: 0 });

  it('closed port', async () => {
    const port = await closedPort();
    const error = await thrownBy(() => call(`http://127.0.0.1:${port}`));
    check(error, { type: 'connection_refused', code: /^ECONNREFUSED$/, hint: 'refused' });
  });

  it('unknown host', async () => {
    const error = await thrownBy(() => call('http://no-such-host.invalid'));
    check(error, { type: 'dns_error', code: /^(?:ENOTFOUND|EAI_AGAIN)$/, hint: 'dns' });
  });

  it('reset before the headers', async () => {
    const error = await failureIn(
      tcp('http', (socket) => socket.resetAndDestroy()),
      call,
    );
    check(error, {
      type: 'connection_reset',
      code: /^ECONNRESET$|^UND_ERR_SOCKET$/,
      hint: 'reset',
    });
  });

  it('closed before the headers', async () => {
    const error = await failureIn(
      tcp('http', (socket) => socket.end()),
      call,
    );
    check(error, { type: 'connection_reset', code: /^ECONNRESET$|^UND_ERR_SOCKET$/, hint: 'closed' });
  });

  it('certificate that signs itself', async () => {
    const error = await failureIn(tls(), call);
    check(error, { type: 'tls_error', code: /^DEPTH_ZERO_SELF_SIGNED_CERT$/, hint: 'tls' });
  });

  it('closed in the handshake', async () => {
    const error = await failureIn(
      tcp('https', (socket) => socket.end()),
      call,
    );
    check(error, { type: 'tls_error', code: /^ECONNRESET$/, hint: 'tls' });
  });

  it('https against a server of http', async () => {
    const error = await failureIn({ ...http(() => undefined), scheme: 'https' }, call);
    check(error, { type: 'tls_error', code: /^EPROTO$|^ERR_SSL_/, hint: 'tls' });
  });

  it('no HTTP at all', async () => {
    const error = await failureIn(
      tcp('http', (socket) => socket.end('SSH-2.0-x\r\n\r\n')),
      call,
    );
    // The fetch of Node 24 and later no longer gives the parser's code to the error; node-fetch does.
    const isCodeless =
      Number(process.versions.node.split('.')[0]) >= 24 && error instanceof Error && isFetchError(error);
    check(error, { type: 'connection_error', code: isCodeless ? undefined : /^HPE_/, hint: 'bad_http' });
  });

  it('body that breaks off', async () => {
    const error = await failureIn(cutBody, call);
    check(error, {
      type: 'premature_close',
      code: /^UND_ERR_SOCKET$|^ERR_STREAM_PREMATURE_CLOSE$/,
      hint: 'premature_close',
    });
  });

  it('key with a line break', async () => {
    const baseURL = 'http://127.0.0.1:1';
    const error = await thrownBy(() => create({ baseURL, apiKey: `${KEY}\nX`, maxRetries: 0 }));
    const diagnosis = diagnose({ error, message: (error as Error).message });
    expect(diagnosis).toMatchObject({ kind: 'client_config', hint: 'bad_header_value', retryable: false });
    expect(JSON.stringify(diagnosis)).not.toContain('AAAA');
  });

  it('no key', async () => {
    const baseURL = 'http://127.0.0.1:1';
    const error = await thrownBy(() => create({ baseURL, apiKey: null, authToken: null, maxRetries: 0 }));
    expect(diagnose({ error })).toMatchObject({ kind: 'client_config', hint: 'missing_key' });
  });

  it('canceled by its caller', async () => {
    const error = await failureIn(
      http(() => undefined),
      async (baseURL) => {
        const controller = new AbortController();
        const pending = create({ baseURL, apiKey: KEY, maxRetries: 0 }, controller.signal);
        controller.abort();
        await pending;
      },
    );
    expect(diagnose({ error })).toMatchObject({ kind: 'aborted', hint: 'aborted', retryable: false });
  });

  it('no headers in time', async () => {
    const error = await failureIn(
      http(() => undefined),
      (baseURL) => create({ baseURL, apiKey: KEY, maxRetries: 0, timeout: 50 }),
    );
    check(error, { type: 'connection_error', code: undefined, hint: 'timeout', kind: 'timeout' });
  });
});

const coded = (code: string, message = '', name = 'Error') =>
  Object.assign(new Error(message), { code, name });
const failed = (cause: unknown) => new TypeError('fetch failed', { cause });

describe('errors put together by hand', () => {
  it.each([
    [
      'expired',
      failed(coded('CERT_HAS_EXPIRED', 'certificate has expired')),
      'tls_error',
      'CERT_HAS_EXPIRED',
      'tls',
    ],
    [
      'another name',
      failed(coded('ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames")),
      'tls_error',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'tls',
    ],
    [
      'certificate text alone',
      new Error('self signed certificate in certificate chain'),
      'tls_error',
      undefined,
      'tls',
    ],
    [
      'DNS for a moment',
      failed(coded('EAI_AGAIN', 'getaddrinfo EAI_AGAIN api.example')),
      'dns_error',
      'EAI_AGAIN',
      'dns',
    ],
    [
      'connect by name only',
      failed(Object.assign(new Error('x'), { name: 'ConnectTimeoutError' })),
      'connect_timeout',
      undefined,
      'connect_timeout',
    ],
    [
      'read that timed out',
      failed(coded('ETIMEDOUT', 'read ETIMEDOUT')),
      'connection_reset',
      'ETIMEDOUT',
      'reset',
    ],
    ['broken pipe', failed(coded('EPIPE', 'write EPIPE')), 'connection_reset', 'EPIPE', 'reset'],
    [
      'reset in the body',
      new TypeError('terminated', { cause: coded('ECONNRESET', 'read ECONNRESET') }),
      'connection_reset',
      'ECONNRESET',
      'reset_body',
    ],
    ['new proxy code', failed(coded('UND_ERR_PRX_TLS', 'x')), 'proxy_error', 'UND_ERR_PRX_TLS', 'proxy'],
    [
      'tunnel of the agent',
      new Error('tunneling socket could not be established, statusCode=407'),
      'proxy_error',
      undefined,
      'proxy',
    ],
    [
      'no route',
      failed(coded('EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:443')),
      'connection_error',
      'EHOSTUNREACH',
      'unreachable',
    ],
    [
      "the network refused by Node's permission model",
      failed(
        coded(
          'ERR_ACCESS_DENIED',
          'connect ERR_ACCESS_DENIED Access to this API has been restricted. Use --allow-net to manage permissions.',
        ),
      ),
      'connection_error',
      'ERR_ACCESS_DENIED',
      'local_refusal',
    ],
    [
      'headers too large',
      failed(coded('UND_ERR_HEADERS_OVERFLOW', 'Headers Overflow Error')),
      'connection_error',
      'UND_ERR_HEADERS_OVERFLOW',
      'headers_overflow',
    ],
    ['redirects', failed(new Error('redirect count exceeded')), 'connection_error', undefined, 'redirect'],
    [
      'no URL',
      coded('ERR_INVALID_URL', 'Invalid URL', 'TypeError'),
      'connection_error',
      'ERR_INVALID_URL',
      'bad_url',
    ],
    [
      'some addresses refused, one unreachable',
      failed(
        new AggregateError([
          coded('ENETUNREACH', 'connect ENETUNREACH ::1:1'),
          coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'),
        ]),
      ),
      'connection_refused',
      'ECONNREFUSED',
      'refused',
    ],
    [
      'broken brotli',
      new TypeError('terminated', { cause: coded('ERR__ERROR_FORMAT_PADDING_1', 'Decompression failed') }),
      'premature_close',
      'ERR__ERROR_FORMAT_PADDING_1',
      'bad_encoding',
    ],
    ['DNS without an address', coded('ENODATA', 'queryA ENODATA'), 'dns_error', 'ENODATA', 'dns'],
    ['DNS that is silent', coded('ETIMEOUT', 'queryA ETIMEOUT'), 'dns_error', 'ETIMEOUT', 'dns'],
    [
      'headers by name only',
      failed(Object.assign(new Error('x'), { name: 'HeadersTimeoutError' })),
      'headers_timeout',
      undefined,
      'headers_timeout',
    ],
    [
      'body by name only',
      new TypeError('terminated', { cause: Object.assign(new Error('x'), { name: 'BodyTimeoutError' }) }),
      'body_timeout',
      undefined,
      'body_timeout',
    ],
    ['connection given up', failed(coded('ECONNABORTED', 'x')), 'connection_reset', 'ECONNABORTED', 'reset'],
    [
      'broken gzip',
      new TypeError('terminated', { cause: coded('Z_DATA_ERROR', 'incorrect header check') }),
      'connection_error',
      'Z_DATA_ERROR',
      'bad_encoding',
    ],
    [
      'code in a text',
      new Error('Request failed: getaddrinfo ENOTFOUND api.example'),
      'dns_error',
      'ENOTFOUND',
      'dns',
    ],
    [
      'a number for a code',
      failed(Object.assign(new Error('x'), { code: 20 })),
      'connection_error',
      undefined,
      'unknown',
    ],
    [
      'a key for a code',
      failed(coded('AKIA' + 'B'.repeat(16), 'x')),
      'connection_error',
      undefined,
      'unknown',
    ],
  ])('%s', (_name, error, type, code, hint) => {
    expect(connectionErrorType(error)).toBe(type);
    expect(connectionErrorCode(error)).toBe(code);
    expect(diagnose({ error }).hint).toBe(hint);
  });
});
