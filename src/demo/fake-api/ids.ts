import { randomBytes } from 'node:crypto';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A unique identifier in the API's style: `prefix`, `01`, and 22 letters and digits. */
export function newId(prefix: string): string {
  let id = `${prefix}01`;
  for (const byte of randomBytes(22)) id += ALPHABET[byte % ALPHABET.length];
  return id;
}
