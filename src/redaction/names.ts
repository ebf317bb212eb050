/**
 * Which names (of headers, fields, variables, options, attributes) announce that their value is a secret.
 *
 * The fragments are sources of case-insensitive patterns. Each begins with a literal and looks back from
 * there, so that a text without the literal costs one scan.
 */

/** A space, a hyphen, a dot or an underscore between two words of a name, or nothing (`apiKey`). */
const JOINT = '[-_. ]?';

const PASSWORD = [
  `passw(?:or)?ds?(?:${JOINT}(?:hash|confirm(?:ation)?|old|new|again|repeat|encrypted|plain|value|text|base64|\\d{1,3}))?`,
  'passphrase',
  'passcode',
  `pass(?:(?<![a-z]pass)|(?<=(?:db|user|smtp|ftp|admin|root|proxy|mail|ldap|redis|pg|sql|my|key|store)pass))`,
  'pwd(?<!oldpwd)',
  'pw(?<![a-z]pw)',
].join('|');

/** Not the kind of resource in an ARN, whose name follows. */
const SECRET = `secrets?(?<!:\\d{12}:secret)(?:${JOINT}(?:access${JOINT})?keys?(?:${JOINT}base)?|${JOINT}(?:id|value|string|token|text|data|binary|hash))?`;

/** Pagination marks and the vocabulary of language models are called tokens too, and are no secrets. */
const TOKEN_OF_ANOTHER_KIND =
  'max|min|num|input|output|prompt|completion|total|stop|eos|bos|pad|unk|mask|sep|cls|special|unexpected|next|page|prev|previous|sync|first|last|per|each|cached';

const TOKEN =
  `token(?<!(?:${TOKEN_OF_ANOTHER_KIND})${JOINT}token)` +
  `(?:${JOINT}(?:id|key|secret|value|hash|string|data|b64|base64|\\d{1,3}))?`;

/** A bare `key` says nothing (a cache's, a table's, a map's): these words before it do. */
const KEY_OWNER = [
  'api|access|secret|private|priv|auth|account|encryption|encrypt|decryption|signing|signature|sign',
  'webhook|hook|master|subscription|license|ssh|rsa|deploy|service|storage|app|application|client|consumer',
  'session|hmac|jwt|aes|crypto|root|admin|bearer|integration|instrumentation|ingest|ingestion|functions?|gateway',
  'anthropic|openai|claude|gemini|mistral|groq|litellm|portkey|azure|bedrock|honeycomb|datadog|grafana',
  'openrouter|xai|deepseek|cohere|voyage|pinecone|tavily|supabase|stripe|sendgrid|apim|salt|shared',
  `portkey${JOINT}virtual|(?:x|relic|insights)${JOINT}insert|insights`,
  `(?:honeycomb|hny)${JOINT}write|relic${JOINT}user|service${JOINT}role`,
].join('|');

const KEY =
  `key(?<=(?:${KEY_OWNER})${JOINT}key)s?` +
  `(?:${JOINT}(?:value|data|b64|base64|secret|pem|string|material|\\d{1,2})|(?<=access${JOINT}key)${JOINT}id)?`;

const OTHERS = [
  'credentials?',
  'creds?(?<![a-z]creds?)',
  `pat(?<=(?:github|gh|gitlab|git|azure|ado|devops|ext|repo|registry|personal)[-_]pat)`,
  `code${JOINT}verifier`,
  'device[-_]?code',
  'client[-_.]?assertion',
  'saml[-_.]?(?:request|response|assertion)',
  '(?:jsession|phpsess|aspsession|net_session)id',
  'connect\\.sid',
  `auth(?<![a-z]auth)`,
  `jwt(?<![a-z]jwt)(?:${JOINT}assertion)?`,
  `bearer(?:${JOINT}auth)?`,
  'x-(?:honeycomb|hny)-team',
  'lightstep-access',
].join('|');

/** What a secret is for, at the end of a variable's name (`API_KEY_PROD`, `AWS_BEARER_TOKEN_BEDROCK`). */
const PURPOSE =
  '(?:[-_.](?:prod(?:uction)?|stag(?:e|ing)|dev(?:elopment)?|test|live|sandbox|default|primary|secondary|backup|bedrock|vertex|foundry))?';

/** Names of passwords, secrets, tokens and keys. */
export const SECRET_NAME = `(?:(?:${PASSWORD}|${SECRET}|${TOKEN}|${KEY}|${OTHERS})${PURPOSE})`;

/** Names of header fields that carry credentials after a scheme. */
export const AUTHORIZATION_NAME = 'authorization';

/** Names of header fields that carry cookies. */
export const COOKIE_NAME = '(?:set-)?cookie2?';

/** Cheap substrings, at least one of which is in every {@link SECRET_NAME}. */
export const SECRET_NAME_HINTS = [
  'passw',
  'pass',
  'pw',
  'secret',
  'token',
  'key',
  'cred',
  '_pat',
  '-pat',
  'verifier',
  'device_code',
  'device-code',
  'devicecode',
  'assertion',
  'saml',
  'jsession',
  'phpsess',
  'aspsession',
  'net_session',
  'connect.sid',
  'auth',
  'jwt',
  'bearer',
  'honeycomb-team',
  'hny-team',
  'lightstep-access',
] as const;

const WHOLE_NAME_IS_SECRET = new RegExp(`(?:${SECRET_NAME}|${AUTHORIZATION_NAME}|${COOKIE_NAME}s?)$`, 'i');
const MAY_BE_A_NUMBER = /^(?!.*(?:passw|passphrase|passcode|pwd))/i;

/** Whether a field of this name (`db.password`, `http.request.header.x-api-key`) holds a secret. */
export function isSecretName(name: string): boolean {
  return WHOLE_NAME_IS_SECRET.test(name);
}

const NO_VALUE =
  /^(?:null|undefined|true|false|none|nil|nan|include|omit|same-origin|\[?object(?: object)?\]?)$/i;
/** What texts say of a secret in its value's place: `token: expired`, `password: must be …`, `using password: yes`. */
const VERDICT =
  /^(?:yes|no|on|off|could|does|did|do|has|have|will|can|unable|missing|required|expired|revoked|invalid|incorrect|wrong|malformed|rejected|failed|denied|disabled|empty|unset|unknown|unauthorized|not|must|should|cannot|is|was|expected|permission|field|input|please|\(sensitive|\(known)$/i;
/** What stands in a value's place in source code. */
const EXPRESSION = /^(?:await|new|string|str|(?:process|import\.meta)\.env\b[\w.]*)$/;
/** The censors of others. */
const CENSORED = /^(?:\*+|[<[(]?(?:redacted|masked|hidden|filtered|omitted)[>\])]?)$/i;
const NO_VALUES = [NO_VALUE, EXPRESSION, CENSORED];
const SMALL_NUMBER = /^\d{1,6}(?:[.,]\d{1,6}){0,3}$/;

/** The longest value that {@link isNoSecret} looks at. */
export const LONGEST_NO_SECRET = 64;

/**
 * Whether a value that stands beside a secret's name is plainly none: empty, a literal such as `null`, what an error
 * says of it (never in quotes), code, a censor, or, unless the name is a password's, a count.
 */
export function isNoSecret(name: string, value: string, isQuoted: boolean): boolean {
  if (value.length > LONGEST_NO_SECRET) return false;
  const trimmed = value.trim();
  if (trimmed === '' || NO_VALUES.some((kind) => kind.test(trimmed))) return true;
  if (!isQuoted && VERDICT.test(trimmed)) return true;
  if (SMALL_NUMBER.test(trimmed)) return MAY_BE_A_NUMBER.test(name);
  return /^pwd$/i.test(name) && /^(?:\/|[a-z]:\\)/i.test(trimmed);
}
