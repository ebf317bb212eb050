/** Objects tried in one text, and the longest of them. */
const MAX_TRIES = 4;
const MAX_OBJECT = 65_536;

/** Index after the bracket that closes the one at `start`; -1 if the text ends before. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  const end = Math.min(text.length, start + MAX_OBJECT);
  for (let i = start; i < end; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') {
      depth--;
      if (depth === 0) return i + 1;
    }
  }
  return -1;
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The first JSON object or list inside a text (`429 {"type":"error",…}`, `data: {…}`, `AnthropicException - {…}`), with
 * the text before it.
 */
export function jsonInText(text: string): { readonly value: object; readonly before: string } | undefined {
  let from = 0;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const offset = text.slice(from, from + MAX_OBJECT).search(/[{[]\s*[{"]/);
    if (offset === -1) return undefined;
    const start = from + offset;
    const end = endOfObject(text, start);
    const value = end === -1 ? undefined : parse(text.slice(start, end));
    if (value !== undefined) return { value, before: text.slice(0, start) };
    from = start + 1;
  }
  return undefined;
}

/** What of an error envelope can be read where its JSON is cut off, escaped, or printed by another language. */
export interface LooseEnvelope {
  readonly types: readonly string[];
  readonly message?: string;
  readonly code?: string;
}

const TYPE = /\\{0,3}["']type\\{0,3}["']\s{0,4}:\s{0,4}\\{0,3}["']([A-Za-z_]{3,64})\\{0,3}["']/g;
const CODE = /\\{0,3}["']error_code\\{0,3}["']\s{0,4}:\s{0,4}\\{0,3}["']([a-z_]{3,64})\\{0,3}["']/;
const MESSAGE =
  /["']message\\{0,3}["']\s{0,4}:\s{0,4}(?:\\{0,3}"((?:[^"\\]|\\[^"]){1,4096})|'((?:[^'\\]|\\.){1,4096}))/;

/** Reads an envelope's parts by their names. Expects a bounded text. */
export function looseEnvelope(text: string): LooseEnvelope | undefined {
  const types = [...text.matchAll(TYPE)].map((match) => match[1] ?? '').filter((type) => type !== 'error');
  const message = MESSAGE.exec(text);
  if (types.length === 0 && message === null) return undefined;
  const words = message?.[1] ?? message?.[2];
  const code = CODE.exec(text)?.[1];
  return { types, ...(words !== undefined && { message: words }), ...(code !== undefined && { code }) };
}
