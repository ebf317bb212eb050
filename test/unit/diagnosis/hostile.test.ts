import { describe, expect, it } from 'vitest';
import {
  CLOSED_ERROR_TYPES,
  type Diagnosis,
  type FailureFacts,
  HINTS,
  KINDS,
  connectionErrorCode,
  connectionErrorType,
  diagnose,
} from '../../../src/diagnosis/index.ts';

const SECRET = 'sk-ant-api03-' + 'A'.repeat(95);

function thrower(): object {
  return new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
      has() {
        throw new Error('no');
      },
      ownKeys() {
        throw new Error('no');
      },
      getPrototypeOf() {
        throw new Error('no');
      },
    },
  );
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cycle(): Error {
  const error: Error & { errors?: unknown } = new Error('round');
  error.cause = error;
  error.errors = [error, error];
  return error;
}

function deepChain(length: number): Error {
  let error = new Error('leaf');
  for (let i = 0; i < length; i++) error = new Error(`link ${i}`, { cause: error });
  return error;
}

function deepBody(depth: number): object {
  let body: object = { error: { type: 'api_error', message: 'x' } };
  for (let i = 0; i < depth; i++) body = { error: body };
  return body;
}

function cyclicBody(): object {
  const body: Record<string, unknown> = { type: 'error', message: 'x' };
  body['error'] = body;
  return body;
}

const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['a number', 429],
  ['NaN', Number.NaN],
  ['a bigint', 1n],
  ['a symbol', Symbol('x')],
  ['a function', () => 'x'],
  ['true', true],
  ['a date', new Date(Number.NaN)],
  ['an object that throws', thrower()],
  ['a revoked proxy', revoked()],
  ['an object without prototype', Object.create(null)],
  ['an empty list', []],
  ['a list of itself', [[[[[[[[[[]]]]]]]]]]],
  ['a cycle', cycle()],
  ['a cyclic body', cyclicBody()],
  ['a long chain', deepChain(5000)],
  ['a deep body', deepBody(5000)],
  ['a bad error', { type: 'error', error: { type: 7, message: { a: 1 }, details: 'x', code: [] } }],
  ['errors that are no list', Object.assign(new Error('x'), { errors: { length: 1e9 } })],
  [
    'a million errors',
    Object.assign(new Error('x'), { errors: Array.from({ length: 1e6 }, () => new Error('y')) }),
  ],
];

const IDS: ReadonlySet<string> = new Set(HINTS.map(({ id }) => id));

/** Whatever comes in, a diagnosis holds ids of tables and short words. */
function expectClosed(diagnosis: Diagnosis): void {
  expect(Object.keys(KINDS)).toContain(diagnosis.kind);
  if (diagnosis.hint !== undefined) expect(IDS).toContain(diagnosis.hint);
  for (const text of [diagnosis.errorType, diagnosis.code, diagnosis.field]) {
    if (text !== undefined) expect(text).toMatch(/^[\w.-]{1,400}$/);
  }
  expect(JSON.stringify(diagnosis)).not.toMatch(/AAAA|sk-ant/);
}

describe('values of any kind', () => {
  it.each(VALUES)('%s', (_name, value) => {
    for (const status of [undefined, 200, 400, 401, 429, 500]) {
      const places: readonly FailureFacts[] = [
        { status, body: value },
        { status, error: value },
        { status, message: value as string },
        { status, headers: value as { get(name: string): string | null } },
        { status: value as number, body: { error: { type: 'api_error', message: 'x' } } },
      ];
      for (const facts of places) expectClosed(diagnose(facts));
    }
    connectionErrorType(value);
    connectionErrorCode(value);
  });

  it('headers that throw leave the rest standing', () => {
    const headers = {
      get(): string | null {
        throw new Error('no');
      },
    };
    expect(diagnose({ status: 429, headers })).toMatchObject({ kind: 'rate_limit', cause: 'unknown' });
  });
});

const field = (message: string) =>
  diagnose({ status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message } } }).field;

describe('texts that hold a secret', () => {
  const TEXTS: readonly string[] = [
    SECRET,
    `${SECRET}: Field required`,
    `messages.${SECRET}: Extra inputs are not permitted`,
    `metadata.${SECRET}: Extra inputs are not permitted`,
    `tools.0.custom.input_schema.properties.my_password_is_hunter2: Input should be a string`,
    `model: ${SECRET}`,
    `"${SECRET}" is not supported for this model`,
    `Headers.append: "Bearer ${SECRET}" is an invalid header value.`,
  ];

  it.each(TEXTS)('%#', (text) => {
    for (const status of [undefined, 400, 401, 404, 429, 500]) {
      expectClosed(diagnose({ status, message: text }));
      expectClosed(
        diagnose({
          status,
          body: { type: 'error', error: { type: 'invalid_request_error', message: text } },
        }),
      );
      expectClosed(
        diagnose({
          status,
          body: {
            type: 'error',
            error: { type: SECRET, message: text, code: SECRET, details: { error_code: SECRET } },
          },
          error: Object.assign(new Error(text), { code: SECRET, name: SECRET }),
        }),
      );
      expectClosed(diagnose({ error: Object.assign(new Error(text), { code: SECRET, name: SECRET }) }));
    }
  });

  it('a path ends before names that a user chose', () => {
    expect(field('tools.0.custom.input_schema.properties.my_name: Input should be a string')).toBe(
      'tools.0.custom.input_schema.properties',
    );
    expect(field('metadata.customer: Extra inputs are not permitted')).toBe('metadata');
    expect(field('messages.0.deadbeef12cafe34: Extra inputs are not permitted')).toBe('messages.0');
    expect(field(`messages${'.content'.repeat(100)}: Field required`)).toBeUndefined();
  });
});

describe('megabytes', () => {
  const MEGABYTE = 1 << 20;
  const FILLINGS: readonly string[] = [
    ' ',
    'a',
    '{',
    '{"',
    '["',
    '\\"type',
    '"type":"error",',
    '{"message":"',
    '<html ',
    'tool_use ',
    'max_tokens: 1',
    'messages.0.',
    'of 1 a a a requests ',
    'Unexpected value(s) ',
    'model model ',
    'thinking signature in thinking ',
    'E_E_E_E_E_',
    'ECONN_',
    '\n',
    '429 ',
  ];

  it.each(FILLINGS)('of %j', (filling) => {
    const text = filling.repeat(Math.ceil(MEGABYTE / filling.length));
    for (const status of [undefined, 400, 429, 500]) {
      expectClosed(diagnose({ status, body: text }));
      expectClosed(diagnose({ status, message: text }));
      expectClosed(
        diagnose({ status, body: { type: 'error', error: { type: 'api_error', message: text } } }),
      );
      expectClosed(diagnose({ status, error: Object.assign(new Error(text), { code: text }) }));
    }
  });

  it('an envelope in front of a megabyte is read', () => {
    const body = `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"pad":"${'x'.repeat(MEGABYTE)}"}`;
    expect(diagnose({ status: 529, body })).toMatchObject({
      kind: 'overloaded',
      errorType: 'overloaded_error',
    });
  });
});

it('types of metrics are words', () => {
  for (const type of CLOSED_ERROR_TYPES) expect(type).toMatch(/^[A-Za-z_]+$/);
});
