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
