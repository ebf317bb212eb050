/**
 * What passes between the side that knows the Anthropic SDK (`sdk/`) and the side that knows OpenTelemetry
 * (`telemetry/`). Neither imports the other.
 *
 * A *call* is one invocation of an SDK method, with its retries and its stream. An *attempt* is one HTTP
 * request in it.
 */
import type { AttributeValue, Context, Span } from '@opentelemetry/api';
import type { AttributeBag, AttributeName, RateLimitCause } from './schema.ts';

/** Takes attributes one by one, so that none is gathered to be taken apart again. What is `undefined` is absent. */
export interface AttributeSink {
  set(name: AttributeName, value: AttributeValue | undefined): void;
}

/** The call span that the SDK started itself (0.134 and later), as it travels in the request options. */
export interface NativeCall {
  readonly span: Span;
  readonly name: string;
}

/** A call, as known before its first attempt. */
export interface CallFacts {
  /** The native name: `anthropic.messages.create`. */
  readonly name: string;
  /** The template of the path: `/v1/messages`, where it is a known endpoint. */
  readonly route: string | undefined;
  /** `chat` for Messages, otherwise what follows `anthropic.` in the name. */
  readonly operation: string;
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  readonly model: string | undefined;
  readonly streaming: boolean;
  readonly serverAddress: string | undefined;
  readonly serverPort: number | undefined;
  /** Tells what a native span has of the request, beyond the fields above. */
  describe(sink: AttributeSink): void;
  /** Tells what a native span lacks of the request. */
  describeMore(sink: AttributeSink): void;
  /** The request's content, read only when content capture is on. */
  content(): RequestContent;
  /** The call has ended: lets go of the request, whose body may be large. What is read from it is empty then. */
  forget(): void;
  /**
   * The native span to ride; `none` where the SDK made none for this call; `unsampled` where it decided not
   * to record it, which a span of ours must not overrule.
   */
  readonly native: NativeCall | 'none' | 'unsampled';
}

/** The parts of a request that are content: as the application gave them, unserialized. */
export interface RequestContent {
  readonly system: unknown;
  readonly messages: unknown;
  readonly tools: unknown;
}

/** One request, as it goes to `fetch`. */
export interface AttemptFacts {
  readonly method: string;
  readonly url: string;
  /** The path's template, without the base URL's own path. */
  readonly template: string | undefined;
  /** How many attempts of the call went before this one. */
  readonly resendCount: number;
  /** Seconds slept before this attempt, for a retry. */
  readonly retryWait: number | undefined;
  /** `error.type` of the failure that this attempt repeats. */
  readonly retryReason: string | undefined;
}

/** One bucket of the API's rate-limit headers. Absent or malformed headers are absent here. */
export interface RateLimit {
  /** `requests`, `tokens`, `input_tokens`, `priority_input_tokens`, … */
  readonly bucket: string;
  limit: number | undefined;
  remaining: number | undefined;
  /** When the bucket is full again, as the header has it: RFC 3339, so that `Date.parse` reads it. */
  reset: string | undefined;
}

/** What a response's status line and headers say. */
export interface ResponseFacts {
  readonly status: number;
  readonly requestId: string | undefined;
  /** The request ID is that of a platform: the API gave none. */
  readonly hasPlatformsId: boolean;
  readonly organizationId: string | undefined;
  readonly workspaceId: string | undefined;
  /** Seconds that the response asks to wait. */
  readonly retryAfter: number | undefined;
  readonly rateLimits: readonly RateLimit[];
}

/** A failure, of an attempt or of a call. */
export interface Failure {
  /** `error.type`. */
  readonly type: string;
  /** The API's or the runtime's own words, not redacted yet. */
  readonly message: string | undefined;
  readonly status: number | undefined;
  readonly rateLimitCause: RateLimitCause | undefined;
  /** The API's error code, the system's code or the certificate's reason. */
  readonly code: string | undefined;
  readonly hint: string | undefined;
  readonly field: string | undefined;
  /** Whether a retry of the same request can help. */
  readonly retryable: boolean | undefined;
  /** The sanitized shape of a request that the API refused as invalid. */
  readonly requestShape?: string | undefined;
}

/** What the answer to a call says, as far as the application read it. */
export interface Answer {
  id?: string | undefined;
  model?: string | undefined;
  stopReason?: string | undefined;
  /** Includes cache reads and writes. */
  inputTokens?: number | undefined;
  cacheReadTokens?: number | undefined;
  cacheWriteTokens?: number | undefined;
  outputTokens?: number | undefined;
  /** More attributes, by name. */
  attributes?: AttributeBag | undefined;
  /** Content blocks of the answer, when content capture is on. */
  content?: unknown;
}

/** Why a call ended before the application had read its answer. */
export type EndedBy = 'response' | 'collected' | 'flush';

/** How a call ended. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly answer: Answer | undefined; readonly endedBy?: EndedBy }
  | {
      readonly kind: 'failed';
      readonly failure: Failure;
      readonly answer: Answer | undefined;
      /** The last failure was one that the SDK retries, and no retry was left. */
      readonly exhausted: boolean;
    }
  | { readonly kind: 'canceled'; readonly answer: Answer | undefined }
  | { readonly kind: 'unfinished'; readonly endedBy: EndedBy; readonly answer: Answer | undefined };

/** Records one call. Every method is safe to call in any order and after the end, and never throws. */
export interface CallObserver {
  /** The context to make the call in. */
  readonly context: Context;
  /** Whether the content of the answer is wanted. */
  readonly capturesContent: boolean;
  startAttempt(facts: AttemptFacts): AttemptObserver;
  /** The call sleeps before a retry: as long as a response asked, in seconds, where it asked and the SDK obeys. */
  waiting(facts: { readonly asked: number | undefined; readonly reason: string }): void;
  /** The sleep before a retry is over, after so many seconds. */
  waited(seconds: number): void;
  /** The response that the SDK hands on to the application. */
  responded(response: ResponseFacts): void;
  /** The first piece of the answer's content arrived, from this model. */
  firstChunk(model: string | undefined): void;
  /** Further content arrived, so many seconds after the one before. */
  chunk(seconds: number): void;
  /** Seconds without an event after which a stream counts as stalled. */
  readonly stalledStreamAfter: number;
  /** The stream hangs, since so many seconds. */
  stalled(seconds: number): void;
  /** The longest wait for an event of the stream until now, in seconds. */
  longestGap(seconds: number): void;
  /** The SDK ends its span itself, and how is asked for right before; `end` is for where it never does. */
  readonly endsItself: boolean;
  end(outcome: Outcome): void;
}

/** Records one attempt. It covers the request until the response's headers. */
export interface AttemptObserver {
  /** The context to call `fetch` in. */
  readonly context: Context;
  /** Headers to send with it, where the application asked for propagation. */
  readonly injected: Readonly<Record<string, string>> | undefined;
  /** The headers arrived. The attempt's end is set to now; the span waits for `end`. */
  responded(response: ResponseFacts): void;
  /** Ends the attempt: failed, or, without a failure, as what the response said. */
  end(result: { readonly failure?: Failure | undefined; readonly canceled?: boolean }): void;
}

/** Makes observers. `telemetry/` implements it. */
export interface Observer {
  /** `onNativeEnd` is called when a native span ends, before it does, and returns how the call ended. */
  startCall(facts: CallFacts, onNativeEnd: (endedInError: boolean) => Outcome): CallObserver | undefined;
}
