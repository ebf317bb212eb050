import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type Agent } from 'node:https';
import { gzipSync } from 'node:zlib';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { load } from '../../../preload/modules.ts';
import { SIGNALS } from '../../../preload/otlp/destination.ts';
import { CONTENT_TYPES, type HttpProtocol } from '../../../preload/otlp/protocol.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../../version.ts';
import { DeadlineError } from '../deadline.ts';

const LONGEST_ANSWER = 64 * 1024;

export interface OtlpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Spans that were taken and thrown away. */
  readonly rejected: number;
}

/** Where the traces go, as OpenTelemetry reads the variables. May hold credentials. */
export function httpEndpoint(): string {
  return settings('http/protobuf').url;
}

function settings(protocol: HttpProtocol) {
  const { variable, path } = SIGNALS.traces;
  const required = { 'Content-Type': CONTENT_TYPES[protocol] };
  return load.otlpSettings().convertLegacyHttpOptions({}, variable, path, required);
}

/** Sends spans once, with the headers and certificates of the variables. Rejects where no answer came. */
export async function sendHttp(
  spans: readonly ReadableSpan[],
  protocol: HttpProtocol,
  timeoutMs: number,
): Promise<OtlpAnswer> {
  const { url, headers, compression, agentFactory } = settings(protocol);
  const target = new URL(url);
  const { JsonTraceSerializer, ProtobufTraceSerializer } = load.otlpSerializers();
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  const body = serializer.serializeRequest([...spans] as never) ?? new Uint8Array();
  const isZipped = compression === 'gzip';
  const { ca, cert, key } =
    target.protocol === 'https:' ? ((await agentFactory('https:')) as Agent).options : {};
  const options = {
    method: 'POST',
    agent: false,
    headers: {
      ...(await headers()),
      'User-Agent': `${PACKAGE_NAME}/${PACKAGE_VERSION}`,
      ...(isZipped && { 'Content-Encoding': 'gzip' }),
    },
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  } as const;
  const answer = await exchange(target, options, isZipped ? gzipSync(body) : body, timeoutMs);
  return { ...answer, rejected: rejectedIn(answer, serializer) };
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

function exchange(target: URL, options: object, body: Uint8Array, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const open = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = open(target, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= LONGEST_ANSWER) chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          contentType: (response.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
          body: Buffer.concat(chunks),
        });
      });
    });
    const timer = setTimeout(() => request.destroy(new DeadlineError('no answer in time')), timeoutMs);
    request.once('close', () => clearTimeout(timer));
    request.once('error', reject);
    request.end(body);
  });
}

interface Deserializer {
  deserializeResponse(body: Uint8Array): { partialSuccess?: { rejectedSpans?: unknown } };
}

/** A receiver may take a request and say that it kept nothing of it. */
function rejectedIn({ status, body }: Answer, serializer: unknown): number {
  if (status !== 200 || body.length === 0) return 0;
  try {
    const { partialSuccess } = (serializer as Deserializer).deserializeResponse(body);
    return Number(partialSuccess?.rejectedSpans ?? 0);
  } catch {
    return 0;
  }
}
