import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Attributes, ReceivedSpan } from '../../../src/demo/otlp/types.ts';
import { renderTrees } from '../../../src/demo/tree.ts';
import { formatSeconds } from '../../../src/terminal/format.ts';

const START = 1_700_000_000_000_000_000n;

interface SpanSpec {
  readonly id: string;
  readonly parent?: string;
  readonly name?: string;
  /** Milliseconds after the first span's start, and milliseconds long. */
  readonly at?: number;
  readonly ms?: number;
  readonly status?: ReceivedSpan['status'];
  readonly attributes?: Attributes;
}

function span({ id, parent, name = 'POST /v1/messages', at = 0, ms = 10, ...rest }: SpanSpec): ReceivedSpan {
  const startTime = START + BigInt(at) * 1_000_000n;
  return {
    traceId: 'a'.repeat(32),
    spanId: id,
    parentSpanId: parent,
    name,
    kind: 'client',
    startTime,
    endTime: startTime + BigInt(ms) * 1_000_000n,
    status: rest.status ?? { code: 'unset', message: '' },
    attributes: rest.attributes ?? {},
    events: [],
    links: [],
    scope: { name: '', version: '' },
    resource: {},
  };
}

const RETRIED = [
  span({
    id: '3',
    parent: '1',
    at: 1_010,
    ms: 30,
    attributes: {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'http.request.resend_count': 1,
      'anthropic.retry.wait': 1,
      'anthropic.retry.reason': 'rate_limit_error',
      'anthropic.request.id': 'req_2',
      'anthropic.ratelimit.requests.limit': 4000,
      'anthropic.ratelimit.requests.remaining': 3999,
      'anthropic.ratelimit.input_tokens.limit': 400_000,
      'anthropic.ratelimit.input_tokens.remaining': 100_000,
    },
  }),
  span({
    id: '1',
    name: 'anthropic.messages.create',
    ms: 1_050,
    status: { code: 'ok', message: '' },
    attributes: {
      'gen_ai.request.model': 'claude-sonnet-5-5',
      'http.response.status_code': 200,
      'http.request.resend_count': 1,
      'anthropic.retry.wait': 1,
      'anthropic.request.id': 'req_2',
      'gen_ai.usage.input_tokens': 1_234,
      'gen_ai.usage.output_tokens': 56,
    },
  }),
  span({
    id: '2',
    parent: '1',
    ms: 3,
    status: { code: 'error', message: 'This request would exceed the rate limit' },
    attributes: {
      'http.request.method': 'POST',
      'http.response.status_code': 429,
      'error.type': 'rate_limit_error',
      'anthropic.rate_limit.cause': 'requests',
      'anthropic.retry.after': 1,
      'anthropic.request.id': 'req_1',
      'anthropic.ratelimit.requests.limit': 50,
      'anthropic.ratelimit.requests.remaining': 0,
    },
  }),
];

const RETRIED_TREE = `
anthropic.messages.create  claude-sonnet-5-5    ✔ 200                                         1.05 s
│  1,234 tokens in, 56 out · 1 retry · waited 1 s in all · req_2
├─ POST /v1/messages                            ✖ 429 rate_limit_error (requests)               3 ms
│     “This request would exceed the rate limit”
│     asks to wait 1 s · 0 of 50 requests left · req_1
└─ POST /v1/messages                            ✔ 200                                          30 ms
      after 1 s because of rate_limit_error · 100,000 of 400,000 input tokens left · req_2
`.trim();

test('a call stands above its attempts, whatever the order of the spans', () => {
  expect(renderTrees(RETRIED, { color: false })).toEqual([RETRIED_TREE]);
  expect(renderTrees(RETRIED.toReversed(), { color: false })).toEqual([RETRIED_TREE]);
});

test('colours are there when asked for, and change nothing else', () => {
  const [tree = ''] = renderTrees(RETRIED, { color: true });
  expect(tree).not.toBe(RETRIED_TREE);
  expect(stripVTControlCharacters(tree)).toBe(RETRIED_TREE);
});

test('a canceled call and its unanswered attempt are neither good nor failed', () => {
  const [tree = ''] = renderTrees(
    [
      span({ id: '1', name: 'anthropic.messages.create', attributes: { 'anthropic.call.canceled': true } }),
      span({ id: '2', parent: '1', attributes: { 'http.request.method': 'POST' } }),
    ],
    { color: false },
  );
  expect(tree.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'anthropic.messages.create ◼ canceled 10 ms',
    '└─ POST /v1/messages ◼ canceled 10 ms',
  ]);
});

test('an attempt does not repeat the message of its call', () => {
  const status = { code: 'error', message: 'Overloaded' } as const;
  const [tree = ''] = renderTrees(
    [span({ id: '1', name: 'call', status }), span({ id: '2', parent: '1', status })],
    { color: false },
  );
  expect(tree.match(/“Overloaded”/g)).toHaveLength(1);
});

test('roots come in the order of their start; a parent that was not received makes a root', () => {
  const trees = renderTrees(
    [
      span({ id: '9', name: 'late', at: 20 }),
      span({ id: '5', name: 'orphan', parent: 'remote', at: 10 }),
      span({ id: '7', name: 'twin b' }),
      span({ id: '6', name: 'twin a' }),
    ],
    { color: false },
  );
  expect(trees.map((tree) => tree.split('  ')[0])).toEqual(['twin a', 'twin b', 'orphan', 'late']);
});

test('deeper spans keep the lines of those above', () => {
  const [tree] = renderTrees(
    [
      span({ id: '1', name: 'agent' }),
      span({ id: '2', parent: '1', name: 'call', at: 1 }),
      span({ id: '3', parent: '2', at: 2 }),
      span({ id: '4', parent: '1', name: 'tool', at: 3 }),
    ],
    { color: false },
  );
  expect(tree?.split('\n').map((line) => line.split(/ {2,}✔/)[0])).toEqual([
    'agent',
    '├─ call',
    '│  └─ POST /v1/messages',
    '└─ tool',
  ]);
});

test('no line is wider than 100 columns, and a message cannot move the cursor', () => {
  const [tree = ''] = renderTrees(
    [
      span({
        id: '1',
        name: 'anthropic.beta.messages.batches.results',
        status: { code: 'error', message: `first\u001B[2J\nsecond ${'x'.repeat(200)}` },
        attributes: {
          'gen_ai.request.model': 'a-rather-long-name-of-a-model-indeed',
          'error.type': 'connection_error',
          'anthropic.request.id': 'r'.repeat(120),
          'anthropic.error.hint': 'h'.repeat(60),
        },
      }),
    ],
    { color: false },
  );
  expect(tree).toContain('“first [2J second xxx');
  expect(
    Math.max(
      ...tree
        .split('\n')
        .slice(1)
        .map((line) => line.length),
    ),
  ).toBe(100);
});

test.each(['\u001B[31m', '\u009B31m', '\u202E', '\u2066', '\r\n', '\u2028'])(
  'no text of others acts on the terminal: %j',
  (hostile) => {
    const text = `a${hostile}b`;
    const attributes = {
      'error.type': text,
      'anthropic.rate_limit.cause': text,
      'anthropic.error.hint': text,
      'anthropic.call.ended_by': text,
      'anthropic.request.id': text,
      'anthropic.retry.wait': 1,
      'anthropic.retry.reason': text,
      'gen_ai.request.model': text,
    };
    const status = { code: 'error', message: text } as const;
    const trees = renderTrees(
      [
        span({ id: '1', name: text, status, attributes }),
        span({ id: '2', parent: '1', name: text, status, attributes }),
      ],
      { color: false },
    ).join('\n');
    expect(trees.split('\n')).toHaveLength(5);
    expect(trees).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u);
  },
);

test('details say what there is, and nothing of what there is not', () => {
  const call = span({
    id: '1',
    name: 'anthropic.messages.create',
    attributes: {
      'error.type': 'overloaded_error',
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.cache_read.input_tokens': 900,
      'gen_ai.response.time_to_first_chunk': 0.25,
      'http.request.resend_count': 0,
      'anthropic.retry.wait': 0,
      'anthropic.retry.exhausted': true,
      'anthropic.error.hint': 'mid_stream',
    },
  });
  const attempt = span({
    id: '2',
    parent: '1',
    attributes: {
      'http.response.status_code': 200,
      'anthropic.ratelimit.tokens.remaining': 5,
      'anthropic.request.id': 'req_1',
    },
  });
  const [tree = ''] = renderTrees([call, attempt], { color: false });
  expect(tree.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' ').trim())).toEqual([
    'anthropic.messages.create ✖ overloaded_error 10 ms',
    '│ 1,000 tokens in (900 cached) · first chunk after 250 ms · no retry left · hint: mid_stream',
    '└─ POST /v1/messages ✔ 200 10 ms',
    'req_1',
  ]);
});

describe('durations', () => {
  test.each([
    [0.00042, '0.42 ms'],
    [0.0372, '37 ms'],
    [0.9996, '1 s'],
    [59.994, '59.99 s'],
    [60, '1 min 0 s'],
    [724, '12 min 4 s'],
    [3600, '1 h 0 min'],
    [13_262, '3 h 41 min'],
  ])('%d s is %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
