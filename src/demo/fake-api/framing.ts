import { crc32 } from 'node:zlib';
import type { ErrorDetail, StreamEvent, Wire } from './types.ts';

/** How a platform puts events on the wire. */
export interface Framing {
  readonly contentType: string;
  /** Bytes of one event; empty where the platform does not send such an event. */
  event(event: StreamEvent): Buffer;
  /** Bytes that report an error in the middle of a stream. */
  error(error: ErrorDetail, requestId: string): Buffer;
}

const SSE: Framing = {
  contentType: 'text/event-stream; charset=utf-8',
  event: (event) => sseFrame(event.type, event),
  error: (error, requestId) => sseFrame('error', { type: 'error', error, request_id: requestId }),
};

const AWS_EVENT_STREAM: Framing = {
  contentType: 'application/vnd.amazon.eventstream',
  event: (event) => (event.type === 'ping' ? Buffer.alloc(0) : awsChunk(event)),
  error: (error) =>
    awsFrame(
      [
        [':exception-type', AWS_EXCEPTION[error.type] ?? 'internalServerException'],
        [':content-type', 'application/json'],
        [':message-type', 'exception'],
      ],
      Buffer.from(JSON.stringify({ message: error.message })),
    ),
};

export const FRAMING: Readonly<Record<Wire, Framing>> = {
  anthropic: SSE,
  vertex: SSE,
  bedrock: AWS_EVENT_STREAM,
};

/** Exception of a Bedrock stream for an error type of the API. */
const AWS_EXCEPTION: Readonly<Record<string, string>> = {
  invalid_request_error: 'validationException',
  rate_limit_error: 'throttlingException',
  overloaded_error: 'serviceUnavailableException',
  timeout_error: 'modelTimeoutException',
};

function sseFrame(name: string, data: object): Buffer {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

function awsChunk(event: StreamEvent): Buffer {
  const bytes = Buffer.from(JSON.stringify(event)).toString('base64');
  return awsFrame(
    [
      [':event-type', 'chunk'],
      [':content-type', 'application/json'],
      [':message-type', 'event'],
    ],
    Buffer.from(JSON.stringify({ bytes, p: 'abcdefghijklmnop' })),
  );
}

/** Length of a frame's lengths and their checksum, and of the frame's own checksum at the end. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** Type of a header value in the framing: a string with a 16-bit length. */
const STRING_HEADER = 7;

function awsFrame(headers: readonly (readonly [name: string, value: string])[], payload: Buffer): Buffer {
  const headerBytes = Buffer.concat(headers.map(([name, value]) => awsHeader(name, value)));
  const frame = Buffer.alloc(PRELUDE_BYTES + headerBytes.length + payload.length + CHECKSUM_BYTES);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(headerBytes.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  headerBytes.copy(frame, PRELUDE_BYTES);
  payload.copy(frame, PRELUDE_BYTES + headerBytes.length);
  const end = frame.length - CHECKSUM_BYTES;
  frame.writeUInt32BE(crc32(frame.subarray(0, end)), end);
  return frame;
}

function awsHeader(name: string, value: string): Buffer {
  const lengths = Buffer.alloc(3);
  lengths.writeUInt8(STRING_HEADER, 0);
  lengths.writeUInt16BE(Buffer.byteLength(value), 1);
  return Buffer.concat([
    Buffer.from([Buffer.byteLength(name)]),
    Buffer.from(name),
    lengths,
    Buffer.from(value),
  ]);
}
