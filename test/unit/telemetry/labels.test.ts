import { describe, expect, it } from 'vitest';
import type { CallFacts } from '../../../src/facts.ts';
import { createRedactor } from '../../../src/redaction/index.ts';
import { LabelBook } from '../../../src/telemetry/labels.ts';

const FACTS: CallFacts = {
  name: 'anthropic.messages.create',
  route: '/v1/messages',
  operation: 'chat',
  provider: 'anthropic',
  model: 'claude-one',
  streaming: false,
  serverAddress: 'api.anthropic.com',
  serverPort: 443,
  native: 'none',
  describe: () => {},
  describeMore: () => {},
  content: () => ({ system: undefined, messages: undefined, tools: undefined }),
  forget: () => {},
};

/** What differs between two calls, with the attribute that says so, and whether counters have it. */
const DIFFERENCES = [
  [{ operation: 'messages.count_tokens' }, 'gen_ai.operation.name', true],
  [{ provider: 'aws.bedrock' }, 'gen_ai.provider.name', true],
  [{ model: 'claude-two' }, 'gen_ai.request.model', true],
  [{ serverAddress: 'gateway.test' }, 'server.address', false],
  [{ serverPort: 8443 }, 'server.port', false],
] as const;

describe('the labels of a call', () => {
  it.each(DIFFERENCES)('tell calls apart by %j', (difference, attribute, isCounted) => {
    const book = new LabelBook(createRedactor());
    const one = book.of(FACTS);
    const other = book.of({ ...FACTS, ...difference });
    const [value] = Object.values(difference);
    expect(other.genAi).toEqual({ ...one.genAi, [attribute]: value });
    expect(other.answered('claude').duration).toMatchObject({ [attribute]: value });
    expect(other.key !== one.key).toBe(isCounted);
    expect(other.counted[attribute]).toBe(isCounted ? value : undefined);
  });

  it('of the limits are those of a provider’s model, whatever is done with it', () => {
    const book = new LabelBook(createRedactor());
    const one = book.of(FACTS);
    const keyOf = (difference: Partial<CallFacts>) => book.of({ ...FACTS, ...difference }).limitsKey;
    expect(keyOf({ operation: 'messages.count_tokens' })).toBe(one.limitsKey);
    expect(keyOf({ provider: 'aws.bedrock' })).not.toBe(one.limitsKey);
    expect(keyOf({ model: 'claude-two' })).not.toBe(one.limitsKey);
  });

  it('are made once, and made anew where there are too many of a model', () => {
    const book = new LabelBook(createRedactor());
    const one = book.of(FACTS);
    expect(book.of({ ...FACTS })).toBe(one);
    for (let serverPort = 1; serverPort <= 60; serverPort += 1) {
      expect(book.of({ ...FACTS, serverPort }).genAi['server.port']).toBe(serverPort);
    }
    expect(book.of(FACTS)).not.toBe(one);
    expect(book.of(FACTS).genAi).toEqual(one.genAi);
  });
});
