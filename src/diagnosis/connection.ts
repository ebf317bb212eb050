import type { ConnectionErrorType } from './error-types.ts';
import { type FaultFrame, faultFrames, systemCode } from './fault.ts';

interface Rule {
  readonly type: ConnectionErrorType;
  /** Codes of the chain, or codes that a message mentions. */
  readonly code?: RegExp;
  /** Class names: newer Node versions leave some codes out. */
  readonly name?: RegExp;
  readonly message?: RegExp;
}

/** First match wins, over the whole chain: a failed TLS handshake ends in a reset, a proxy's refusal in an abort. */
const RULES: readonly Rule[] = [
  {
    type: 'proxy_error',
    code: /^UND_ERR_PRX/,
    message:
      /\bproxy response\b|\bproxy connection (?:ended|timed out|closed)|\bproxy connect\b|tunnell?ing socket|when HTTP tunnell?ing|proxy authentication required/i,
  },
  {
    type: 'tls_error',
    code: /CERT(?:_|$)|^ERR_TLS_|^ERR_SSL_|^ERR_OSSL_|^EPROTO$|^UNABLE_TO_|SELF_SIGNED|^CRL_|^HOSTNAME_MISMATCH$|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$/,
    message:
      /before secure TLS connection|self[- ]signed certificate|\bSSL routines\b|verify the first certificate|issuer certificate|certificate has expired|certificate is not yet valid|certificate's altnames|\bSSL alert\b|handshake failure/i,
  },
  {
    type: 'dns_error',
    code: /^(?:ENOTFOUND|EAI_[A-Z]+|ENODATA|ESERVFAIL|ETIMEOUT|EBADNAME|EBADRESP)$/,
    message: /\bgetaddrinfo\b/,
  },
  { type: 'connection_refused', code: /^ECONNREFUSED$/ },
  { type: 'headers_timeout', code: /^UND_ERR_HEADERS_TIMEOUT$/, name: /^HeadersTimeoutError$/ },
  { type: 'body_timeout', code: /^UND_ERR_BODY_TIMEOUT$/, name: /^BodyTimeoutError$/ },
  { type: 'connection_reset', message: /\bread ETIMEDOUT\b/ },
  {
    type: 'connect_timeout',
    code: /^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/,
    name: /^ConnectTimeoutError$/,
  },
  {
    type: 'premature_close',
    code: /^(?:ERR_STREAM_PREMATURE_CLOSE|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/,
    message: /\bpremature close\b/i,
  },
  { type: 'connection_reset', code: /^(?:ECONNRESET|EPIPE|ECONNABORTED)$/ },
  {
    type: 'connection_reset',
    code: /^UND_ERR_SOCKET$/,
    name: /^SocketError$/,
    message: /\bsocket hang up\b|\bother side closed\b/,
  },
];

/** Codes inside a message, for errors that lost their `code` on the way. */
const MENTIONED = /\b(?:E[A-Z]{3,12}(?:_[A-Z]{1,12})?|[A-Z][A-Z0-9]{1,16}(?:_[A-Z0-9]{1,16}){1,6})\b/g;

/** undici's word for a response body that broke off after the headers. */
const BROKE_OFF = /^terminated$/;
/** Failures of a body that came, but could not be read: no closed connection. */
const UNREADABLE = /^(?:HPE_|Z_)/;

interface Verdict {
  readonly type: ConnectionErrorType;
  readonly code?: string;
}

function mentionedCodes(message: string): readonly string[] {
  return message.match(MENTIONED)?.slice(0, 8) ?? [];
}

/** The frame's code, or the code its message mentions, if the rule speaks of it; `null` if the rule does not match. */
function match(rule: Rule, frame: FaultFrame): string | undefined | null {
  const { code } = rule;
  if (code !== undefined) {
    if (frame.code !== undefined && code.test(frame.code)) return frame.code;
    const mentioned = mentionedCodes(frame.message).find((word) => code.test(word));
    if (mentioned !== undefined) return systemCode(mentioned);
  }
  if (rule.name !== undefined && frame.names.some((name) => rule.name?.test(name))) return frame.code;
  if (rule.message?.test(frame.message)) return frame.code;
  return null;
}

function isUnreadable(frame: FaultFrame): boolean {
  return UNREADABLE.test(frame.code ?? '') || frame.names.includes('HTTPParserError');
}

function deepestCode(frames: readonly FaultFrame[]): string | undefined {
  return frames.findLast((frame) => frame.code !== undefined)?.code;
}

function firstMatch(frames: readonly FaultFrame[]): Verdict | undefined {
  for (const rule of RULES) {
    for (const frame of frames) {
      const code = match(rule, frame);
      if (code !== null) {
        const known = code ?? deepestCode(frames);
        return { type: rule.type, ...(known !== undefined && { code: known }) };
      }
    }
  }
  return undefined;
}

/** The verdict over frames that were read already; `undefined` where nothing in them speaks of a connection. */
export function connectionVerdict(frames: readonly FaultFrame[]): Verdict | undefined {
  const found = firstMatch(frames);
  const brokeOff = frames.some((frame) => BROKE_OFF.test(frame.message));
  if (!brokeOff) return found;
  if (found?.code === 'UND_ERR_SOCKET') return { ...found, type: 'premature_close' };
  if (found !== undefined) return found;
  const code = deepestCode(frames);
  const type = frames.some(isUnreadable) ? 'connection_error' : 'premature_close';
  return { type, ...(code !== undefined && { code }) };
}

/** Class of a failed connection from the thrown error's `cause` chain; `connection_error` for none of the others. */
export function connectionErrorType(error: unknown): ConnectionErrorType {
  return connectionVerdict(faultFrames(error))?.type ?? 'connection_error';
}

/** The system's code or the certificate's reason (`ECONNRESET`, `CERT_HAS_EXPIRED`), never free text. */
export function connectionErrorCode(error: unknown): string | undefined {
  const frames = faultFrames(error);
  return connectionVerdict(frames)?.code ?? deepestCode(frames);
}
