/** The SDK's objects, as far as this package touches them. Every part may be absent: the SDK changes weekly. */
import type { NativeCall } from '../facts.ts';

export interface RequestOptions {
  readonly method?: unknown;
  readonly path?: unknown;
  readonly body?: unknown;
  readonly headers?: unknown;
  readonly stream?: unknown;
  readonly signal?: AbortSignal | null;
  readonly __binaryResponse?: unknown;
  /** The native call span (0.134 and later); the key is there, without a value, where the SDK made none. */
  readonly __span?: NativeCall | undefined;
  /** Per-call settings of the native tracing. */
  readonly openTelemetry?: { readonly conversationId?: unknown } | undefined;
}

export interface HeadersLike extends Iterable<readonly [string, string]> {
  get(name: string): string | null;
}

export interface ResponseLike {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: HeadersLike;
}

/** What `makeRequest` resolves to. */
export interface ResponseProps {
  readonly response: ResponseLike;
  readonly options: RequestOptions;
  readonly controller: AbortController;
}

export interface FetchInit {
  readonly method?: string;
  readonly headers?: unknown;
}

export type Fetch = (this: undefined, url: unknown, init?: FetchInit) => unknown;

export interface Client {
  fetch?: Fetch;
  readonly baseURL?: unknown;
  readonly apiKey?: unknown;
  readonly authToken?: unknown;
  readonly _tracer?: unknown;
  /** Settings of the native tracing. */
  readonly openTelemetry?: { readonly tracerProvider?: unknown } | undefined;
  readonly _genAIProviderName?: unknown;
  readonly _options?: { readonly defaultHeaders?: unknown };
  /** `Anthropic/JS 1.14.0`. */
  getUserAgent?(): unknown;
}

/** The SDK's lazy promise of a parsed response. */
export interface APIPromiseLike {
  responsePromise: Promise<ResponseProps>;
  parseResponse: (...args: unknown[]) => unknown;
  parsedPromise?: unknown;
  asResponse(): Promise<ResponseLike>;
  parse?(): unknown;
  _thenUnwrap?(transform: Transform): unknown;
}

export type Transform = (data: unknown, props?: ResponseProps) => unknown;

/** The method that makes a stream's iterator: of server-sent events, of lines of JSON. */
export type IteratorMaker = 'iterator' | 'decoder';

export type StreamLike = Partial<Record<IteratorMaker, () => AsyncIterator<unknown>>>;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The name of the method that makes the iterator of `value`, where it is a stream. */
export function iteratorMaker(value: unknown): IteratorMaker | undefined {
  if (!isObject(value) || !(Symbol.asyncIterator in value)) return undefined;
  return (['iterator', 'decoder'] as const).find((name) => typeof value[name] === 'function');
}

/** Longer than any identifier that the API gives. What a server makes up must not fill spans, nor labels of metrics. */
const IDENTIFIER_LIMIT = 256;

/** `value` where it is a string as short as identifiers are. It is not cut: redaction does not know half a secret. */
export function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= IDENTIFIER_LIMIT ? value : undefined;
}

/** The value under a path of property names, or `undefined` where a step is no object or throws. */
export function dig(value: unknown, path: readonly string[]): unknown {
  try {
    let current = value;
    for (let step = 0; step < path.length; step += 1) {
      if (!isObject(current) && typeof current !== 'function') return undefined;
      current = (current as Record<string, unknown>)[path[step] as string];
    }
    return current;
  } catch {
    return undefined;
  }
}
