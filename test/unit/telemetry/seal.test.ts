import type { Attributes, AttributeValue, Span } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/redaction/index.ts';
import type { AttributeBag } from '../../../src/schema.ts';
import { seal, SealedSpan } from '../../../src/telemetry/seal.ts';
import { FAKE_KEY } from '../../support/behaviour.ts';

const BAG: AttributeBag = {
  'anthropic.error.field': `of ${FAKE_KEY}`,
  'anthropic.beta': ['a', FAKE_KEY],
  'anthropic.retry.exhausted': false,
  'http.request.resend_count': 0,
  'anthropic.request.id': undefined,
};
const SEALED = {
  'anthropic.error.field': 'of [REDACTED]',
  'anthropic.beta': ['a', '[REDACTED]'],
  'anthropic.retry.exhausted': false,
  'http.request.resend_count': 0,
};

describe('attributes', () => {
  it.each([
    ['a bag of them', (bag: AttributeBag) => seal(createRedactor(), bag)],
    [
      'those of a span',
      (bag: AttributeBag) => {
        const set: Attributes = {};
        const span = { setAttribute: (name: string, value: AttributeValue) => void (set[name] = value) };
        new SealedSpan(span as unknown as Span, createRedactor()).setAll(bag);
        return set;
      },
    ],
  ])('pass the gate, without what is absent: %s', (_which, pass) => {
    expect(Object.entries(pass(BAG))).toEqual(Object.entries(SEALED));
  });
});
