import { describe, expect, it } from 'vitest';
import { optionsTable, resolveConfig } from '../../../src/config.ts';

const SECRET = ['sk', 'ant', 'api03', 'A'.repeat(95)].join('-');

/** Settles the options, and returns them with the lines that were said. */
function resolve(given: unknown, env: Record<string, string> = {}, place: 'code' | 'preload' = 'code') {
  const lines: string[] = [];
  const config = resolveConfig(given, env, (line) => lines.push(line), place);
  return { config, lines };
}

describe('options', () => {
  it('have documented defaults', () => {
    const { config, lines } = resolve(undefined);
    expect(config).toEqual({
      enabled: true,
      captureMessageContent: false,
      maxContentLength: 32_768,
      propagateContext: false,
      redact: {},
      stalledStreamAfter: 30,
      longWaitAfter: 60,
      logFailures: false,
      flushTimeout: 2_000,
    });
    expect(lines).toEqual([]);
    expect(Object.isFrozen(config)).toBe(true);
    for (const row of optionsTable()) {
      expect(row.default).toContain(JSON.stringify(config[row.name as keyof typeof config]));
    }
  });

  it('are taken from code before the environment, and from there before the default', () => {
    const env = { OTEL_ANTHROPIC_MAX_CONTENT_LENGTH: '7', OTEL_ANTHROPIC_LONG_WAIT_AFTER: '1.5' };
    const { config } = resolve({ maxContentLength: 9 }, env);
    expect(config.maxContentLength).toBe(9);
    expect(config.longWaitAfter).toBe(1.5);
    expect(config.stalledStreamAfter).toBe(30);
  });

  it.each([
    ['true', true],
    ['TRUE', true],
    ['SPAN_ONLY', true],
    ['span_and_event', true],
    ['false', false],
    ['NO_CONTENT', false],
    ['EVENT_ONLY', false],
    ['', false],
  ])('content capture knows the convention’s spelling %j', (text, expected) => {
    const { config, lines } = resolve({}, { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: text });
    expect(config.captureMessageContent).toBe(expected);
    expect(lines).toEqual([]);
  });

  it.each([
    ['captureMessageContent', 'yes', 'string'],
    ['maxContentLength', -1, 'number'],
    ['maxContentLength', 1.5, 'number'],
    ['maxContentLength', Number.NaN, 'number (not finite)'],
    ['longWaitAfter', 0, 'number'],
    ['stalledStreamAfter', null, 'null'],
    ['redact', [/a/], 'array'],
    ['redact', { paths: ['a'] }, 'object'],
    ['redact', { patterns: [1] }, 'object'],
    ['redact', { censor: 1 }, 'object'],
  ])('%s of a wrong value (%j) is told in one line, and passed over', (name, value, type) => {
    const { config, lines } = resolve({ [name]: value });
    expect(config).toEqual(resolve(undefined).config);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      new RegExp(`^option ${name} has a value of type ${type.replace(/[()]/g, '\\$&')},`),
    );
    expect(lines[0]).toContain('expected ');
  });

  it('a wrong option gives way to a right variable', () => {
    const { config, lines } = resolve({ maxContentLength: '9' }, { OTEL_ANTHROPIC_MAX_CONTENT_LENGTH: '7' });
    expect(config.maxContentLength).toBe(7);
    expect(lines).toHaveLength(1);
  });

  it.each([
    'OTEL_ANTHROPIC_MAX_CONTENT_LENGTH',
    'OTEL_ANTHROPIC_LONG_WAIT_AFTER',
    'OTEL_ANTHROPIC_PROPAGATE_CONTEXT',
    'OTEL_ANTHROPIC_REDACT_PATTERNS',
    'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
  ])('%s of a wrong text is told by its name, never with the text', (variable) => {
    const { config, lines } = resolve({}, { [variable]: SECRET });
    expect(config).toEqual(resolve(undefined).config);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(variable);
    expect(lines[0]).not.toContain('sk-ant');
  });

  it('a wrong value is never shown', () => {
    const { lines } = resolve({ maxContentLength: SECRET, redact: SECRET, captureMessageContent: SECRET });
    expect(lines).toHaveLength(3);
    expect(lines.join('\n')).not.toContain('sk-ant');
  });

  it('an unknown option is named, with those that there are', () => {
    const { lines } = resolve({ captureContent: true });
    expect(lines).toEqual([expect.stringMatching(/"captureContent".*captureMessageContent/)]);
  });

  it.each([1, 'options', true, [1], Symbol('options')])(
    'options that are no object (%o) are told',
    (given) => {
      const { config, lines } = resolve(given);
      expect(config).toEqual(resolve(undefined).config);
      expect(lines).toHaveLength(1);
    },
  );

  it('options that throw when they are read are told', () => {
    const given = {
      get maxContentLength(): number {
        throw new Error(SECRET);
      },
    };
    const { config, lines } = resolve(given);
    expect(config).toEqual(resolve(undefined).config);
    expect(lines).toEqual([expect.not.stringContaining('sk-ant')]);
  });

  it('the preload has options and defaults of its own', () => {
    const env = { OTEL_ANTHROPIC_FLUSH_TIMEOUT: '500' };
    expect(resolve({}, env).config.flushTimeout).toBe(2_000);
    const { config } = resolve({}, env, 'preload');
    expect(config.flushTimeout).toBe(500);
    expect(config.logFailures).toBe(true);
    expect(resolve({ flushTimeout: 5 }).lines[0]).toContain('OTEL_ANTHROPIC_FLUSH_TIMEOUT');
  });

  it('takes patterns from a variable', () => {
    const { config } = resolve({}, { OTEL_ANTHROPIC_REDACT_PATTERNS: String.raw`["acme-\\d+"]` });
    expect(config.redact.patterns).toHaveLength(1);
    expect('an acme-123 b'.replace(config.redact.patterns?.[0] ?? '', '')).toBe('an  b');
  });
});
