/** The gate that every emitted string passes. */
import { startOfSecretArgument } from './logins.ts';
import { isNoSecret, isSecretName } from './names.ts';
import { secretFieldOf, shownOf } from './objects.ts';
import { cut, DEFAULT_CENSOR, TextRedactor, type RedactOptions } from './text.ts';
import { redactUrlParts } from './url.ts';
import { Walk } from './walk.ts';

/** Takes secrets out of what is emitted. No method throws: if one fails, the whole value is replaced. */
export interface Redactor {
  /** The text without its secrets; the same string when there are none. */
  text(value: string): string;
  /**
   * As {@link text}, for what is known to be a URL or a part of one: credentials become
   * `REDACTED:REDACTED@`, the values of secret query parameters `REDACTED`.
   */
  url(value: string): string;
  /** As {@link text}, cut to `maxLength` UTF-16 units after the secrets are out, never within a character. */
  truncate(value: string, maxLength: number): string;
  /**
   * An attribute's value, a log's body or any other tree of arrays and plain objects; the same value when
   * nothing in it changes.
   */
  value<T>(value: T): T;
  /** Keys and values; the same object when nothing changes. A value under a secret's name goes whole. */
  attributes<T extends object>(attributes: T): T;
}

const MAX_KNOWN_KEYS = 4096;
const LONGEST_KNOWN_KEY = 128;

/** A key's redacted form, and whether it names a secret. */
interface KeyVerdict {
  readonly key: string;
  readonly secret: boolean;
}

class RuleRedactor implements Redactor {
  readonly #texts: TextRedactor;
  readonly #keys = new Map<string, KeyVerdict>();

  constructor(options: RedactOptions) {
    this.#texts = new TextRedactor(options);
  }

  text(value: string): string {
    if (typeof value !== 'string') return this.value(value);
    return this.#texts.redact(value);
  }

  url(value: string): string {
    if (typeof value !== 'string') return this.value(value);
    try {
      return this.text(redactUrlParts(value));
    } catch {
      return DEFAULT_CENSOR;
    }
  }

  truncate(value: string, maxLength: number): string {
    const text = this.text(value);
    return typeof text === 'string' ? cut(text, maxLength) : text;
  }

  value<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T;
    if (typeof value !== 'object' || value === null) return value;
    try {
      return this.#tree(value, new Walk()) as T;
    } catch {
      return DEFAULT_CENSOR as T;
    }
  }

  attributes<T extends object>(attributes: T): T {
    try {
      const walk = new Walk();
      return walk.enter(attributes) ? this.#record(attributes, walk) : attributes;
    } catch {
      return Object.fromEntries([['redaction.error', DEFAULT_CENSOR]]) as T;
    }
  }

  #tree(value: unknown, walk: Walk): unknown {
    if (!walk.count()) return DEFAULT_CENSOR;
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Uint8Array) return this.#bytes(value);
    if (!walk.enter(value)) return DEFAULT_CENSOR;
    const redacted = Array.isArray(value) ? this.#array(value, walk) : this.#object(value, walk);
    walk.leave();
    return redacted;
  }

  #object(value: object, walk: Walk): unknown {
    const record = this.#record(value, walk) as Readonly<Record<string, unknown>>;
    const field = secretFieldOf(value);
    if (field !== undefined) {
      const { key, name } = field;
      const secret = this.#secretValue(name, record[key], walk);
      return Object.is(secret, record[key]) ? record : { ...record, [key]: secret };
    }
    if (record !== value) return record;
    const shown = shownOf(value);
    if (shown === undefined) return value;
    const redacted = this.text(shown);
    return redacted === shown ? value : redacted;
  }

  #array(values: readonly unknown[], walk: Walk): readonly unknown[] {
    let copy: unknown[] | undefined;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      const previous = index === 0 ? undefined : values[index - 1];
      const start =
        typeof value === 'string' && typeof previous === 'string' && announcesSecret(previous, value)
          ? 0
          : startOfSecretArgument(values, index);
      const redacted =
        start === -1 || typeof value !== 'string'
          ? this.#tree(value, walk)
          : value.slice(0, start) + this.#texts.censor(value.slice(start));
      if (copy === undefined && !Object.is(redacted, value)) copy = values.slice(0, index);
      copy?.push(redacted);
    }
    return copy ?? values;
  }

  /** Bytes are read one to a character, which loses none. */
  #bytes(bytes: Uint8Array): Uint8Array {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const redacted = this.text(text);
    return redacted === text ? bytes : new Uint8Array(Buffer.from(redacted, 'latin1'));
  }

  #record<T extends object>(record: T, walk: Walk): T {
    let changed: [string, unknown][] | undefined;
    const keys = Object.keys(record);
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = (record as Record<string, unknown>)[key];
      const verdict = this.#key(key);
      const redacted = verdict.secret ? this.#secretValue(key, value, walk) : this.#tree(value, walk);
      if (changed === undefined) {
        if (verdict.key === key && Object.is(redacted, value)) continue;
        changed = keys.slice(0, index).map((same) => [same, (record as Record<string, unknown>)[same]]);
      }
      changed.push([verdict.key, redacted]);
    }
    return changed === undefined ? record : (Object.fromEntries(changed) as T);
  }

  #key(key: string): KeyVerdict {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const redacted = this.text(key);
    const verdict = { key: redacted, secret: redacted === key && isSecretName(key) };
    if (key.length <= LONGEST_KNOWN_KEY && this.#keys.size < MAX_KNOWN_KEYS && redacted === key) {
      this.#keys.set(key, verdict);
    }
    return verdict;
  }

  /** Every text under a name that announces a secret is one, and so is a number. */
  #secretValue(name: string, value: unknown, walk: Walk): unknown {
    if (!walk.count()) return DEFAULT_CENSOR;
    if (value instanceof Uint8Array) return this.#texts.censor(Buffer.from(value).toString('latin1'));
    if (typeof value === 'object' && value !== null) {
      const shown = Array.isArray(value) ? undefined : shownOf(value);
      if (shown !== undefined) return this.#texts.censor(shown);
      if (!walk.enter(value)) return DEFAULT_CENSOR;
      const redacted = Array.isArray(value)
        ? this.#secretArray(name, value, walk)
        : this.#secretRecord(name, value, walk);
      walk.leave();
      return redacted;
    }
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return value;
    return isNoSecret(name, String(value), typeof value === 'string')
      ? value
      : this.#texts.censor(String(value));
  }

  #secretArray(name: string, values: readonly unknown[], walk: Walk): readonly unknown[] {
    const redacted = values.map((item) => this.#secretValue(name, item, walk));
    return redacted.every((item, index) => Object.is(item, values[index])) ? values : redacted;
  }

  #secretRecord(name: string, record: object, walk: Walk): object {
    const entries = Object.entries(record);
    const redacted = entries.map(
      ([key, item]) => [this.text(key), this.#secretValue(name, item, walk)] as const,
    );
    const same = redacted.every(([key, item], index) => {
      const entry = entries[index] as [string, unknown];
      return key === entry[0] && Object.is(item, entry[1]);
    });
    return same ? record : Object.fromEntries(redacted);
  }
}

const OPTION_OR_HEADER = /^(?:--?[\w-]+|[\w-]*(?:authorization|cookie|-key|-token|-secret|-team))$/i;

/** Whether a text in a list (arguments, raw headers) says that the next one is a secret. */
function announcesSecret(name: string, value: string): boolean {
  if (name.length > LONGEST_KNOWN_KEY || value.startsWith('-')) return false;
  return OPTION_OR_HEADER.test(name) && isSecretName(name);
}

/**
 * Makes a redactor from the built-in rules and yours.
 *
 * Redacting takes time linear in the length of the text, and redacting twice changes nothing more.
 *
 * @throws TypeError if an option's value is not allowed.
 */
export function createRedactor(options: RedactOptions = {}): Redactor {
  return new RuleRedactor(options);
}
