import { API_ERROR_TYPES, API_TYPE_SHAPE, plainType, TYPE_SHAPE } from './error-types.ts';
import type { FailureFacts } from './failure-facts.ts';
import { jsonInText, looseEnvelope } from './json-in-text.ts';
import { TEXT_LIMIT, asStatus, isList, read, readHeader, readText } from './safe.ts';

/**
 * Who wrote the answer: the API (`api`), its edge, Amazon Bedrock, Google Vertex AI, another program that speaks JSON
 * (`gateway`), something that speaks HTML or plain text, or nobody who can be told (`none`).
 */
export type Origin = 'api' | 'edge' | 'bedrock' | 'vertex' | 'gateway' | 'html' | 'text' | 'none';

/** What an error's body says, whatever it was wrapped in. */
export interface ApiError {
  readonly origin: Origin;
  /** The outermost type that is stated. Letters and `_` only. */
  readonly type?: string;
  /** Every stated type, innermost first. */
  readonly types: readonly string[];
  /** Every stated message, innermost first, one a line, cut to 8 KiB. Holds users' text: never to be exported. */
  readonly text: string;
  /** The innermost message alone. Holds users' text: never to be exported. */
  readonly message?: string;
  /** `error.details.error_code`, or a gateway's `error.code` that is a word. */
  readonly code?: string;
  readonly requestId?: string;
  /** The status, from the facts, else from the text or the body. */
  readonly status?: number;
  /** The API's text came through something that rewraps it: its paths are those of the rewritten request. */
  readonly wrapped: boolean;
  /** The error came in a stream, after a status of 200. */
  readonly midStream: boolean;
  /** Types, messages or codes were found in a structure. */
  readonly structured: boolean;
}

/** One error object of a body, which may hold others. */
interface Layer {
  /** The API's own envelope. */
  readonly envelope: boolean;
  /** Google's, whose type stands in `status`. */
  readonly google: boolean;
  /** Amazon's: a message and nothing else. */
  readonly bare: boolean;
  readonly type: string | undefined;
  readonly message: string | undefined;
  readonly code: string | undefined;
  readonly requestId?: string | undefined;
  readonly status?: number | undefined;
}

const MAX_DEPTH = 6;

/** What gateways print for "no type". */
const NO_TYPE: ReadonlySet<string> = new Set(['error', 'None', 'null', 'nil', 'undefined', 'errored']);
/** Words of letters, with a few digits at their ends: no key, hash or ID has this shape. */
const CODE_SHAPE = /^[a-z]{1,24}\d{0,4}(?:_[a-z]{1,24}\d{0,4}){0,10}$/;
const REQUEST_ID_SHAPE = /^req_[A-Za-z0-9_]{6,64}$/;

function typeOf(value: unknown): string | undefined {
  return typeof value === 'string' && TYPE_SHAPE.test(value) && !NO_TYPE.has(value)
    ? plainType(value)
    : undefined;
}

function codeOf(value: unknown): string | undefined {
  return typeof value === 'string' && CODE_SHAPE.test(value) ? value : undefined;
}

function requestIdOf(value: unknown): string | undefined {
  return typeof value === 'string' && REQUEST_ID_SHAPE.test(value) ? value : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** `{"error": {…}}`, with or without the outer `"type":"error"`. */
function envelopeLayer(outer: object, error: object): Layer {
  const stated = readText(error, 'type', 64);
  const type = typeOf(stated);
  const googleStatus = readText(error, 'status', 64);
  const google = stated === undefined && googleStatus !== undefined && /^[A-Z_]{2,64}$/.test(googleStatus);
  const known = type !== undefined && API_ERROR_TYPES.has(type);
  return {
    envelope: known || (type !== undefined && read(outer, 'type') === 'error' && API_TYPE_SHAPE.test(type)),
    type: google ? typeOf(googleStatus) : type,
    message: readText(error, 'message'),
    code: codeOf(read(read(error, 'details'), 'error_code')) ?? codeOf(read(error, 'code')),
    requestId: requestIdOf(read(outer, 'request_id')),
    status: asStatus(read(error, 'code')),
    google,
    bare: false,
  };
}

/** Any other object: Bedrock's `{"message"}`, problem+json, frameworks' `{"detail"}`. */
function plainLayer(value: object): Layer {
  const error = readText(value, 'error');
  const message =
    readText(value, 'message') ??
    readText(value, 'Message') ??
    readText(value, 'detail') ??
    readText(value, 'title');
  const type = typeOf(read(value, '__type')) ?? typeOf(read(value, 'type'));
  const code = codeOf(read(value, 'error_code')) ?? codeOf(read(value, 'code'));
  return {
    envelope: false,
    type,
    message: [message, error].filter((text) => text !== undefined).join('\n') || undefined,
    code,
    requestId: requestIdOf(read(value, 'request_id')),
    status: asStatus(read(value, 'status')) ?? asStatus(read(value, 'code')),
    google: false,
    bare: type === undefined && code === undefined && error === undefined,
  };
}

/** Appends the layers of `value`, outermost first. */
function collect(value: unknown, layers: Layer[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (typeof value === 'string') {
    const json = value.includes('{') ? jsonInText(value) : undefined;
    if (json !== undefined) collect(json.value, layers, depth + 1);
    return;
  }
  if (isList(value)) {
    collect(read(value, 0), layers, depth + 1);
    return;
  }
  if (!isObject(value)) return;
  const error = read(value, 'error');
  if (!isObject(error) || isList(error)) {
    const plain = plainLayer(value);
    if (plain.message !== undefined || plain.code !== undefined) layers.push(plain);
    collect(read(read(value, 'metadata'), 'raw'), layers, depth + 1);
    collect(readText(value, 'message', 65_536), layers, depth + 1);
    return;
  }
  const own = envelopeLayer(value, error);
  if (own.type !== undefined || own.message !== undefined || own.code !== undefined) layers.push(own);
  if (isObject(read(error, 'error'))) collect(error, layers, depth + 1);
  collect(read(error, 'upstream_error'), layers, depth + 1);
  collect(read(read(error, 'metadata'), 'raw'), layers, depth + 1);
  collect(readText(error, 'message', 65_536), layers, depth + 1);
}

const HTML = /^\s*<[a-z!?]|<html[\s>]|<!doctype html/i;

/** A status in front of a text: the SDK's `429 …`, Python's `Error code: 413 - …`, tools' `API Error: 529 …`. */
const STATUS_PREFIX =
  /^(?:(?:[A-Za-z]+: )?(?:API Error|Error code|Error|HTTP|status(?: code)?)[:=]?\s{0,2}\(?)?([1-5]\d\d)(?=[\s){:,-]|$)\)?\s{0,2}-?\s{0,2}/i;
const NO_BODY = /^(?:\d{3} status code \(no body\)|\(no status code or body\))$/;
const BEDROCK_PREFIX = /^The model returned the following errors: /;
const REWRAPPED = /\blitellm\b|Exception - |^The model returned the following errors: /i;

/** Wordings of one platform alone. */
const BEDROCK_TEXT =
  /please wait before trying again|\bon-demand throughput\b|specified model ID|The model returned the following errors|foundation model|^invalid beta flag$|^Bedrock is unable to process/i;
const VERTEX_TEXT = /\bPublisher Model `|\baiplatform\.googleapis\.com\b/;

function originOf(facts: FailureFacts, layers: readonly Layer[], text: string, textOnly: boolean): Origin {
  const outer = layers[0];
  if (outer?.envelope) {
    const atEdge =
      (outer.type === 'forbidden' || outer.type === 'request_too_large') && outer.requestId === undefined;
    return atEdge ? 'edge' : 'api';
  }
  if (readHeader(facts.headers, 'x-amzn-errortype') !== undefined) return 'bedrock';
  if (layers.length > 1) return 'gateway';
  if (outer?.google) return 'vertex';
  if (VERTEX_TEXT.test(text)) return 'vertex';
  if (BEDROCK_TEXT.test(text)) return 'bedrock';
  if (outer !== undefined) return 'gateway';
  if (HTML.test(text)) return 'html';
  if (text === '') return 'none';
  return textOnly ? 'text' : 'none';
}

interface Source {
  readonly layers: readonly Layer[];
  readonly text: string;
  readonly before: string;
  readonly status?: number;
}

function looseLayers(text: string): readonly Layer[] {
  const loose = looseEnvelope(text);
  if (loose === undefined) return [];
  const type = loose.types.map(typeOf).find((word) => word !== undefined);
  return [
    {
      envelope: type !== undefined && API_ERROR_TYPES.has(type),
      google: false,
      bare: false,
      type,
      message: loose.message,
      code: codeOf(loose.code),
    },
  ];
}

/** Reads a text: its status, the JSON in it, or what of JSON is left in it. */
function fromText(whole: string): Source {
  const prefix = STATUS_PREFIX.exec(whole.slice(0, 80));
  const status = prefix === null ? undefined : Number(prefix[1]);
  const rest = NO_BODY.test(whole.slice(0, 80)) ? '' : whole.slice(prefix?.[0].length ?? 0) || whole;
  const text = rest.slice(0, TEXT_LIMIT);
  const base = { ...(status !== undefined && { status }) };
  if (HTML.test(text)) return { ...base, layers: [], text, before: '' };
  const json = rest.includes('{') ? jsonInText(rest) : undefined;
  const layers: Layer[] = [];
  if (json !== undefined) collect(json.value, layers, 0);
  if (layers.length > 0) return { ...base, layers, text, before: json?.before.slice(0, 256) ?? '' };
  return { ...base, layers: looseLayers(text), text, before: '' };
}

function sourceOf(facts: FailureFacts): Source {
  const { body } = facts;
  if (typeof body === 'string' && body.trim() !== '') return fromText(body);
  if (isObject(body)) {
    const layers: Layer[] = [];
    collect(body, layers, 0);
    if (layers.length > 0) return { layers, text: '', before: '' };
  }
  return fromText(typeof facts.message === 'string' ? facts.message : '');
}

/** Reads the API's error envelope out of a body or a text of any shape. */
export function readApiError(facts: FailureFacts): ApiError {
  const source = sourceOf(facts);
  const { layers } = source;
  const inner = layers.toReversed();
  const messages = inner.map((one) => one.message).filter((text) => text !== undefined);
  const text = (messages.length > 0 ? messages.join('\n') : source.text).slice(0, TEXT_LIMIT);
  const message = (messages[0] ?? (layers.length > 0 ? undefined : source.text))?.replace(BEDROCK_PREFIX, '');
  const bodyText = typeof facts.body === 'string' || (facts.error !== undefined && isFailure(facts.status));
  const origin = originOf(facts, layers, text, bodyText);
  const amazonType = typeOf(readHeader(facts.headers, 'x-amzn-errortype')?.split(':')[0]);
  const types = inner.map((one) => one.type).filter((type) => type !== undefined);
  const type = types.at(-1) ?? amazonType;
  const code = inner.find((one) => one.code !== undefined)?.code;
  const requestId =
    requestIdOf(readHeader(facts.headers, 'request-id')) ??
    inner.find((one) => one.requestId !== undefined)?.requestId;
  const status =
    asStatus(facts.status) ??
    source.status ??
    layers.find((one) => one.status !== undefined && one.status >= 400)?.status;
  return {
    origin,
    types: amazonType === undefined ? types : [...types, amazonType],
    text,
    wrapped: isWrapped(origin, layers, source.before || source.text || text),
    midStream: isMidStream(facts, origin, status, source),
    structured: layers.length > 0,
    ...(type !== undefined && { type }),
    ...(message !== undefined && { message }),
    ...(code !== undefined && { code }),
    ...(requestId !== undefined && { requestId }),
    ...(status !== undefined && { status }),
  };
}

function isFailure(status: unknown): boolean {
  return (asStatus(status) ?? 0) >= 400;
}

function isWrapped(origin: Origin, layers: readonly Layer[], start: string): boolean {
  const byGateway = origin === 'gateway' && layers[0]?.bare !== true;
  return byGateway || layers.length > 1 || REWRAPPED.test(start);
}

function isMidStream(
  facts: FailureFacts,
  origin: Origin,
  status: number | undefined,
  source: Source,
): boolean {
  if (origin !== 'api' || (status !== undefined && status >= 300)) return false;
  if (/^event: ?error\b/m.test(source.text.slice(0, 1024))) return true;
  return facts.error !== undefined || (typeof facts.message === 'string' && facts.message !== '');
}
