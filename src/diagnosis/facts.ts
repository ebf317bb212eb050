import type { RateLimitCause } from '../schema.ts';
import type { Kind } from './kinds.ts';
import type { HintId } from './hints.ts';

/** What the credential header looks like. Holds no character of the credential itself. */
export interface CredentialFacts {
  /** A credential header was on the request, or a credential was configured. */
  readonly present: boolean;
  readonly header?: 'x-api-key' | 'authorization';
  /** Blanks or line breaks at its ends or inside it. */
  readonly whitespace?: boolean;
  /** Wrapped in quotation marks. */
  readonly quotes?: boolean;
  readonly kind?: CredentialKind;
  /** A text from a manual or a template instead of a key. */
  readonly placeholder?: boolean;
}

export type CredentialKind = 'api_key' | 'admin_key' | 'oauth_token' | 'other_provider' | 'unknown';

/** Everything that is known of one failure. All of it may be absent, malformed or hostile. */
export interface FailureFacts {
  /** HTTP status of the response, absent where there was none or the failure came later. */
  readonly status?: number | undefined;
  readonly headers?: { get(name: string): string | null } | undefined;
  /** The error body as the SDK hands it on (`err.error`), or its text. */
  readonly body?: unknown;
  /** The error's text (`err.message`), or a line that a person has at hand. */
  readonly message?: string | undefined;
  /** What was thrown: read for its class, code, message, `cause` and `errors`. */
  readonly error?: unknown;
  readonly credential?: CredentialFacts | undefined;
}

/** The outcome. Holds ids of closed tables and strings of checked shape only: no user's text, no secret. */
export interface Diagnosis {
  readonly kind: Kind;
  /** The type that the response names, else the documented one of its status; absent where neither is known. */
  readonly errorType?: string;
  /** The API's error code (`ramp_limit_exceeded`), or the system's (`ECONNRESET`, `CERT_HAS_EXPIRED`). */
  readonly code?: string;
  readonly cause?: RateLimitCause;
  readonly hint?: HintId;
  /** Path of the request's offending part, as the API names it (`messages.3.content`). */
  readonly field?: string;
  /** Whether the same request can succeed later by itself; absent where that is not known. */
  readonly retryable?: boolean;
}
