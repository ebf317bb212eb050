import type { Environment } from '../../config.ts';
import { decoded } from '../../decoded.ts';
import { createRedactor, isSecretName, type Redactor } from '../../redaction/index.ts';

/** Values of these are secrets beside those whose names say so. */
const SECRET_VARIABLES = /^(?:OTEL_EXPORTER_OTLP_(?:\w+_)?HEADERS|ANTHROPIC_CUSTOM_HEADERS)$/;

/** Values of these are URLs even where they have no scheme. */
const PROXY_VARIABLE = /_proxy$/i;

/** Shorter texts are words of everyday use, which would go from all of the output. */
const SHORTEST = 6;

const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/([^/?#\s]*)@/i;
const HEADER_PAIRS = /[,\r\n]/;

/**
 * A redactor for what a command prints: the built-in rules, and as literal texts the secrets that the
 * environment has, so that a key of a shape that no rule knows does not come out either.
 *
 * @param urls further URLs whose credentials are secret, as options give them.
 */
export function redactorFor(env: Environment, urls: readonly (string | undefined)[] = []): Redactor {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    for (const secret of secretsIn(name, value)) addForms(secret, found);
  }
  for (const url of urls) {
    for (const secret of userInfo(url ?? '')) addForms(secret, found);
  }
  return createRedactor({ patterns: [...found].sort((a, b) => b.length - a.length) });
}

function secretsIn(name: string, value: string): readonly string[] {
  if (SECRET_VARIABLES.test(name)) return [value, ...headerValues(value)];
  if (isSecretName(name)) return [value];
  return userInfo(PROXY_VARIABLE.test(name) && !value.includes('://') ? `http://${value}` : value);
}

/** The values of `name=value,name=value` and of `name: value` lines, with and without their scheme. */
function headerValues(text: string): readonly string[] {
  return text.split(HEADER_PAIRS).flatMap((pair) => {
    const value = pair.replace(/^[^=:]*[=:]/, '').trim();
    const plain = decoded(value);
    const bare = plain.replace(/^(?:Bearer|Basic|ApiKey|Token)\s+/i, '');
    return [value, plain, bare, ...basicParts(plain)];
  });
}

function basicParts(value: string): readonly string[] {
  const encoded = /^Basic\s+([\w+/=-]+)$/i.exec(value)?.[1];
  return encoded === undefined ? [] : userParts(Buffer.from(encoded, 'base64').toString('utf8'));
}

function userInfo(url: string): readonly string[] {
  const info = AUTHORITY.exec(url.trim())?.[1];
  if (info === undefined) return [];
  const plain = decoded(info);
  return [info, plain, Buffer.from(plain).toString('base64'), ...userParts(info), ...userParts(plain)];
}

/** Of `user:password` the password, and the user where there is none. */
function userParts(info: string): readonly string[] {
  const colon = info.indexOf(':');
  return [colon === -1 ? info : info.slice(colon + 1)];
}

/** The secret as it may be printed: trimmed, without quotation marks, escaped in JSON, line by line. */
function addForms(secret: string, found: Set<string>): void {
  const trimmed = secret.trim();
  const bare = trimmed.replaceAll(/^["'`]+|["'`]+$/g, '');
  const forms = [secret, trimmed, bare, ...trimmed.split(/\s+/)];
  for (const form of [...forms, ...forms.map((text) => JSON.stringify(text).slice(1, -1))]) {
    if (form.trim().length >= SHORTEST) found.add(form);
  }
}
