import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/redaction/index.ts';
import { answerContent, requestContent } from '../../../src/telemetry/content.ts';

const CONTENT = { system: undefined, messages: [{ role: 'user', content: 'Hi' }], tools: [] };

const read = (maxLength: number) => requestContent(createRedactor(), CONTENT, maxLength);

describe('content', () => {
  it('is cut, and said to be, from one character too many on', () => {
    const whole = read(1000);
    const { length } = String(whole['gen_ai.input.messages']);
    expect(Object.keys(whole)).toEqual(['gen_ai.input.messages']);
    expect(read(length)).toEqual(whole);
    expect(read(length - 1)).toHaveProperty(['anthropic.content.truncated'], true);
  });

  it('of no kind that is known is its kind alone, whatever its name', () => {
    const content = ['constructor', 'toString', 'made_up'].map((type) => ({ type, text: 'private' }));
    const bag = requestContent(createRedactor(), { ...CONTENT, system: content }, 1000);
    expect(bag['gen_ai.system_instructions']).toBe(
      '[{"type":"anthropic_constructor"},{"type":"anthropic_toString"},{"type":"anthropic_made_up"}]',
    );
  });

  it('of no value at its place leaves the rest as it is', () => {
    const messages = [null, { role: 'user', content: null }, { role: 'user', content: [null, 'Hi'] }];
    const bag = requestContent(createRedactor(), { ...CONTENT, messages }, 1000);
    expect(JSON.parse(String(bag['gen_ai.input.messages']))).toEqual([
      { parts: [] },
      { role: 'user', parts: [] },
      { role: 'user', parts: [{ type: 'anthropic_unknown' }, { type: 'anthropic_unknown' }] },
    ]);
  });

  it.each([
    ['by its name', { password: 'hunter22' }],
    ['in a text of several lines', `user: me\npassword: hunter22\n`],
    ['in a text that is JSON itself', '{"password":"hunter22"}'],
  ])('loses a secret that shows %s', (_how, input) => {
    const messages = [{ role: 'user', content: [{ type: 'tool_use', id: 'a', name: 'b', input }] }];
    const bag = requestContent(createRedactor(), { ...CONTENT, messages }, 1000);
    expect(bag['gen_ai.input.messages']).toContain('[REDACTED]');
    expect(bag['gen_ai.input.messages']).not.toContain('hunter22');
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_call'],
    ['refusal', 'content_filter'],
    ['pause_turn', 'pause_turn'],
    ['constructor', 'constructor'],
  ])('of an answer has the finish reason of the conventions: %s is %s', (stopReason, expected) => {
    const bag = answerContent(createRedactor(), [], stopReason, 1000);
    expect(JSON.parse(String(bag['gen_ai.output.messages']))).toEqual([
      { role: 'assistant', parts: [], finish_reason: expected },
    ]);
  });
});
