/** Objects that say more than the names and values of their fields do. */
import { inspect, types } from 'node:util';
import { isSecretName } from './names.ts';

/** Fields that say what another field of the same object is. */
const PAIRS = [
  { names: ['name', 'key'], value: 'value' },
  { names: ['Name', 'Key'], value: 'Value' },
] as const;

/** A field whose value is a secret because of what another field says: its own key, and the secret's name. */
export interface NamedField {
  readonly key: string;
  readonly name: string;
}

/** Of an object such as `{ name: 'x-api-key', value: '…' }` or `{ name: 'auth', args: ['…'] }` the secret field. */
export function secretFieldOf(object: object): NamedField | undefined {
  const fields = object as Readonly<Record<string, unknown>>;
  for (const { names, value } of PAIRS) {
    if (!Object.hasOwn(object, value)) continue;
    const name = names.map((key) => fields[key]).find((text) => typeof text === 'string');
    if (isSecret(name)) return { key: value, name };
  }
  if (!Object.hasOwn(object, 'args') || !Array.isArray(fields['args'])) return undefined;
  const name = fields['name'];
  return typeof name === 'string' && /^auth$/i.test(name) ? { key: 'args', name } : undefined;
}

function isSecret(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 256 && isSecretName(name);
}

/** What a console shows of an object whose content is not in its fields: an error, a map, a URL, headers. */
export function shownOf(object: object): string | undefined {
  const shows = types.isNativeError(object) || Symbol.iterator in object || inspect.custom in object;
  return shows ? inspect(object) : undefined;
}
