import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { openExchange, refusal } from './exchange.ts';
import { UsualHeaders } from './headers.ts';
import { DEFAULT_MODELS } from './models.ts';
import { Router } from './routes.ts';
import { send } from './send.ts';
import type { FakeApi, FakeApiOptions, RecordedRequest, Reply } from './types.ts';

/** Longer than any test or demo: an idle connection that the server closes looks like a failure of the API. */
const KEEP_ALIVE_MS = 600_000;

/**
 * Starts a server on a free port of 127.0.0.1 that speaks the Claude API's wire format: JSON, server-sent
 * events, errors and headers, and the dialects of Bedrock, Vertex and Foundry.
 *
 * A request gets the next scripted answer (`enqueue`), else the default's (`setDefault`), else the
 * built-in routing's.
 */
export async function startFakeApi(options: FakeApiOptions = {}): Promise<FakeApi> {
  const { requireKey = true, record = true, models = DEFAULT_MODELS } = options;
  const requests: RecordedRequest[] = [];
  const scripted: Reply[] = [];
  const waiting = new Set<() => void>();
  const router = new Router(models);
  const usualHeaders = new UsualHeaders();
  let defaultReply: ((request: RecordedRequest) => Reply | undefined) | undefined;
  let closing = false;

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const outcome = { aborted: false, severed: false };
    const request = await readRequest(incoming, response, outcome, () => closing);
    const exchange = openExchange(request);
    const outlet = {
      response,
      usualHeaders: usualHeaders.next(exchange),
      sever(reset: boolean): void {
        outcome.severed = true;
        if (reset) {
          response.socket?.resetAndDestroy();
        } else {
          response.socket?.destroySoon();
        }
      },
    };
    const next = scripted.shift();
    if (record) {
      requests.push(request);
      for (const check of waiting) check();
    }
    const reply =
      next ??
      defaultReply?.(request) ??
      (requireKey ? refusal(exchange) : undefined) ??
      (await router.answer(exchange));
    await send(reply, exchange, outlet);
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (incoming, response) => {
    handle(incoming, response).catch((cause: unknown) => failVisibly(response, cause));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    enqueue(...replies) {
      scripted.push(...replies);
    },
    setDefault(answer) {
      defaultReply = answer;
    },
    received(count) {
      return new Promise((resolve) => {
        const check = (): void => {
          if (requests.length >= count) {
            waiting.delete(check);
            resolve();
          }
        };
        waiting.add(check);
        check();
      });
    },
    async close() {
      closing = true;
      if (server.listening) {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }
    },
  };
}

/** Reads the whole request. Rejects where the client goes away before its end. */
async function readRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  outcome: { aborted: boolean; readonly severed: boolean },
  isClosing: () => boolean,
): Promise<RecordedRequest> {
  const closed = new Promise<void>((resolve) => {
    response.once('close', () => {
      outcome.aborted = !response.writableFinished && !outcome.severed && !isClosing();
      resolve();
    });
  });
  const rawBody = await buffer(incoming);
  const body = rawBody.toString('utf8');
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    rawHeaders: pairs(incoming.rawHeaders),
    rawBody,
    body,
    json: parseJson(body),
    get aborted() {
      return outcome.aborted;
    },
    closed,
  };
}

function pairs(flat: readonly string[]): readonly (readonly [string, string])[] {
  const result: [string, string][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    result.push([flat[index] ?? '', flat[index + 1] ?? '']);
  }
  return result;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Turns a fault of the server, or of a `setDefault` function, into an answer that shows it. */
function failVisibly(response: ServerResponse, cause: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const message = `fake API: ${cause instanceof Error ? cause.message : String(cause)}`;
  const body = { type: 'error', error: { type: 'api_error', message }, request_id: null };
  response.writeHead(500, { 'content-type': 'application/json', 'x-should-retry': 'false' });
  response.end(JSON.stringify(body));
}
