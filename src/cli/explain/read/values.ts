/** Reading of JSON whose shape nobody vouches for. */

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The text whose lines a list has. */
export function asLines(value: unknown): string {
  return asList(value)
    .filter((line) => typeof line === 'string')
    .join('\n');
}

/** ISO 8601 in UTC; `undefined` where it is no time. */
export function asTime(value: string | number): string | undefined {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** More than anything that says something of an error has, and less than what recursion bears. */
const MOST_LEVELS = 200;

/** `undefined` where the text is no JSON object or list, or one that is nested out of all reason. */
export function parseJson(text: string): object | undefined {
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && hasLevels(value, MOST_LEVELS) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value has at most so many levels. */
function hasLevels(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return most > 0 && Object.values(value).every((inner) => hasLevels(inner, most - 1));
}
