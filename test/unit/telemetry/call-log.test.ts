import { ROOT_CONTEXT } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import type { CallFacts, Failure } from '../../../src/facts.ts';
import { createRedactor } from '../../../src/redaction/index.ts';
import { CallLog } from '../../../src/telemetry/call-log.ts';
import { LabelBook } from '../../../src/telemetry/labels.ts';
import type { Logger, Recording } from '../../../src/telemetry/recording.ts';

const MODELS_LIST = { name: 'anthropic.models.list' } as CallFacts;
const DNS_ERROR = { type: 'dns_error' } as Failure;
const ONCE = { status: undefined, exhausted: false, attempts: 1, waited: 0 };

const redactor = createRedactor();

function logOf(emit: Logger['emit'], facts: CallFacts, requestId?: string): CallLog {
  const recording = { redactor, logger: () => ({ emit }) } as unknown as Recording;
  return new CallLog(recording, facts, new LabelBook(redactor).of(facts), ROOT_CONTEXT, requestId);
}

/** The record that `write` makes. */
function recordOf(write: (log: CallLog) => void, facts = MODELS_LIST, requestId?: string): unknown {
  const records: unknown[] = [];
  write(logOf((record) => records.push(record), facts, requestId));
  expect(records).toHaveLength(1);
  return records[0];
}

describe('a log record', () => {
  it.each([
    ['anthropic.retry.long_wait', 'WARN', 13, (log: CallLog) => log.longWaitBegan(90, 'overloaded_error')],
    ['anthropic.stream.stalled', 'WARN', 13, (log: CallLog) => log.streamStalled(31)],
    ['anthropic.call.failed', 'ERROR', 17, (log: CallLog) => log.failed(DNS_ERROR, ONCE)],
  ] as const)('%s has the severity %s, as a number too', (eventName, severityText, severityNumber, write) => {
    const expected = { eventName, severityText, severityNumber, context: ROOT_CONTEXT };
    expect(recordOf(write)).toMatchObject(expected);
  });

  it('throws nothing where the logger does', () => {
    const log = logOf(() => {
      throw new EvalError('broken');
    }, MODELS_LIST);
    expect(() => log.streamStalled(31)).not.toThrow();
  });
});

describe('the text of a failed call', () => {
  it('says what is known', () => {
    const facts = { name: 'anthropic.messages.create', model: 'claude' } as CallFacts;
    const failure = {
      type: 'rate_limit_error',
      rateLimitCause: 'input_tokens',
      message: 'Too many.',
    } as Failure;
    const end = { status: 429, exhausted: true, attempts: 3, waited: 0.46 };
    expect(recordOf((log) => log.failed(failure, end), facts, 'req_1')).toMatchObject({
      body:
        'anthropic.messages.create (claude) failed: 429 rate_limit_error [input_tokens] ' +
        'after 3 attempts and 0.5 s of waits, request req_1: Too many.',
      attributes: {
        'error.type': 'rate_limit_error',
        'http.response.status_code': 429,
        'anthropic.request.id': 'req_1',
      },
    });
  });

  it('leaves out what is not', () => {
    expect(recordOf((log) => log.failed(DNS_ERROR, ONCE))).toMatchObject({
      body: 'anthropic.models.list failed: dns_error after 1 attempt',
    });
  });
});
