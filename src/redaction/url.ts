import { decoded } from '../decoded.ts';
import { isSecretName } from './names.ts';
import { REDACTED_PARAMETER } from './rules.ts';

const SIGNED =
  /^(?:sig|key|code|hmac|jwt|otp|pin|sid|session|user_code|awsaccesskeyid|googleaccessid|.*(?:signature|credential|assertion))$/i;

/** An error's code is a word of lower-case letters or a number; an authorization code is neither. */
const PLAIN_CODE = /^(?:[a-z_]{1,40}|\d{1,6})$/;

function isSecretParameter(name: string, value: string): boolean {
  if (name.length > 256) return false;
  const plain = decoded(name);
  if (plain.toLowerCase() === 'code') return !PLAIN_CODE.test(value);
  return SIGNED.test(plain) || isSecretName(plain);
}

function withoutParameters(url: string, query: number): string {
  const head = url.slice(0, query);
  const redacted = url
    .slice(query)
    .replaceAll(/([?&#;])([^=&#;?]*)=([^&#]*)/g, (pair, start: string, name: string, value: string) =>
      value !== '' && isSecretParameter(name, value) ? `${start}${name}=${REDACTED_PARAMETER}` : pair,
    );
  return head + redacted;
}

/**
 * What can be told from knowing that the text is a URL: every pair in its query and fragment is a parameter,
 * whatever stands around it. Its user information is left to the rules.
 */
export function redactUrlParts(url: string): string {
  const query = url.search(/[?#]/);
  return query === -1 || !url.includes('=', query) ? url : withoutParameters(url, query);
}
