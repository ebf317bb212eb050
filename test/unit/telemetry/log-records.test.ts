import { ROOT_CONTEXT } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { emitLine, failureText, type Line, type Logger } from '../../../src/telemetry/log-records.ts';

const LINE = { text: 'line', attributes: { a: 1 }, context: ROOT_CONTEXT };

describe('a line of a log', () => {
  it.each([
    ['anthropic.stream.stalled', 'WARN', 13],
    ['anthropic.call.failed', 'ERROR', 17],
  ] as const)('%s has the severity %s, as a number too', (eventName, severityText, severityNumber) => {
    const records: unknown[] = [];
    emitLine({ emit: (record) => records.push(record) }, { ...LINE, eventName });
    const { text: body, ...rest } = LINE;
    expect(records).toEqual([{ ...rest, eventName, body, severityNumber, severityText }]);
  });

  it('throws nothing where the logger does', () => {
    const logger: Logger = {
      emit: () => {
        throw new EvalError('broken');
      },
    };
    const line: Line = { ...LINE, eventName: 'anthropic.stream.stalled' };
    expect(() => emitLine(logger, line)).not.toThrow();
  });
});

describe('the text of a failed call', () => {
  const LEAST = {
    name: 'anthropic.models.list',
    model: undefined,
    status: undefined,
    type: 'dns_error',
    detail: undefined,
    attempts: 1,
    waited: 0,
    requestId: undefined,
    message: '',
  };

  it('says what is known', () => {
    const all = {
      name: 'anthropic.messages.create',
      model: 'claude',
      status: 429,
      type: 'rate_limit_error',
      detail: 'input_tokens',
      attempts: 3,
      waited: 0.46,
      requestId: 'req_1',
      message: 'Too many.',
    };
    expect(failureText(all)).toBe(
      'anthropic.messages.create (claude) failed: 429 rate_limit_error [input_tokens] ' +
        'after 3 attempts and 0.5 s of waits, request req_1: Too many.',
    );
  });

  it('leaves out what is not', () => {
    expect(failureText(LEAST)).toBe('anthropic.models.list failed: dns_error after 1 attempt');
  });
});
