/** Objects that say more than the names and values of their fields do. */
import { inspect, types } from 'node:util';
import { isSecretName } from './names.ts';

/** The name that an object such as `{ name: 'x-api-key', value: '…' }` gives its value, where it is a secret's. */
export function secretNameOf(object: object): string | undefined {
  if (!Object.hasOwn(object, 'value')) return undefined;
  const { name, key } = object as { readonly name?: unknown; readonly key?: unknown };
  const named = typeof name === 'string' ? name : key;
  return typeof named === 'string' && named.length <= 256 && isSecretName(named) ? named : undefined;
}

/** What a console shows of an object whose content is not in its fields: an error, a map, a URL, headers. */
export function shownOf(object: object): string | undefined {
  const shows = types.isNativeError(object) || Symbol.iterator in object || inspect.custom in object;
  return shows ? inspect(object) : undefined;
}
