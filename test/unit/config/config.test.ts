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
    [' true ', true],
    ['', false],
    ['  ', false],
  ])('content capture knows the convention’s spelling %j', (text, expected) => {
    const { config, lines } = resolve({}, { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: text });
    expect(config.captureMessageContent).toBe(expected);
    expect(lines).toEqual([]);
  });

  it.each([
    ['propagateContext', ' True ', true],
    ['propagateContext', 'FALSE', false],
    ['maxContentLength', ' 12 ', 12],
    ['maxContentLength', '0', 0],
    ['stalledStreamAfter', '0.25', 0.25],
  ] as const)('the variable of %s is read: %j', (name, text, expected) => {
    const variable = optionsTable().find((row) => row.name === name)?.variable ?? '';
    const { config, lines } = resolve({}, { [variable]: text });
    expect([config[name], lines]).toEqual([expected, []]);
  });

  it.each(['0x10', '1e3', '-5', '12px', 'about 12', '1.5'])(
    'a variable that takes a whole number does not take %s',
    (text) => {
      const { config, lines } = resolve({}, { OTEL_ANTHROPIC_MAX_CONTENT_LENGTH: text });
      expect(config.maxContentLength).toBe(32_768);
      expect(lines).toHaveLength(1);
    },
  );

  it('of the base class may be given in code', () => {
    expect(resolve({ enabled: false })).toMatchObject({ config: { enabled: false }, lines: [] });
  });

  it.each([
    ['captureMessageContent', 'yes', 'string'],
    ['maxContentLength', -1, 'number'],
    ['maxContentLength', 1.5, 'number'],
    ['maxContentLength', Number.NaN, 'number (not finite)'],
    ['longWaitAfter', 0, 'number'],
    ['longWaitAfter', '60', 'string'],
    ['longWaitAfter', Infinity, 'number (not finite)'],
    ['stalledStreamAfter', null, 'null'],
    ['redact', [/a/], 'array'],
    ['redact', /a/, 'object'],
  ])('%s of a wrong value (%j) is told in one line, and passed over', (name, value, type) => {
    const { config, lines } = resolve({ [name]: value });
    expect(config).toEqual(resolve(undefined).config);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      new RegExp(`^option ${name} has a value of type ${type.replace(/[()]/g, '\\$&')},`),
    );
    expect(lines[0]).toContain('expected ');
  });

  it('a censor may be a function', () => {
    const redact = { censor: () => '' };
    expect(resolve({ redact })).toMatchObject({ config: { redact }, lines: [] });
  });

  it.each([
    [{ patterns: [1, /a/, ['b'], 'c', ''], censor: 'x' }, ['[0]', 'number', '[2]', 'array', '[4]', 'string']],
    [{ patterns: [/a/, 'c', null], censor: 'x' }, ['[2]', 'null']],
  ])('a wrong pattern is told by its place, and the others hold', (redact, told) => {
    const { config, lines } = resolve({ redact });
    expect(config.redact).toEqual({ patterns: [/a/, 'c'], censor: 'x' });
    expect(
      lines.map((line) => /^option redact\.patterns(\[\d\]) has a value of type (\w+),/.exec(line)),
    ).toEqual(
      Array.from({ length: told.length / 2 }, (_, index) =>
        expect.arrayContaining(told.slice(2 * index, 2 * index + 2)),
      ),
    );
    for (const line of lines) expect(line).toContain('expected a RegExp or a text that is not empty');
  });

  it.each([
    ['patterns', { patterns: SECRET, censor: 'x' }, { censor: 'x' }],
    ['censor', { patterns: [/a/], censor: [SECRET] }, { patterns: [/a/] }],
    ['unknown member "paths"', { patterns: [/a/], paths: [SECRET] }, { patterns: [/a/] }],
  ])('what is wrong in redact takes nothing else with it: %s', (name, redact, left) => {
    const { config, lines } = resolve({ redact });
    expect(config.redact).toEqual(left);
    expect(lines).toEqual([expect.stringContaining(name)]);
    expect(lines[0]).toContain('expected ');
    expect(lines[0]).not.toContain('sk-ant');
  });

  it('redact of which nothing can be used gives way to the variable', () => {
    const { config, lines } = resolve(
      { redact: { patterns: [7], censor: 1 } },
      { OTEL_ANTHROPIC_REDACT_PATTERNS: '["a"]' },
    );
    expect(config.redact).toEqual({ patterns: [/a/g] });
    expect(lines).toHaveLength(2);
    expect(resolve({ redact: {} }).lines).toEqual([]);
  });

  it('redact that throws when it is read is told', () => {
    const redact = {
      get patterns(): RegExp[] {
        throw new Error(SECRET);
      },
    };
    const { config, lines } = resolve({ redact });
    expect(config.redact).toEqual({});
    expect(lines).toEqual([expect.not.stringContaining('sk-ant')]);
  });

  it('a wrong pattern in the variable is told by its place, and the others hold', () => {
    const { config, lines } = resolve(
      {},
      { OTEL_ANTHROPIC_REDACT_PATTERNS: JSON.stringify(['a', `${SECRET}(`, 7, '', 'b']) },
    );
    expect(config.redact).toEqual({ patterns: [/a/g, /b/g] });
    expect(lines).toEqual(
      [
        '[1] has a value of type string',
        '[2] has a value of type number',
        '[3] has a value of type string',
      ].map((told) =>
        expect.stringContaining(`OTEL_ANTHROPIC_REDACT_PATTERNS${told}, which is ignored; expected`),
      ),
    );
    expect(lines.join('\n')).not.toContain('sk-ant');
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

  it('an unknown variable of ours is named to the preload, with those that there are', () => {
    const env = {
      OTEL_ANTHROPIC_REDACT_PATTERN: '["hunter2"]',
      OTEL_ANTHROPICS: '1',
      OTEL_TRACES_EXPORTER: 'none',
    };
    const { lines } = resolve(undefined, env, 'preload');
    expect(lines).toEqual([
      expect.stringMatching(
        /^unknown variable OTEL_ANTHROPIC_REDACT_PATTERN; .*\bOTEL_ANTHROPIC_REDACT_PATTERNS\b/,
      ),
    ]);
    expect(lines.join()).not.toContain('hunter2');
  });

  it('a secret in the name of an unknown variable is not shown', () => {
    const key = 'AKIAIOSFODNN7EXAMPLE';
    const { lines } = resolve(undefined, { [`OTEL_ANTHROPIC_${key}`]: '1' }, 'preload');
    expect(lines).toEqual([expect.stringMatching(/^unknown variable OTEL_ANTHROPIC_/)]);
    expect(lines.join()).not.toContain(key);
  });

  it.each([
    ['option', (name: string) => resolve({ [name]: true })],
    ['member of redact', (name: string) => resolve({ redact: { [name]: true } })],
  ])('a secret in the name of an unknown %s is not shown, nor a line broken', (_what, resolved) => {
    const { lines } = resolved(`${SECRET}\n${'a'.repeat(1000)}`);
    expect(lines).toEqual([expect.stringContaining('unknown ')]);
    expect(lines.join()).not.toMatch(/sk-ant|\n|a{200}/);
  });

  it.each([
    ['option', (names: readonly string[]) => resolve(Object.fromEntries(names.map((name) => [name, true])))],
    [
      'variable',
      (names: readonly string[]) =>
        resolve(
          undefined,
          Object.fromEntries(names.map((name) => [`OTEL_ANTHROPIC_${name}`, '1'])),
          'preload',
        ),
    ],
    [
      'member of redact',
      (names: readonly string[]) =>
        resolve({ redact: Object.fromEntries(names.map((name) => [name, true])) }),
    ],
  ])('many an unknown %s is told in one line, which names the first', (what, resolved) => {
    const { lines } = resolved(Array.from({ length: 1000 }, (_, index) => `N${index}`));
    const [kind] = what.split(' ');
    expect(lines[0]).toMatch(new RegExp(`unknown ${kind}s .{0,20}N0"?, .*N1.* and 996 more[;,]`));
    expect(lines[0]?.length).toBeLessThan(600);
    expect(lines.slice(1).filter((line) => line.includes('unknown'))).toEqual([]);
  });

  it('of the options that there are in code, none is the preload’s alone', () => {
    const { lines } = resolve({ captureContent: true });
    expect(lines.join()).toMatch(/options are enabled, captureMessageContent/);
    expect(lines.join()).not.toContain('flushTimeout');
  });

  it.each([1, 'options', true, [1], Symbol('options')])(
    'options that are no object (%o) are told',
    (given) => {
      const { config, lines } = resolve(given);
      expect(config).toEqual(resolve(undefined).config);
      expect(lines).toEqual([expect.stringContaining('options must be an object')]);
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
    expect(resolve({}, {}, 'preload').config).toEqual({ ...resolve({}).config, logFailures: true });
    const { config } = resolve({}, env, 'preload');
    expect(config.flushTimeout).toBe(500);
    expect(resolve({ flushTimeout: 5 }).lines[0]).toContain('OTEL_ANTHROPIC_FLUSH_TIMEOUT');
  });

  it('takes patterns from a variable', () => {
    const { config } = resolve({}, { OTEL_ANTHROPIC_REDACT_PATTERNS: String.raw`["acme-\\d+"]` });
    expect(config.redact.patterns).toHaveLength(1);
    expect('an acme-123 b'.replace(config.redact.patterns?.[0] ?? '', '')).toBe('an  b');
  });
});
