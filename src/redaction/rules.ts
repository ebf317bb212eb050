/**
 * The table of what is redacted, in the order in which it is done: what has a shape of its own first, what
 * is known by its surroundings after.
 */
import type { Hinted } from './prefilter.ts';
import { isLogin, PASSWORD_OPTIONS, PASSWORD_PROGRAMS, USER_OPTION } from './logins.ts';
import {
  AUTHORIZATION_NAME,
  COOKIE_NAME,
  isNoSecret,
  LONGEST_NO_SECRET,
  SECRET_NAME,
  SECRET_NAME_HINTS,
} from './names.ts';
import { BASE64_CHARACTER, PREFIX_HINTS, PREFIX_SERVICES, PREFIXED_TOKEN, startingWith } from './prefixes.ts';
import { PRIVATE_KEY, privateKey } from './private-keys.ts';
import {
  COLOUR,
  endOf,
  nothingUntil,
  readCredential,
  readEncodedUserInfo,
  readOracleLogin,
  readParameter,
  readUserInfo,
  readValue,
} from './readers.ts';
import type { Part, ValueSyntax } from './readers.ts';

/** Where in a match, or from the match on, the secret is. All around it is kept. */
export type Locate = (text: string, match: RegExpExecArray, floor: number) => Part;

/** How a match is replaced. */
export interface Replacement {
  /**
   * The part to take out. `floor` is the end of the part of the text that is done. To stay linear, what it
   * reads beyond the match must lie within the answer, or within a fixed distance.
   */
  readonly secret: Locate;
  /** A fixed text in the secret's place, where a convention names one, instead of the censor. */
  readonly by?: string;
}

/** One kind of secret. */
export interface RedactionRule extends Hinted {
  /** Stable, for documentation and tests. */
  readonly id: string;
  /** One sentence for the documentation. */
  readonly what: string;
  /** Global. Tried only where one of the hints is in the text. */
  readonly pattern: RegExp;
  readonly replace: Replacement;
}

/** What stands in place of user information in a URL, as the HTTP conventions have it. */
export const REDACTED_USER_INFO = 'REDACTED:REDACTED';
/** What stands in place of a query parameter's value, as the HTTP conventions have it. */
export const REDACTED_PARAMETER = 'REDACTED';

const QUOTE = `(?:\\\\{0,31}["'\`]|%(?:25){0,2}2[27]|&quot;|&#(?:3[49]|x2[27]);|\\\\{1,8}(?:u00|x)2[27])`;
const COLON = '%(?:25){0,2}3[ad]';
const ESCAPED_EQUALS = '\\\\{1,8}(?:u00|x)3d';
const SEPARATOR = `(?:(?::?={1,3}>?|:{1,2})|${COLON}|${ESCAPED_EQUALS})`;
/** Blanks, also as line breaks are escaped in JSON, and colours. */
const GAP = `(?:\\s|\\\\{1,7}[nrt]|${COLOUR}){0,32}`;
const PLAIN_QUOTE = `\\\\{0,31}["'\`]`;
/** From a text in a list to the quote of the next. */
const NEXT_IN_LIST = `${PLAIN_QUOTE}${GAP},${GAP}(?=b?${PLAIN_QUOTE})`;
/** A character of the same command: a line goes on where its break is escaped, and in what Node's errors list of it. */
const SAME_COMMAND = '(?:[^\\n]|\\\\\\r?\\n|\\n(?=\\s{1,8}spawnargs))';
/** From an option of curl to its argument. */
const TO_ARGUMENT = `(?:[ \\t]{1,16}|=|${NEXT_IN_LIST})?`;
const ARGUMENT_BEHIND = `(?:[ \\t]{1,16}|${NEXT_IN_LIST})(?=b?(?:${PLAIN_QUOTE})?[^\\s"'\`-])`;
const ARGUMENT_IN_THE_SAME_WORD = '(?=["\'`]?[^\\s"\'`,;)\\]}-]|["\'`]-[^\\s"\'`,])';
const PASSWORD_ARGUMENT = {
  attached: ARGUMENT_IN_THE_SAME_WORD,
  behind: ARGUMENT_BEHIND,
  either: `(?:${ARGUMENT_BEHIND}|${ARGUMENT_IN_THE_SAME_WORD})`,
} as const;
const BLANK = '(?:\\s|\\\\{1,7}[nrt])';
const NETRC_WORD = `${BLANK}{1,16}[^\\s\\\\]{1,256}`;
/** A host that is no word. */
const NETRC_HOST = `${BLANK}{1,16}(?=[^\\s\\\\]{0,255}[.\\d:])[^\\s\\\\]{1,256}`;
const NETRC_LOGIN = `${BLANK}{1,16}(?:login|account)${BLANK}{1,16}(?!(?:and|or|as|with|to|is|name)\\b)[^\\s\\\\]{1,256}`;
/** On a line of its own, or, since "machine" and "login" are words too, with a host and a name. */
const NETRC_ENTRY =
  `(?:(?:^|[\\n"'\`]|\\\\n)[ \\t]{0,16}(?:machine${NETRC_HOST}|(?:machine${NETRC_WORD}|default)(?:${NETRC_LOGIN}){1,2})` +
  `|[\\s:]machine${NETRC_WORD}(?:${NETRC_LOGIN}){1,2})`;
/** What an option is followed by in a sentence. */
const NO_ARGUMENT =
  '(?:is|was|are|requires?|needs?|must|has|cannot|and|or|with|option|flag)(?=[.,;:]?(?:\\s|$))|<[a-z_-]{1,32}>(?=[\\s.,;:)"\'`]|$)';
/** What "password" is followed by in a sentence. */
const NO_NETRC_PASSWORD =
  '(?!(?:and|or|for|of|to|in|on|as|with|is|was|has|must|may|should|can|cannot|will|field|policy|reset|change)\\b)';
/** What a password follows in the SQL of MySQL and Oracle. Sentences say "identified by" too. */
const IDENTIFIED =
  'identified(?<=(?:\\b|\\\\n)(?:create|alter|grant|connect|set)\\b[^\\n]{0,256}(?:\\n[ \\t]{0,16})?identified)' +
  ' (?:with [\\w"\'`]{1,64} )?by';
const FILLER = '(?: (?:is|was|provided|used|given|value|supplied))?';

/**
 * A name and what stands between it and its value, in any of the usual notations. Five more are
 * `{"name": …, "value": …}` (`{"name": "auth", "args": …}` for Redis), `name="…" value="…"`, `{Name:… Value:…}` as Go
 * and YAML have it, YAML's `value:` on the line below and, where `listed`, `["name", "value"]`; but for Go's and YAML's,
 * the name is all of a quoted text in them.
 */
function assigned(name: string, listed = false): RegExp {
  const list = listed ? `|(?=b?${QUOTE}(?![\\w.-]{1,64}${QUOTE}\\s{0,8}:))` : '';
  const member = `${GAP},${GAP}(?:${QUOTE}?value${QUOTE}?\\s{0,8}${SEPARATOR}${list})`;
  const command = `(?<=["'\`]auth)${QUOTE}\\s{0,16},\\s{0,16}${QUOTE}?args${QUOTE}?\\s{0,8}${SEPARATOR}`;
  const pair = `(?<=["'\`][\\w.-]{0,96})${QUOTE}(?:${member}|\\s{1,16}value\\s{0,8}=)`;
  const struct = `(?<=\\bname\\s{0,4}[:=]\\s{0,4}[\\w.-]{0,96}),?\\s{1,16}value\\s{0,8}[:=]`;
  const below = `${QUOTE}?[ \\t]{0,16}\\r?\\n[ \\t]{0,32}value[ \\t]{0,8}:`;
  const plain = `${FILLER}${QUOTE}?${GAP}(?:\\]\\s{0,4})?(${SEPARATOR})`;
  return new RegExp(`(${name})(?:${plain}|${pair}|${struct}|${command}|${below})`, 'gi');
}

const wholeMatch: Locate = (_text, match) => ({ from: match.index, to: match.index + match[0].length });

const endOfMatch = (match: RegExpExecArray): number => match.index + match[0].length;

/** All of the match that follows its first group. */
const afterHead: Locate = (_text, match) => ({
  from: match.index + (match[1] as string).length,
  to: endOfMatch(match),
});

const LONGEST_KEY = 96;

/** The match, and what stands right before it of the same word. */
const withWordBefore: Locate = (text, match, floor) => {
  let from = match.index;
  const first = Math.max(floor, from - LONGEST_KEY);
  while (from > first && /[\w+/.~-]/.test(text[from - 1] as string)) from -= 1;
  return { from, to: endOfMatch(match) };
};

/** The whole match where `test` holds for it, else nothing of it. */
function wholeMatchIf(test: (match: string) => boolean): Locate {
  return (_text, match) =>
    test(match[0]) ? { from: match.index, to: endOfMatch(match) } : nothingUntil(endOfMatch(match));
}

const QUOTE_AT_END = new RegExp(`${QUOTE}$`, 'i');
const LONGEST_QUOTE = 16;

function assignedValue(syntax: ValueSyntax): Locate {
  return (text, match) => {
    const encoded = match[2]?.startsWith('%') === true;
    const part = readValue(text, endOfMatch(match), { ...syntax, encoded });
    const short = part.to - part.from <= LONGEST_NO_SECRET;
    const isQuoted = QUOTE_AT_END.test(text.slice(Math.max(0, part.from - LONGEST_QUOTE), part.from));
    return short && isNoSecret(match[1] as string, text.slice(part.from, part.to), isQuoted)
      ? nothingUntil(part.from)
      : part;
  };
}

const QUOTED_WORD = /(\\{0,7}["'`])((?:(?!\1)(?:[^\\\n]|\\(?![nr]))|''(?=\w)){1,256}?)\1(?!'\w)/y;
const WORD = /(?:\\{0,7}["'`])?((?!\/)[\w+/=~-]{16,})/y;
const PASSWORD = /^(?:pass(?!$)|identified)/i;
const RANDOM =
  /^(?:(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=\D*\d).*|(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{20,}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

/** What a sentence names right after a secret's name, where it cannot be a word of the sentence. */
const valueInASentence: Locate = (text, match) => {
  const at = endOfMatch(match);
  const isPassword = PASSWORD.test(match[1] as string);
  const pattern = isPassword && endOf(QUOTED_WORD, text, at) !== -1 ? QUOTED_WORD : WORD;
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  const value = found?.[pattern === WORD ? 1 : 2];
  if (found === null || value === undefined) return nothingUntil(at);
  if (pattern === WORD && !RANDOM.test(value.slice(0, 512))) return nothingUntil(at + found[0].length);
  const from = text.indexOf(value, at);
  return { from, to: from + value.length };
};

/** The value that stands before the phrase; an error's name before the value is kept. */
const valueBeforePhrase: Locate = (text, match, floor) => {
  const before = text.slice(floor, match.index);
  const name = /Error(?: \[\w{1,64}\])?: /.exec(before);
  return { from: floor + (name === null ? 0 : name.index + name[0].length), to: match.index };
};

/** How far a quoted header value is searched for the words that follow it. */
const LONGEST_HEADER = 1024;

/** The value that stands between the match and the words of the same error that follow it. */
const valueBeforeVerdict: Locate = (text, match) => {
  const from = endOfMatch(match);
  const quote = match[1] as string;
  const verdict = text.slice(from, from + LONGEST_HEADER).indexOf(`${quote} is an invalid`);
  if (verdict !== -1) return { from, to: from + verdict };
  const close = text.indexOf(quote, from);
  return { from, to: close === -1 ? text.length : close };
};

/** How far back what stands before an option is looked at. */
const LONGEST_COMMAND = 256;

const login: Locate = (text, match) => {
  const part = readValue(text, endOfMatch(match));
  const value = text.slice(part.from, Math.min(part.to, part.from + 512));
  const line = text.slice(Math.max(0, match.index - LONGEST_COMMAND), match.index + 1);
  return isLogin(value, line.slice(line.lastIndexOf('\n', line.length - 2) + 1))
    ? part
    : nothingUntil(Math.max(endOfMatch(match), part.to));
};

const goDataSourceName: Locate = (text, match, floor) => {
  const before = text.slice(floor, match.index);
  const from = floor + Math.max(...[' ', '\n', '"', "'", '='].map((char) => before.lastIndexOf(char))) + 1;
  return text.slice(from, match.index).includes(':')
    ? { from, to: match.index }
    : nothingUntil(endOfMatch(match));
};

const bearerCredential: Locate = (text, match) => readCredential(text, match.index, endOfMatch(match));

const basicCredential: Locate = (text, match) => {
  const part = readCredential(text, match.index, endOfMatch(match));
  const value = text.slice(part.from, Math.min(part.to, part.from + 512));
  if (value.length < 8) return nothingUntil(part.to);
  const pair = Buffer.from(value.slice(0, value.length - (value.length % 4)), 'base64').toString('latin1');
  return /^[\x20-\x7e]*:/.test(pair) || /[\d+/=]|[a-z][A-Z]|[A-Z]{2}/.test(value)
    ? part
    : nothingUntil(part.to);
};

const isJsonWebToken = (match: string): boolean => {
  const [header = '', payload = '', signature] = match.split('.');
  return header.length >= 8 && payload.length >= 4 && (signature !== undefined || payload.startsWith('eyJ'));
};

const OPENAI_PREFIX = /^sk-(?:proj|svcacct|admin|service|or|lf|None)-/;
const isOpenAiLike = (match: string): boolean =>
  match.length >= 19 && (OPENAI_PREFIX.test(match) || /[A-Z\d]/.test(match));

const SLASH = '(?:\\\\{0,7}/|%(?:25){0,2}2f)';
const PARAMETER_START = '(?:[?&#]|%(?:25){0,2}(?:3F|26|23)|&amp;|\\\\{1,8}u0026)';
const PARAMETER_NAMES =
  `(?:[\\w.~[\\]-]{0,40}?(?:${SECRET_NAME}|signature|credential|authorization)|sig|key|hmac|jwt|assertion|` +
  'awsaccesskeyid|googleaccessid|x-amz-[\\w-]{0,16}token)';

const encodedCharacter = (code: string): string => `(?:%(?:25){0,2}|\\\\{1,8}(?:u00|x))${code}`;
/** Word processors make other dashes of a hyphen. */
const DASH = `(?:[-\\u2010-\\u2015]|${encodedCharacter('2d')})`;
const OTHER_DASHES = Array.from({ length: 6 }, (_, index) => String.fromCharCode(0x2010 + index));
const KEY_CHARACTER = `(?:[\\w\\u2010-\\u2015-]|${encodedCharacter('(?:2d|5f)')})`;
/** Where a key is broken over two lines: a word that has digits, and is no name of a variable. */
const NEXT_LINE_OF_KEY = '(?:\\\\?\\r?\\n[ \\t]{0,8}(?=[\\w-]{0,40}\\d)[\\w-]{20,}(?![\\w=./:-]))?';
/** The base64 of `sk-ant-` and the top of a letter, at each of the three places where its first byte may stand. */
const KEY_IN_BASE64 = `(?:c2stYW50L[WX]|NrLWFudC1[hvz]|zay1hbnQt)${BASE64_CHARACTER}{12,}`;

/** Google's refresh tokens, authorization codes. */
const GOOGLE_CODES = [startingWith('1(?://|%2F%2F)0', '[\\w.]'), startingWith('4(?:/|%2F)0A', '[\\w/.]')];
/** Keys of Azure's resources carry a mark at a fixed distance from their end. */
const AZURE_KEY = [
  'JQQJ9[9DH](?<=[A-Za-z\\d]{40}JQQJ9\\w)[A-Za-z\\d]{16,}',
  '\\+A(?:St|Sb|CR|Eh|Rm|Ba|MC)(?<=[\\w+/]{24}\\+A\\w\\w)[\\w+/]{4,9}(?![\\w+/])={0,2}',
  'A(?:CDb|PIM|IoT|zCa|zFu|ZEG)(?<=[\\w+/-]{33}A\\w{3})[\\w+/-]{6}={1,2}',
  'AzSe(?<=[A-Za-z\\d]{42}AzSe)[A-D][A-Za-z\\d]{5}(?!\\w)',
].join('|');
const AZURE_CLIENT_SECRET = '\\dQ~(?<=[\\w.~-]{3}\\dQ~)[\\w.~-]{30,40}';

const CODE_CONTEXT = '(?:state|redirect_uri|client_id|grant_type|scope|session_state|iss)=';

/** The built-in rules, in their order. */
export const REDACTION_RULES: readonly RedactionRule[] = [
  {
    id: 'private-key',
    what: 'Private keys in PEM blocks (also without a beginning or an end, or base64-encoded once more) and age keys.',
    hints: ['private', 'ls0tls1crudj', 'b3blbnnzac1rzxktdj', 'age-secret-key'],
    pattern: PRIVATE_KEY,
    replace: { secret: privateKey },
  },
  {
    id: 'invalid-header-value',
    what: 'Header values that errors of Node, undici and Bun quote (`Headers.append: "Bearer …" is an invalid header value.`).',
    hints: ['headers.', 'invalid value'],
    pattern: /(?:Headers\.\w{1,16}: |invalid value:? )(\\{0,31}["'`])(?!undefined)/gi,
    replace: { secret: valueBeforeVerdict },
  },
  {
    id: 'illegal-header-value',
    what: 'Header values that errors of node-fetch begin with (`… is not a legal HTTP header value`).',
    hints: ['legal http header'],
    pattern: / is not a legal HTTP header value/g,
    replace: { secret: valueBeforePhrase },
  },
  {
    id: 'anthropic-key',
    what: 'Anthropic API keys, admin keys, OAuth tokens and session keys (`sk-ant-…`), also percent-encoded, escaped or in base64.',
    hints: [
      'sk-ant-',
      'sk%2',
      'sk\\u0',
      'sk\\x2',
      'sk\\\\',
      ...OTHER_DASHES.map((dash) => `sk${dash}`),
      'c2styw',
      'nrlwf',
      'hbnq',
    ],
    pattern: new RegExp(
      `sk(${DASH})ant\\1(?![a-z]{2,10}\\d{2}${DASH}?(?!${KEY_CHARACTER}))${KEY_CHARACTER}{3,}${NEXT_LINE_OF_KEY}|${KEY_IN_BASE64}`,
      'gi',
    ),
    replace: { secret: wholeMatch },
  },
  {
    id: 'aws-key',
    what: 'AWS access key IDs, with the secret access key where it follows, session tokens, and API keys of Bedrock (`ABSK…`, `bedrock-api-key-…`).',
    hints: [
      'akia',
      'asia',
      'abia',
      'acca',
      'aroa',
      'aida',
      'absk',
      'bedrock-api-key-',
      'iqojb3',
      'wogzxi',
      'qogzxi',
    ],
    pattern:
      /(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}(?:(?:[\s:,/|"']|%(?:25)?[0-9A-F]{2}){1,5}(?:[A-Za-z0-9/+=]|%(?:25)?(?:2[BF]|3D)){40})?|ABSK(?:Qm(?:[\w+/-]|%2[BF]){18,}|[\w+/-]{100,270})(?:=|%3D){0,2}|bedrock-api-key-(?:[\w+/=-]|%2[BF]|%3D){16,}|(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz)[\w+/=%-]{32,}/g,
    replace: { secret: wholeMatch },
  },
  {
    id: 'google-key',
    what: 'Google API keys (`AIza…`, `AQ.Ab…`), OAuth tokens and codes (`ya29.…`, `1//…`, `4/0A…`) and client secrets (`GOCSPX-…`).',
    hints: ['aiza', 'aq.ab', 'ya2', 'gocspx-', '1//', '1%2f%2f', '4/0a', '4%2f0a'],
    pattern: new RegExp(
      'AIza[\\w-]{30,}|AQ\\.Ab[\\w-]{30,}|ya29\\.[\\w.-]{8,}|GOCSPX-[\\w-]{8,}' +
        `|(?:${GOOGLE_CODES.join('|')})[\\w-]{20,}`,
      'g',
    ),
    replace: { secret: wholeMatch },
  },
  {
    id: 'azure-key',
    what: 'Azure keys of AI services, storage and other resources, and client secrets of applications.',
    hints: [
      'jqqj9', '+as', '+acr', '+aeh', '+arm', '+aba', '+amc', 'acdb', 'apim', 'aiot', 'azca', 'azfu', 'azse',
      'azeg', 'q~',
    ], // prettier-ignore
    pattern: new RegExp(`${AZURE_KEY}|${AZURE_CLIENT_SECRET}`, 'g'),
    replace: { secret: withWordBefore },
  },
  {
    id: 'slack-token',
    what: 'Slack tokens (`xoxb-…`, `xoxp-…`, `xapp-…`, …).',
    hints: ['xox', 'xapp-', 'xwfp-'],
    pattern: /(?:xox[a-z](?:\.xox[a-z])?|xwfp)-(?:[\w-]|%(?:25)?(?:2[bf]|3d)){8,}|xapp-\d-[\w-]{8,}/gi,
    replace: { secret: wholeMatch },
  },
  {
    id: 'webhook-url',
    what: 'The secret part of webhook URLs of Slack, Discord, Microsoft Teams, PagerDuty and Zapier, and of Sumo Logic’s receivers.',
    hints: ['hooks.slack', 'webhooks', 'webhook.office', 'events.pagerduty', 'hooks.zapier', 'sumologic'],
    pattern: new RegExp(
      `((?:hooks\\.slack(?:-gov)?\\.com${SLASH}(?:services|workflows|triggers)|discord(?:app)?\\.com${SLASH}api(?:${SLASH}v\\d{1,3})?${SLASH}webhooks` +
        `|webhook\\.office\\.com${SLASH}webhookb2|events\\.(?:eu\\.)?pagerduty\\.com${SLASH}integration|hooks\\.zapier\\.com${SLASH}hooks${SLASH}catch|sumologic\\.(?:com|net)${SLASH}receiver${SLASH}v1${SLASH}\\w{3,8})${SLASH})(?:[\\w@.+=-]|${SLASH}){4,}`,
      'gi',
    ),
    replace: { secret: afterHead },
  },
  {
    id: 'prefixed-token',
    what: `Tokens that carry a prefix: ${PREFIX_SERVICES.join(', ')}.`,
    hints: PREFIX_HINTS,
    pattern: new RegExp(PREFIXED_TOKEN, 'g'),
    replace: { secret: wholeMatch },
  },
  {
    id: 'openai-key',
    what: 'Keys that begin with `sk-` (OpenAI and the many services that took after it).',
    hints: ['sk-'],
    pattern: new RegExp(`${startingWith('sk-', '[A-Za-z0-9]')}[\\w-]*`, 'g'),
    replace: { secret: wholeMatchIf(isOpenAiLike) },
  },
  {
    id: 'json-web-token',
    what: 'JSON web tokens, signed, encrypted or cut off.',
    hints: ['eyj'],
    pattern: /eyJ[\w-]*(?:\.[\w-]+){0,4}/g,
    replace: { secret: wholeMatchIf(isJsonWebToken) },
  },
  {
    id: 'url-credentials',
    what: 'User names and passwords in URLs and connection strings (`scheme://user:password@host`).',
    hints: ['://', ':\\/', '3a%2f', '3a%252f'],
    pattern: /:(?:\\{0,7}\/){2}(?=[^\s/?#"<>`]{0,256}[:@])|%(?:25){0,2}3A(?:%(?:25){0,2}2F){2}/gi,
    replace: {
      secret: (text, match) =>
        match[0].startsWith(':')
          ? readUserInfo(text, endOfMatch(match))
          : readEncodedUserInfo(text, endOfMatch(match), match[0]),
      by: REDACTED_USER_INFO,
    },
  },
  {
    id: 'data-source-name',
    what: 'User names and passwords in data source names without a scheme (`user:password@tcp(host)/db`, `jdbc:oracle:thin:user/password@host`, `sqlplus user/password@host`, `HTTPS_PROXY=user:password@host`).',
    hints: ['@tcp(', '@unix(', 'jdbc:oracle', 'sqlplus', 'sqlldr', 'expdp', 'impdp', '_proxy'],
    pattern:
      /@(?:tcp|unix)\(|(?:jdbc:oracle:\w{1,16}:|\b(?:sqlplus|sqlldr|expdp|impdp)\s{1,8}(?:-\w{1,8}\s{1,8}){0,4})(?=(\\{0,7}"[^"\n]{1,128}"|[^\s@/"'<>`]{1,128})\/)|_proxy["']?\s{0,4}[=:]\s{0,4}["']?(?=[^\s:@/"'<>`]{1,128}:(?!\/\/)([^\s"'<>`]{1,256})@)/gi,
    replace: {
      secret: (text, match, floor) => {
        const at = endOfMatch(match);
        const [, user, proxyPassword] = match;
        if (proxyPassword !== undefined) return readUserInfo(text, at);
        return user === undefined
          ? goDataSourceName(text, match, floor)
          : readOracleLogin(text, at, at + user.length);
      },
      by: REDACTED_USER_INFO,
    },
  },
  {
    id: 'query-parameter',
    what: 'Tokens, keys, credentials and signatures in query strings and fragments (`?api_key=`, `&X-Amz-Signature=`, `&sig=`, …).',
    hints: [
      ...SECRET_NAME_HINTS, 'signature', 'authorization', 'sig', 'hmac', 'assertion', 'jsessionid',
      'googleaccessid',
    ], // prettier-ignore
    assigns: true,
    pattern: new RegExp(
      `${PARAMETER_START}${PARAMETER_NAMES}(?:\\[\\w{0,32}\\])?(=|${COLON}|${ESCAPED_EQUALS})|;jsessionid(=)`,
      'gi',
    ),
    replace: {
      secret: (text, match) => readParameter(text, endOfMatch(match), match[1] ?? '='),
      by: REDACTED_PARAMETER,
    },
  },
  {
    id: 'authorization-code',
    what: 'Authorization codes of OAuth in query strings (`?code=…&state=…`).',
    hints: ['code'],
    assigns: true,
    pattern: new RegExp(
      `[?&]code=(?=[\\w./~%-]{0,256}&${CODE_CONTEXT}|[\\w./~%-]{20,256}={0,2}(?:[&#\\s"'\\\\]|$))` +
        `|&code=(?<=[?&]${CODE_CONTEXT}[^&\\s]{0,256}&code=)`,
      'gi',
    ),
    replace: {
      secret: (text, match) => {
        const part = readParameter(text, endOfMatch(match), '=');
        const value = text.slice(part.from, Math.min(part.to, part.from + 40));
        return /^[a-z_]+$/.test(value) ? nothingUntil(part.to) : part;
      },
      by: REDACTED_PARAMETER,
    },
  },
  {
    id: 'cookie',
    what: 'The values of `Cookie` and `Set-Cookie`, as header, JSON or assignment.',
    hints: ['cookie'],
    assigns: true,
    pattern: assigned(COOKIE_NAME, true),
    replace: { secret: assignedValue({ wholeLine: true }) },
  },
  {
    id: 'authorization',
    what: 'The credentials in `Authorization` and `Proxy-Authorization`, as header, JSON or assignment; the scheme stays.',
    hints: ['authorization'],
    assigns: true,
    pattern: assigned(AUTHORIZATION_NAME, true),
    replace: { secret: assignedValue({ schemed: true }) },
  },
  {
    id: 'bearer',
    what: 'Bearer credentials in any text (`Bearer …`).',
    hints: ['bearer'],
    pattern: /bearer(?:\s{1,16}|%20|\+|\\u0020)/gi,
    replace: { secret: bearerCredential },
  },
  {
    id: 'basic',
    what: 'Basic credentials in any text (`Basic …`).',
    hints: ['basic'],
    pattern: /basic(?:\s{1,16}|%20|\+|\\u0020)/gi,
    replace: { secret: basicCredential },
  },
  {
    id: 'api-key-header',
    what: 'API key headers in lists of names and values (`["x-api-key", "…"]`).',
    hints: [
      'api-key', 'api_key', 'auth-token', 'security-token', 'honeycomb-team', 'hny-team', 'access-token',
    ], // prettier-ignore
    assigns: true,
    pattern: assigned('(?:api[-_]key|(?:auth|security|access)-token|(?:honeycomb|hny)-team)', true),
    replace: { secret: assignedValue({}) },
  },
  {
    id: 'named-secret',
    what: 'Values of passwords, secrets, tokens and keys: `key=value`, `Header-Name: value`, JSON, YAML and escaped or percent-encoded forms of these.',
    hints: SECRET_NAME_HINTS,
    assigns: true,
    pattern: assigned(SECRET_NAME),
    replace: { secret: assignedValue({}) },
  },
  {
    id: 'secret-in-a-sentence',
    what: 'Passwords, secrets, tokens and keys in sentences: what is quoted behind a password’s name, and what looks random behind any name (`API key "…" is not valid`).',
    hints: ['key ', 'token ', 'secret ', 'password ', 'passphrase ', 'identified'],
    pattern: new RegExp(
      `(${SECRET_NAME}|${IDENTIFIED}) (?<=(?:key|token|secret|password|passphrase|by) )(?:(?:is|was|provided|used|given|supplied) )?(?=(?:\\\\{0,7}["'\`]/{0,3})?[^\\s/"'\`\\\\])`,
      'gi',
    ),
    replace: { secret: valueInASentence },
  },
  {
    id: 'received-key',
    what: 'Keys that a gateway quotes as what it received instead of one (`Virtual Key expected. Received=…`).',
    hints: ['receiv'],
    assigns: true,
    pattern: /(received)(=)(?<=key[^\n=]{0,64}received=)/gi,
    replace: { secret: assignedValue({}) },
  },
  {
    id: 'xml-element',
    what: 'Passwords, secrets, tokens and keys in elements of XML (`<password>…</password>`).',
    hints: ['</', '&lt;/'],
    pattern: new RegExp(
      `(?:${SECRET_NAME})[\\w.-]{0,16}(?<=(?:<|&lt;)[\\w:.-]{0,96})(?:\\s(?:[^<>&]|&(?!gt;)){0,256})?(?:>(?:<!\\[CDATA\\[)?|(&gt;))`,
      'gi',
    ),
    replace: {
      secret: (text, match) => {
        const from = endOfMatch(match);
        const end = match[0].endsWith('<![CDATA[') ? ']]>' : match[1] === undefined ? '<' : '&lt;';
        const close = text.indexOf(end, from);
        return { from, to: close === -1 ? text.length : close };
      },
    },
  },
  {
    id: 'command-line-option',
    what: 'Values of options on command lines and in lists of arguments (`--password …`, `["--api-key", "…"]`).',
    hints: ['--'],
    pattern: new RegExp(
      `(?:${SECRET_NAME})(?<=--[\\w-]{0,96})(?:["']?[ \\t]{1,16}(?!-|${NO_ARGUMENT})|${NEXT_IN_LIST}(?!b?${PLAIN_QUOTE}-))`,
      'gi',
    ),
    replace: { secret: (text, match) => readValue(text, endOfMatch(match)) },
  },
  {
    id: 'password-option',
    what: 'Passwords behind short options of programs (`mysql -p…`, `redis-cli -a …`, `docker login -p …`, `sshpass -p …`, `sqlcmd -P …`).',
    hints: PASSWORD_PROGRAMS,
    pattern: new RegExp(
      PASSWORD_OPTIONS.map(
        ({ programs, option, argument }) =>
          `(?:\\s|${PLAIN_QUOTE})${option}${PASSWORD_ARGUMENT[argument]}` +
          `(?<=(?:^|[\\s"'\`/(;|&])(?:${programs})(?:\\.exe)?[\\s"'\`]${SAME_COMMAND}{0,256})`,
      ).join('|'),
      'g',
    ),
    replace: { secret: (text, match) => readValue(text, endOfMatch(match)) },
  },
  {
    id: 'curl-user',
    what: 'User names, passwords and cookies on the command lines of curl (`curl -u name:password`), also as a list of arguments.',
    hints: ['curl'],
    pattern: new RegExp(
      `(?:\\s|${PLAIN_QUOTE})(?:${USER_OPTION}${TO_ARGUMENT}(?=[^\\s:]{1,160}:)|(?:-b|--cookie)${TO_ARGUMENT}(?=[^\\s=]{1,160}=))` +
        `(?<=\\bcurl\\b${SAME_COMMAND}{0,512})`,
      'g',
    ),
    replace: { secret: (text, match) => readValue(text, endOfMatch(match)) },
  },
  {
    id: 'user-option',
    what: 'User names and passwords behind options of other programs (`-u name:password`), but for IDs of users and groups, ports and paths.',
    hints: ['-u ', '-u\t', '-u=', '-u"', "-u'", '-u`', '-u\\', '-user'],
    assigns: true,
    pattern: new RegExp(
      `(?:^|\\s|${PLAIN_QUOTE})${USER_OPTION}(?:[ \\t]{1,16}|=|${NEXT_IN_LIST})(?=[^\\s:/]{1,160}:)`,
      'g',
    ),
    replace: { secret: login },
  },
  {
    id: 'netrc',
    what: 'Passwords in files of the kind of `.netrc` (`machine host login name password …`).',
    hints: ['machine', 'default'],
    pattern: new RegExp(
      `password${BLANK}{1,16}(?<=${NETRC_ENTRY}${BLANK}{1,16}password${BLANK}{1,16})${NO_NETRC_PASSWORD}`,
      'g',
    ),
    replace: { secret: (text, match) => readValue(text, endOfMatch(match)) },
  },
];
