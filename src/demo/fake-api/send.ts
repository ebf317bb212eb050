import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { FRAMING } from './framing.ts';
import { buildEvents, buildMessage } from './message.ts';
import type { ErrorReply, Exchange, Reply, ReplyHeaders, StreamReply } from './types.ts';

/** The connection that a reply is sent on. */
export interface Outlet {
  readonly response: ServerResponse;
  readonly usualHeaders: Readonly<Record<string, string>>;
  /** Closes the connection on the server's side; with `reset`, by a TCP reset. */
  sever(reset: boolean): void;
}

/** Sends `reply`. Resolves when all of it has been handed to the connection. */
export async function send(reply: Reply, exchange: Exchange, outlet: Outlet): Promise<void> {
  switch (reply.kind) {
    case 'message':
      return exchange.streaming
        ? sendStream({ ...reply, kind: 'stream', ending: { kind: 'complete' } }, exchange, outlet)
        : sendJson(200, buildMessage(reply.message, exchange.model, exchange.wire), reply.headers, outlet);
    case 'stream':
      return sendStream(reply, exchange, outlet);
    case 'error':
      return sendError(reply, exchange, outlet);
    case 'json':
      return sendJson(reply.status, reply.body, reply.headers, outlet);
    case 'raw':
      setHeaders(outlet.response, {}, reply.headers);
      outlet.response.writeHead(reply.status).end(reply.body);
      return;
    case 'hang':
      return;
    case 'drop':
      outlet.sever(reply.reset);
      return;
    case 'held':
      await reply.until;
      return send(reply.reply, exchange, outlet);
  }
}

function sendJson(
  status: number,
  body: unknown,
  headers: ReplyHeaders | undefined,
  { response, usualHeaders }: Outlet,
): void {
  const text = JSON.stringify(body);
  setHeaders(
    response,
    {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      ...usualHeaders,
    },
    headers,
  );
  response.writeHead(status).end(text);
}

function sendError(reply: ErrorReply, exchange: Exchange, outlet: Outlet): void {
  if (exchange.wire === 'bedrock') {
    const headers = { 'x-amzn-errortype': bedrockErrorType(reply.status), ...reply.headers };
    return sendJson(reply.status, { message: reply.error.message }, headers, outlet);
  }
  const requestId = reply.requestId === undefined ? exchange.requestId : reply.requestId;
  const body = { type: 'error', error: reply.error, request_id: requestId };
  return sendJson(reply.status, body, reply.headers, outlet);
}

function bedrockErrorType(status: number): string {
  switch (status) {
    case 400:
      return 'ValidationException';
    case 401:
    case 403:
      return 'AccessDeniedException';
    case 404:
      return 'ResourceNotFoundException';
    case 429:
      return 'ThrottlingException';
    case 503:
    case 529:
      return 'ServiceUnavailableException';
    default:
      return 'InternalServerException';
  }
}

async function sendStream(reply: StreamReply, exchange: Exchange, outlet: Outlet): Promise<void> {
  const { response } = outlet;
  const framing = FRAMING[exchange.wire];
  const events = reply.events ?? buildEvents(reply.message, exchange.model, exchange.wire);
  const frames = events.slice(0, countSent(reply, events.length)).map((event) => framing.event(event));
  if (reply.ending.kind === 'error') frames.push(framing.error(reply.ending.error, exchange.requestId));
  setHeaders(
    response,
    { 'content-type': framing.contentType, 'cache-control': 'no-cache', ...outlet.usualHeaders },
    reply.headers,
  );
  response.writeHead(200);
  response.flushHeaders();

  const held = reply.hold ? frames.splice(reply.hold.after) : [];
  await writeFrames(response, frames, reply.paceMs);
  if (reply.hold) {
    await reply.hold.until;
    await writeFrames(response, held, reply.paceMs);
  }
  switch (reply.ending.kind) {
    case 'complete':
    case 'truncated':
    case 'error':
      response.end();
      return;
    case 'cut':
      outlet.sever(reply.ending.reset ?? false);
      return;
    case 'stall':
      return;
  }
}

/** How many of a stream's events are sent. */
function countSent({ ending }: StreamReply, total: number): number {
  switch (ending.kind) {
    case 'complete':
      return total;
    case 'truncated':
      return ending.after ?? total - 1;
    default:
      return ending.after;
  }
}

/** Writes `frames` in one piece, or one by one with `paceMs` between them. Gives up on a closed connection. */
async function writeFrames(
  response: ServerResponse,
  frames: readonly Buffer[],
  paceMs: number | undefined,
): Promise<void> {
  if (paceMs === undefined) {
    await write(response, Buffer.concat(frames));
    return;
  }
  for (const frame of frames) {
    await write(response, frame);
    await sleep(paceMs);
    if (response.destroyed) return;
  }
}

/** Resolves when the bytes are with the operating system, or will never be. */
function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (bytes.length === 0 || response.destroyed) {
      resolve();
      return;
    }
    response.once('close', resolve);
    response.write(bytes, () => {
      response.off('close', resolve);
      resolve();
    });
  });
}

function setHeaders(
  response: ServerResponse,
  usual: Readonly<Record<string, string>>,
  own: ReplyHeaders = {},
): void {
  for (const [name, value] of Object.entries({ ...usual, ...own })) {
    if (value !== null) response.setHeader(name, value);
  }
}
