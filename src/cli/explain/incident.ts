import type { FailureFacts, HintId } from '../../diagnosis/index.ts';
import type { RateLimitCause } from '../../schema.ts';

/** What a span, a log record or a line of ours says of a failure already, in the words of the closed tables. */
export interface Stated {
  readonly hint?: HintId;
  readonly cause?: RateLimitCause;
  readonly retryable?: boolean;
  readonly errorType?: string;
  readonly code?: string;
  readonly field?: string;
}

/** One failure that was found in the input. Its texts are not redacted. */
export interface Incident {
  /**
   * `SDK error`, `JSON body`, `OTLP span`, `Jaeger span`, `OTLP log record`, `log line`, `HTTP response`,
   * `error type`, `text`.
   */
  readonly source: string;
  /** The span's or call's name. */
  readonly name?: string | undefined;
  readonly model?: string | undefined;
  readonly facts: FailureFacts;
  readonly stated: Stated;
  readonly requestIds: readonly string[];
  readonly traceId?: string | undefined;
  /** When it happened, as ISO 8601 in UTC. */
  readonly time?: string | undefined;
  /** Attempts with each one's `error.type`, in order. */
  readonly attempts?: readonly string[];
}

const REQUEST_ID = /\breq_[A-Za-z0-9_]{6,64}\b/g;
const PLATFORMS_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST_IDS = 20;

/** The API's request IDs in a text, each once. */
export function requestIdsIn(text: string): readonly string[] {
  return [...new Set(text.match(REQUEST_ID) ?? [])].slice(0, MOST_IDS);
}

/** The request ID that an attribute has: the API's, or that of Amazon Bedrock or Azure. */
export function requestIdsOf(attribute: string | undefined): readonly string[] {
  if (attribute === undefined) return [];
  return PLATFORMS_ID.test(attribute) ? [attribute] : requestIdsIn(attribute);
}
