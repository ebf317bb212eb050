import { describe, expect, it } from 'vitest';
import {
  CONNECTION_ERROR_TYPES,
  type FailureFacts,
  HINTS,
  type HintRow,
  KINDS,
  closedErrorType,
  credentialFacts,
  diagnose,
  errorTypeOfStatus,
  hintRow,
  rateLimitCause,
  readApiError,
} from '../../../src/diagnosis/index.ts';
import { createRedactor } from '../../../src/redaction/index.ts';
import { SAMPLES } from '../../support/samples.ts';

const ROWS: readonly HintRow[] = HINTS;

describe('the table of hints', () => {
  it('has every id once, of letters, digits and _', () => {
    const ids = ROWS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9_]{2,40}$/);
  });

  it('knows every hint and kind that was recorded', () => {
    for (const { expect: recorded } of SAMPLES) {
      if (recorded.hint !== null) expect(hintRow(recorded.hint)?.id).toBe(recorded.hint);
      expect(Object.keys(KINDS)).toContain(recorded.kind);
    }
    expect(hintRow('no_such_hint')).toBeUndefined();
  });

  it.each(ROWS)('$id says what, where to look and what to do', ({ meaning, check, fix }) => {
    for (const text of [meaning, check, fix]) {
      expect(text).toMatch(/^.{6,200}\.$/);
      expect(createRedactor().text(text)).toBe(text);
    }
  });

  it('has no pattern with state, and none of unbounded repeats of everything', () => {
    for (const { match } of ROWS) {
      for (const { message, thrown, code, type } of match) {
        for (const pattern of [message, thrown, code, type]) {
          expect(pattern?.flags ?? '').not.toMatch(/[gy]/);
          expect(pattern?.source ?? '').not.toMatch(/\.[*+]|\\[sw][*+]\)?[*+]/);
        }
      }
    }
  });
});

describe('the class of a failure', () => {
  it.each([
    ['ABORTED', 'conflict'],
    ['CANCELLED', 'aborted'],
    ['UNAVAILABLE', 'overloaded'],
  ])('%s of a platform is %s', (status, kind) =>
    expect(diagnose({ body: { error: { status, message: 'Refused.' } } }).kind).toBe(kind),
  );
});

describe('closedErrorType', () => {
  it.each([
    'rate_limit_error',
    'overloaded_error',
    '503',
    'client_error',
    'ThrottlingException',
    ...CONNECTION_ERROR_TYPES,
  ])('%s passes', (type) => expect(closedErrorType(type)).toBe(type));

  it.each(['TypeError', '200', '99999', '', 'message', 'toString', '__proto__'])('%j is other', (type) =>
    expect(closedErrorType(type)).toBe('_OTHER'),
  );
});

describe('errorTypeOfStatus', () => {
  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [409, 'conflict_error'],
    [413, 'request_too_large'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [504, 'timeout_error'],
    [529, 'overloaded_error'],
    [503, '503'],
    [520, '520'],
    [418, '418'],
  ])('%d is %s', (status, type) => expect(errorTypeOfStatus(status)).toBe(type));
});

const requestId = (facts: FailureFacts) => readApiError(facts).requestId;

describe('readApiError', () => {
  it('takes the request ID from the header, else from the body, if it has its shape', () => {
    const body = { type: 'error', error: { type: 'api_error', message: 'x' }, request_id: 'req_011Cbody00' };
    expect(requestId({ body })).toBe('req_011Cbody00');
    expect(requestId({ body, headers: new Headers({ 'request-id': 'req_011Chead00' }) })).toBe(
      'req_011Chead00',
    );
    expect(requestId({ body: { ...body, request_id: 'x y' } })).toBeUndefined();
  });

  it.each<[string, FailureFacts, string]>([
    [
      'envelope',
      { status: 529, body: { type: 'error', error: { type: 'overloaded_error', message: 'x' } } },
      'api',
    ],
    ['edge', { status: 403, body: { error: { type: 'forbidden', message: 'Request not allowed' } } }, 'edge'],
    ['page', { status: 502, message: '502 <html></html>' }, 'html'],
    ['line', { status: 503, body: 'no healthy upstream' }, 'text'],
    [
      'Amazon',
      {
        status: 400,
        body: { message: 'x' },
        headers: new Headers({ 'x-amzn-errortype': 'ValidationException' }),
      },
      'bedrock',
    ],
    [
      'Google',
      { status: 400, body: [{ error: { code: 400, message: 'x', status: 'INVALID_ARGUMENT' } }] },
      'vertex',
    ],
    ['another', { status: 500, body: { error: { message: 'x', type: 'new_api_error' } } }, 'gateway'],
    ['nothing', { status: 500 }, 'none'],
  ])('tells the writer: %s', (_name, facts, origin) => expect(readApiError(facts).origin).toBe(origin));
});

describe('rateLimitCause', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no header', {}, 'unknown'],
    ['something left', { 'anthropic-ratelimit-requests-remaining': '1' }, 'unknown'],
    ['not a number', { 'anthropic-ratelimit-requests-remaining': 'x' }, 'unknown'],
    ['requests', { 'anthropic-ratelimit-requests-remaining': '0' }, 'requests'],
    ['input', { 'anthropic-ratelimit-input-tokens-remaining': '0' }, 'input_tokens'],
    ['output', { 'anthropic-ratelimit-output-tokens-remaining': '0' }, 'output_tokens'],
    ['all tokens', { 'anthropic-ratelimit-tokens-remaining': '0' }, 'tokens'],
    ['fast', { 'anthropic-fast-output-tokens-remaining': '0' }, 'output_tokens'],
  ])('from headers: %s', (_name, headers, cause) =>
    expect(rateLimitCause({ status: 429, headers: new Headers(headers) })).toBe(cause),
  );

  it('the message comes before the headers, the code before the message', () => {
    const headers = new Headers({ 'anthropic-ratelimit-requests-remaining': '0' });
    const message = 'of 5 input tokens per minute';
    const error = { type: 'rate_limit_error', message };
    expect(rateLimitCause({ status: 429, headers, body: { type: 'error', error } })).toBe('input_tokens');
    const details = { error_code: 'ramp_limit_exceeded' };
    expect(
      rateLimitCause({ status: 429, headers, body: { type: 'error', error: { ...error, details } } }),
    ).toBe('acceleration');
  });
});

describe('credentialFacts', () => {
  const tail = 'B'.repeat(80);

  it.each([
    ['', { present: false }],
    ['  \n', { present: false }],
    [
      `sk-ant-api03-${tail}`,
      { present: true, kind: 'api_key', whitespace: false, quotes: false, placeholder: false },
    ],
    [`Bearer sk-ant-api03-${tail}`, { kind: 'api_key', whitespace: false }],
    [`sk-ant-api03-${tail}\n`, { kind: 'api_key', whitespace: true }],
    [`"sk-ant-api03-${tail}"`, { kind: 'api_key', quotes: true }],
    [`sk-ant-admin01-${tail}`, { kind: 'admin_key' }],
    [`sk-ant-oat01-${tail}`, { kind: 'oauth_token' }],
    [`sk-proj-${tail}`, { kind: 'other_provider' }],
    [`sk-${tail}`, { kind: 'other_provider' }],
    ['your-api-key', { kind: 'unknown', placeholder: true }],
    ['<YOUR_KEY>', { placeholder: true }],
    ['sk-ant-api03-xxxx', { placeholder: true }],
    ['${ANTHROPIC_API_KEY}', { placeholder: true }],
  ])('case %#', (value, expected) => {
    const facts = credentialFacts('x-api-key', value);
    expect(facts).toMatchObject(expected);
    expect(JSON.stringify(facts)).not.toContain('BBBB');
  });

  it('nothing is set', () => expect(credentialFacts('authorization', undefined).present).toBe(false));
});
