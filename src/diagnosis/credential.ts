import type { CredentialFacts, CredentialKind } from './failure-facts.ts';

/** First match wins. */
const KINDS: readonly (readonly [pattern: RegExp, kind: CredentialKind])[] = [
  [/^sk-ant-admin\d*-/, 'admin_key'],
  [/^sk-ant-o(?:at|rt)\d*-/, 'oauth_token'],
  [/^sk-ant-/, 'api_key'],
  [
    /^(?:sk-(?:proj|or|svcacct|admin)-|sk-[A-Za-z0-9]{20,}$|AIza|gsk_|xai-|hf_|AKIA|ASIA|ghp_|r8_|pplx-|fw_|nvapi-)/,
    'other_provider',
  ],
];

const PLACEHOLDER =
  /^(?:sk-ant-(?:api\d\d-)?)?(?:your|my|insert|replace|put|add|change|enter|todo|dummy|fake|test|example|placeholder|xxx|\.\.\.|\*{3}|<|\$\{|\{\{|undefined$|null$|none$)/i;
const QUOTES = /^["'`“”‘’«]|["'`“”‘’»]$/;

/**
 * What a credential looks like, for a diagnosis; keeps nothing of its text.
 *
 * @param header - the header that carries it, or will
 * @param value - the credential as it was configured, or the header's value with or without `Bearer `
 */
export function credentialFacts(
  header: 'x-api-key' | 'authorization',
  value: string | null | undefined,
): CredentialFacts {
  const raw = (value ?? '').slice(0, 4096).replace(/^Bearer /i, '');
  if (raw.trim() === '') return { present: false, header };
  const trimmed = raw.trim();
  const bare = trimmed.replace(/^["'`“”‘’«]+|["'`“”‘’»]+$/g, '');
  return {
    present: true,
    header,
    whitespace: /\s/.test(raw),
    quotes: QUOTES.test(trimmed),
    kind: KINDS.find(([pattern]) => pattern.test(bare))?.[1] ?? 'unknown',
    placeholder: PLACEHOLDER.test(bare),
  };
}
