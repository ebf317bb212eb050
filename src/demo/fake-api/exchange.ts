import { randomUUID } from 'node:crypto';
import { newId } from './ids.ts';
import { error, raw } from './replies.ts';
import type { Exchange, RecordedRequest, Reply, Wire } from './types.ts';
import { asObject } from './validate.ts';

const BEDROCK_PATH = /^\/model\/([^/]+)\/invoke(-with-response-stream)?$/;
const VERTEX_PATH =
  /\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/models\/([^/]+):(raw|streamRaw)Predict$/;
/** Foundry and Bedrock's Anthropic-shaped endpoint put the API's paths behind this one. */
const PLATFORM_PREFIX = /^\/anthropic(?=\/)/;

/** Reads from `request` what answering it takes. */
export function openExchange(request: RecordedRequest): Exchange {
  const { pathname, searchParams: query } = new URL(request.path, 'http://127.0.0.1');
  const route = pathname.replace(PLATFORM_PREFIX, '');
  const bedrock = BEDROCK_PATH.exec(route);
  if (bedrock) {
    return {
      request,
      route,
      query,
      wire: 'bedrock',
      requestId: randomUUID(),
      model: decodeURIComponent(bedrock[1] ?? ''),
      streaming: bedrock[2] !== undefined,
    };
  }
  const vertex = VERTEX_PATH.exec(route);
  if (vertex) {
    return {
      request,
      route,
      query,
      wire: 'vertex',
      requestId: newId('req_vrtx_'),
      model: decodeURIComponent(vertex[1] ?? ''),
      streaming: vertex[2] === 'streamRaw',
    };
  }
  const { model, stream } = asObject(request.json);
  return {
    request,
    route,
    query,
    wire: 'anthropic',
    requestId: newId('req_'),
    model: typeof model === 'string' ? model : undefined,
    streaming: stream === true,
  };
}

/** The answer to a request without credentials, or `undefined` where it carries some. */
export function refusal({ request, wire, requestId }: Exchange): Reply | undefined {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  return (authorization ?? apiKey) ? undefined : REFUSALS[wire](requestId);
}

const REFUSALS: Readonly<Record<Wire, (requestId: string) => Reply>> = {
  anthropic: () => error(401, { message: 'x-api-key header is required' }),
  bedrock: () =>
    error(403, {
      message: 'Missing Authentication Token',
      headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
    }),
  vertex: (requestId) =>
    raw({
      status: 401,
      headers: { 'content-type': 'application/json; charset=UTF-8', 'request-id': requestId },
      body: JSON.stringify([
        {
          error: {
            code: 401,
            message: 'Request is missing required authentication credential.',
            status: 'UNAUTHENTICATED',
          },
        },
      ]),
    }),
};
