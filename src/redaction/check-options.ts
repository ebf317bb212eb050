/** Whether `value` can be one of `RedactOptions.patterns`. An empty text stands for none. */
export const isPattern = (value: unknown): value is RegExp | string =>
  value instanceof RegExp || typeof value === 'string';

/** Whether `value` can be `RedactOptions.censor`. */
export const isCensor = (value: unknown): value is string | ((match: string) => string) =>
  typeof value === 'string' || typeof value === 'function';

function need(isRight: boolean, what: string, allowed: string): void {
  if (!isRight) throw new TypeError(`${what} must be ${allowed}`);
}

/**
 * Checks the options of a redactor.
 *
 * @throws TypeError that names the option and what is allowed, never the value, which may be a secret.
 */
export function checkOptions(options: unknown): void {
  need(typeof options === 'object' && options !== null, 'the options of a redactor', 'an object');
  const { patterns = [], censor = '' } = options as {
    readonly patterns?: unknown;
    readonly censor?: unknown;
  };
  need(Array.isArray(patterns), 'patterns', 'an array');
  for (const [index, pattern] of (patterns as readonly unknown[]).entries()) {
    need(isPattern(pattern), `patterns[${index}]`, 'a RegExp or a string');
  }
  need(isCensor(censor), 'censor', 'a string or a function');
}
