import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/facts.ts';
import { createRedactor } from '../../../src/redaction/index.ts';
import { errorStatus } from '../../../src/telemetry/recording.ts';
import { TargetBook } from '../../../src/telemetry/target.ts';
import { FAKE_KEY } from '../../support/behaviour.ts';

const statusOf = (message: string | undefined) => errorStatus(createRedactor(), { message } as Failure);

describe('the status of what failed', () => {
  it('has the message, without secrets, in 1,024 characters', () => {
    expect(statusOf(`invalid ${FAKE_KEY}`)).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'invalid [REDACTED]',
    });
    expect(statusOf('word '.repeat(1000)).message).toHaveLength(1024);
  });

  it.each([undefined, ''])('has none where there is none: %j', (message) => {
    expect(statusOf(message)).toStrictEqual({ code: SpanStatusCode.ERROR });
  });
});

describe('where an attempt goes', () => {
  const targets = new TargetBook(createRedactor(), false);

  it('is told without secrets, in the path too', () => {
    const { name, ofCall, ofAttempt } = targets.of(
      `https://gateway.test/${FAKE_KEY}/v1/messages`,
      'POST',
      undefined,
    );
    expect(name).toBe('POST');
    expect(ofCall['url.path']).toBe('/[REDACTED]/v1/messages');
    expect(JSON.stringify([ofCall, ofAttempt])).not.toContain('AAAA');
    expect(ofAttempt).toMatchObject({ 'server.address': 'gateway.test', 'server.port': 443 });
  });

  it('is told as it is where it is no URL', () => {
    const { ofCall, ofAttempt } = targets.of('/v1/messages', 'POST', '/v1/messages');
    expect([ofCall['url.full'], ofAttempt['url.full']]).toEqual(['/v1/messages', '/v1/messages']);
    expect(ofAttempt).not.toHaveProperty('server.address');
  });
});
