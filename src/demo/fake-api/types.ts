import type { IncomingHttpHeaders } from 'node:http';

/** Whose dialect a request speaks: error bodies, stream framing and identity headers differ. */
export type Wire = 'anthropic' | 'bedrock' | 'vertex';

/** One request as it arrived. It is recorded when its body has been read. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, exactly as sent. */
  readonly path: string;
  /** Header names in lower case, as Node gives them. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Name and value pairs with the names' case and order on the wire. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly rawBody: Buffer;
  /** The body as UTF-8 text. */
  readonly body: string;
  /** The body parsed as JSON, or `undefined` where it is none. */
  readonly json: unknown;
  /** True once the client has closed the connection before its answer was complete. */
  readonly aborted: boolean;
  /** Resolves when the exchange is over, however it ended. */
  readonly closed: Promise<void>;
}

/** Header values to send; `null` removes a header that the server would send by itself. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[] | null>>;

/** The `usage` object of the API, with its own names. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number | null;
  readonly cache_read_input_tokens: number | null;
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  } | null;
  readonly output_tokens_details: { readonly thinking_tokens: number } | null;
  readonly server_tool_use: { readonly web_search_requests: number } | null;
  readonly service_tier: 'standard' | 'priority' | 'batch' | null;
}

/** What a message answer holds; whatever is left out has a sensible default. */
export interface MessageSpec {
  /** Text of the answer. An array gives one `text_delta` for each element when it is streamed. */
  readonly text?: string | readonly string[];
  /** Text of a thinking block that comes before the answer. */
  readonly thinking?: string;
  /** A tool call that comes after the text. */
  readonly toolUse?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> };
  /** Model of the answer; the request's own by default. */
  readonly model?: string;
  readonly id?: string;
  readonly stopReason?: string;
  readonly stopSequence?: string;
  readonly usage?: Partial<Usage>;
}

/** One event of a message stream, with the API's names. */
export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The type and message of an API error. */
export interface ErrorDetail {
  readonly type: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | null;
}

/**
 * How a stream ends. `after` counts events, from `message_start` and with pings.
 * - `complete`: after its last event.
 * - `truncated`: regularly, but early; by default just before `message_stop`.
 * - `cut`: the connection is closed (`reset`: by a TCP reset, which may lose events on their way).
 * - `error`: by an `error` event (Bedrock: an exception frame).
 * - `stall`: nothing more is sent, and the connection stays open.
 */
export type StreamEnding =
  | { readonly kind: 'complete' }
  | { readonly kind: 'truncated'; readonly after?: number }
  | { readonly kind: 'cut'; readonly after: number; readonly reset?: boolean }
  | { readonly kind: 'error'; readonly after: number; readonly error: ErrorDetail }
  | { readonly kind: 'stall'; readonly after: number };

export interface StreamReply {
  readonly kind: 'stream';
  readonly message: MessageSpec;
  /** Sent in place of the events that `message` gives. */
  readonly events?: readonly StreamEvent[];
  readonly ending: StreamEnding;
  readonly headers?: ReplyHeaders;
  /** Milliseconds between two events; without it the events leave in one write. */
  readonly paceMs?: number;
  /** Sends `after` events, then waits for `until` before the rest. */
  readonly hold?: { readonly after: number; readonly until: Promise<unknown> };
}

export interface ErrorReply {
  readonly kind: 'error';
  readonly status: number;
  readonly error: ErrorDetail;
  /** `request_id` of the body; the `request-id` header's by default. */
  readonly requestId?: string | null;
  readonly headers?: ReplyHeaders;
}

/** One answer of the server. */
export type Reply =
  /** A message: as JSON, or as a stream where the request asks for one. */
  | { readonly kind: 'message'; readonly message: MessageSpec; readonly headers?: ReplyHeaders }
  | StreamReply
  | ErrorReply
  /** A JSON body with the usual headers. */
  | {
      readonly kind: 'json';
      readonly status: number;
      readonly body: unknown;
      readonly headers?: ReplyHeaders;
    }
  /** Exactly this status, these headers and this body: no usual header is added. */
  | {
      readonly kind: 'raw';
      readonly status: number;
      readonly headers: ReplyHeaders;
      readonly body: string | Uint8Array;
    }
  /** No answer; the connection stays open. */
  | { readonly kind: 'hang' }
  /** The connection is closed before any header (`reset`: by a TCP reset). */
  | { readonly kind: 'drop'; readonly reset: boolean }
  /** `reply`, once `until` has resolved. */
  | { readonly kind: 'held'; readonly until: Promise<unknown>; readonly reply: Reply };

/** A model as `GET /v1/models` lists it. */
export interface ModelInfo {
  readonly type: 'model';
  readonly id: string;
  readonly display_name: string;
  readonly created_at: string;
}

export interface FakeApiOptions {
  /** False answers requests that carry no credentials too. Default: true. */
  readonly requireKey?: boolean;
  /** False keeps `requests` empty, for runs with very many of them. Default: true. */
  readonly record?: boolean;
  /** What `GET /v1/models` lists. */
  readonly models?: readonly ModelInfo[];
}

/** A running server. */
export interface FakeApi {
  /** `http://127.0.0.1:<port>`, to be used as the SDK's base URL (Vertex: with `/v1` behind it). */
  readonly url: string;
  readonly port: number;
  /** Every request since the start, in the order in which their bodies were read. */
  readonly requests: readonly RecordedRequest[];
  /** Adds scripted answers. They are used in order, each once, whatever the request is. */
  enqueue(...replies: readonly Reply[]): void;
  /**
   * Sets the answer for requests that no scripted one is left for. `undefined` from `answer` gives the
   * built-in routing.
   */
  setDefault(answer: (request: RecordedRequest) => Reply | undefined): void;
  /** Resolves when `count` requests have been recorded in all. */
  received(count: number): Promise<void>;
  /** Closes every connection and the server. Can be called more than once. */
  close(): Promise<void>;
}

/** One request while it is being answered. */
export interface Exchange {
  readonly request: RecordedRequest;
  readonly wire: Wire;
  /** Path without query and without the prefix of a platform. */
  readonly route: string;
  readonly query: URLSearchParams;
  /** The model that the request names, in its body or its path. */
  readonly model: string | undefined;
  /** Whether the request asks for a stream. */
  readonly streaming: boolean;
  readonly requestId: string;
}
