/**
 * Where a secret ends. Each reader is given a text and the place where a value begins, looks at every
 * character at most a fixed number of times, and answers with the part to take out.
 */

/** A part of a text, `from` inclusive, `to` exclusive. Empty: no secret, and reading goes on at `to`. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

export const nothingUntil = (at: number): Part => ({ from: at, to: at });

/** The last character of what stands in a secret's place while rules work. */
const SEALED = /[\uE000-\uE0FF]/;
const isBlank = (char: string): boolean => char <= ' ' || (char > '~' && /\s/.test(char));
const isQuote = (char: string | undefined): char is '"' | "'" | '`' =>
  char === '"' || char === "'" || char === '`';

/** Runs a sticky pattern at `at`; the end of what it matched, or -1. */
export function endOf(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : -1;
}

/** A terminal's colour, and what erases a line, as such or written out. */
export const COLOUR = '(?:\\x1b|\\\\{1,8}(?:u001[bB]|x1[bB]|0?33|e)|#033|\\^\\[)\\[[\\d;:]{0,24}[mK]';
const COLOURS = new RegExp(`(?:${COLOUR}[ \\t]{0,8}){1,8}`, 'y');
const BLANKS = /(?:\s|%20|\*\*(?=\s)|\\[nrt](?=["'\\])){0,64}/y;
const OPENING_QUOTE = /b?(\\{0,31})(["'`])|%(?:25){0,2}2[27]|&quot;|&#3[49];|\\u0022/iy;
const TRIPLE_QUOTE = /(\\{0,7}["'])\1\1/y;
const BACKSLASHES = /\\+/y;
const APOSTROPHE_WITHIN = /'(?=[\w!@#$%^&*=~[])|\\{1,15}''/y;
/** What follows an apostrophe that closes nothing. */
const GOES_ON = '[\\w%~!$&*=(-]';
const GOING_ON = new RegExp(GOES_ON, 'y');
const SCHEME =
  /(?:bearer|basic|token|apikey|api-key|digest|negotiate|ntlm|hmac|oauth|dpop|key|sso-key|geniekey|ssws|splunk|aws4-hmac-sha256|aws4-ecdsa-p256-sha256|hawk|vapid|gnap)(?:\s{1,16}|%20|\+|\\n)/iy;
const SCHEME_WITH_PARAMETERS = /^(?:digest|aws4|oauth|hawk|hmac|vapid)/i;
const ANOTHER_PAIR =
  /[\s"'\\]{0,8}(?:[\w.\-%[\]]{1,64}|[A-Z]\w{0,24}(?: [A-Z]\w{0,24}){1,2})["'\\]{0,8}(?:[=:]|%3[ADad])/y;
const ENCODED_END =
  /%(?:25){0,2}(?:0[AD]|2[027]|7D|(?:26|2C|3B)(?=$|%|[\w.-]{1,64}(?:[=:]|%(?:25){0,2}3[AD])))/iy;
/** A name of words and its value, but not the padded end of base64. */
const PAIR =
  /(?:[A-Z]?[a-z]{2,32}(?:[_.-][a-z]{1,32}|[A-Z][a-z]{1,32}){0,8}|[A-Z]{2,32}(?:[_.-][A-Z]{1,32}){0,8})\d{0,2}=(?=[^\s=,;&)\]}\\"'`]|\\{0,31}["'`]\w)/y;
const INDENTED_BLOCK = /[|>][+-]?\d?[ \t]{0,16}\r?\n/y;
/** Such a block in JSON, where it ends with the text. */
const ESCAPED_BLOCK = /[|>][+-]?\d?[ \t]{0,16}\\n/y;
const ESCAPED_LINES = /(?:[ \t](?:[^"\\\r\n]|\\[^n])*(?:\\n)?)+/y;
/** An item of a list in YAML that is quoted, or one word and no name of a variable. */
const ITEM =
  /-[ \t]{1,8}(?:["'][^\n]*|(?![\w.-]{1,64}:(?:\s|$)|[A-Z_]+(?:\s|$))[^\s"']\S*(?=[ \t\r]{0,16}(?:\n|$|#)))/y;
const NEXT_ITEM = /\n[ \t]{0,32}(?=-[ \t])/y;
/** Between a value and what it changes to, as Terraform shows it. */
const CHANGES_TO = /(\\{0,7}["'])[ \t]{1,4}->[ \t]{1,4}\1/y;
/** A percent-encoded backslash that escapes what follows. */
const ENCODED_ESCAPE = /(?<!%(?:25){0,2}5C)(?:(?:%(?:25){0,2}5C){2}){0,8}%(?:25){0,2}5C$/i;
const LIST_OF_QUOTED = /\[\s{0,32}(?=\\*["'`])/y;

/** The end of the line that holds `at`, before its line break. */
function endOfLine(text: string, at: number): number {
  for (let index = at; index < text.length; index += 1) {
    const char = text[index];
    if (char === '\n' || char === '\r') return index;
  }
  return text.length;
}

/** Steps back over the backslashes that escape what stands at `at`. */
function beforeBackslashes(text: string, at: number, floor: number): number {
  let index = at;
  while (index > floor && text[index - 1] === '\\') index -= 1;
  return index;
}

/**
 * The end of a quoted text, before the closing quote and its backslashes. In JSON within strings of JSON
 * the quotes of a level carry 1, 3, 7 … backslashes: those with more belong to the value, one with fewer
 * ends an enclosing text and this one with it. An apostrophe in the value is doubled in SQL, `'\\''` in a shell.
 * Without a closing quote the value is all that follows.
 */
function endOfQuoted(text: string, at: number, quote: string, backslashes: number): number {
  const period = 2 * (backslashes + 1);
  for (let index = text.indexOf(quote, at); index !== -1; index = text.indexOf(quote, index + 1)) {
    const start = beforeBackslashes(text, index, at);
    const escapes = index - start;
    const apostrophe = quote === "'" && index > at ? endOf(APOSTROPHE_WITHIN, text, index + 1) : -1;
    if (apostrophe !== -1) {
      index = apostrophe - 1;
      continue;
    }
    if (escapes < backslashes) return start;
    if (escapes % period === backslashes) return index - backslashes;
  }
  return text.length;
}

/** The end of a value without quotes: a blank, or a separator that more of the enclosing syntax follows. */
function endOfBare(text: string, at: number, encoded: boolean): number {
  let index = at;
  scan: for (; index < text.length; index += 1) {
    const char = text[index] as string;
    switch (char) {
      case '"':
      case "'":
      case '`':
        if (!/\w/.test(text[index + 1] ?? '')) break scan;
        break;
      case ',':
      case ';':
      case '&':
      case '|': {
        const next = text[index + 1];
        if (next === undefined || isBlank(next) || isQuote(next)) break scan;
        if (SEALED.test(text[index - 1] ?? '')) break scan;
        if (endOf(ANOTHER_PAIR, text, index + 1) !== -1) break scan;
        break;
      }
      case '<':
        if (text[index + 1] === '/') break scan;
        break;
      case '%':
        if (encoded && endOf(ENCODED_END, text, index) !== -1) break scan;
        break;
      case '\\': {
        // All of them at once: a look ahead from each would make the time quadratic.
        index = endOf(BACKSLASHES, text, index) - 1;
        const next = text[index + 1];
        if (next !== 'n' && next !== 'r' && next !== 't') break;
        if (index + 2 >= text.length || text[index + 2] === '\\') break scan;
        if (endOf(ANOTHER_PAIR, text, index + 2) !== -1) break scan;
        break;
      }
      default:
        if (isBlank(char)) break scan;
    }
  }
  let end = isQuote(text[index]) ? beforeBackslashes(text, index, at) : index;
  while (end > at && '.,;:)]}>'.includes(text[end - 1] as string)) end -= 1;
  return end;
}

/** The end of an indented block (YAML's `|` and `>`) whose first line begins at `at`. */
function endOfIndented(text: string, at: number): number {
  let end = at;
  while (end < text.length && (text[end] === ' ' || text[end] === '\t')) {
    end = endOfLine(text, end);
    if (text[end] === '\r') end += 1;
    if (text[end] === '\n') end += 1;
  }
  return end > at && text[end - 1] === '\n' ? end - 1 : end;
}

/**
 * A list of quoted texts whose first quote is at `at`: all between the first quote and the last. Where these differ, they
 * would enclose no text that a second reading could tell: there the brackets go too.
 */
function quotedList(text: string, bracket: number, at: number): Part {
  const separator = /\s{0,64},?\s{0,64}(?=\\{0,31}["'`])/y;
  const quotes = new Set<string>();
  let from = -1;
  let to = at;
  let end = at;
  let index = at;
  for (;;) {
    OPENING_QUOTE.lastIndex = index;
    const open = OPENING_QUOTE.exec(text);
    if (open === null || open[2] === undefined) break;
    const escapes = open[1] ?? '';
    if (from === -1) from = OPENING_QUOTE.lastIndex;
    quotes.add(escapes + open[2]);
    to = endOfQuoted(text, OPENING_QUOTE.lastIndex, open[2], escapes.length);
    end = Math.min(text.length, to + escapes.length + 1);
    const next = endOf(separator, text, end);
    if (next === -1) break;
    index = next;
  }
  if (quotes.size < 2) return { from: Math.max(from, at), to };
  const closed = endOf(/\s{0,32}\]/y, text, end);
  return { from: bracket, to: closed === -1 ? end : closed };
}

/** The items of a list in YAML, the first of which begins at `at`; none where they may be names or sentences. */
function yamlList(text: string, at: number): Part {
  let to = at;
  for (let next = at; next !== -1; next = endOf(NEXT_ITEM, text, to)) {
    const end = endOf(ITEM, text, next);
    if (end === -1) break;
    to = end;
  }
  return to === at ? nothingUntil(at) : { from: at + 2, to };
}

/** What a value's own syntax is. */
export interface ValueSyntax {
  /** An unquoted value goes on to the end of its line (header fields whose values hold blanks). */
  readonly wholeLine?: boolean;
  /** An unquoted value that begins with no known scheme goes on to the end of its line. */
  readonly schemed?: boolean;
  /** The text around is percent-encoded, and so are the characters that end the value. */
  readonly encoded?: boolean;
}

/** Inside quotes: a scheme such as `Bearer ` stays, the rest is secret. */
function withoutScheme(text: string, from: number, to: number): Part {
  const scheme = endOf(SCHEME, text, from);
  return scheme !== -1 && scheme < to ? { from: scheme, to } : { from, to };
}

function quotedValue(text: string, open: RegExpExecArray, from: number): Part {
  const quote = open[2];
  if (quote !== undefined) {
    const escapes = open[1]?.length ?? 0;
    const end = endOfQuoted(text, from, quote, escapes);
    const other = endOf(CHANGES_TO, text, end);
    return withoutScheme(text, from, other === -1 ? end : endOfQuoted(text, other, quote, escapes));
  }
  let close = text.indexOf(open[0], from);
  while (close !== -1 && ENCODED_ESCAPE.test(text.slice(Math.max(from, close - 64), close))) {
    close = text.indexOf(open[0], close + 1);
  }
  return withoutScheme(text, from, close === -1 ? text.length : close);
}

/**
 * A text in three quotes (TOML, Java, Python), which may hold line breaks and quotes. Behind anything but `=`, three
 * quotes may as well be an end of another text: there it takes three more on the same line.
 */
function tripleQuotedValue(text: string, at: number, from: number): Part | undefined {
  TRIPLE_QUOTE.lastIndex = from;
  const quotes = TRIPLE_QUOTE.exec(text)?.[0];
  if (quotes === undefined) return undefined;
  const begin = from + quotes.length;
  const isAssigned = text[at - 1] === '=';
  let seen = begin;
  for (let end = text.indexOf(quotes, begin); end !== -1; end = text.indexOf(quotes, end + 1)) {
    // Only what was searched last: where each of many looks to the end of the line, the time is quadratic.
    if (!isAssigned && /[\n\r]/.test(text.slice(seen, end))) return undefined;
    if (text[end - 1] !== '\\') return withoutScheme(text, begin, end);
    seen = end;
  }
  return isAssigned ? { from: begin, to: text.length } : undefined;
}

function unquotedValue(text: string, from: number, syntax: ValueSyntax): Part {
  const block = endOf(INDENTED_BLOCK, text, from);
  if (block !== -1) return { from: block, to: endOfIndented(text, block) };
  const escaped = endOf(ESCAPED_BLOCK, text, from);
  if (escaped !== -1) {
    const end = Math.max(escaped, endOf(ESCAPED_LINES, text, escaped));
    return { from: escaped, to: end > escaped && text.endsWith('\\n', end) ? end - 2 : end };
  }
  if (syntax.wholeLine === true) return { from, to: endOfHeaderLine(text, from) };
  const scheme = endOf(SCHEME, text, from);
  if (scheme !== -1) {
    if (SCHEME_WITH_PARAMETERS.test(text.slice(from, scheme))) {
      return { from: scheme, to: endOfHeaderLine(text, scheme) };
    }
    return { from: scheme, to: endOfBare(text, scheme, syntax.encoded === true) };
  }
  if (syntax.schemed === true) return { from, to: endOfHeaderLine(text, from) };
  return { from, to: endOfBare(text, from, syntax.encoded === true) };
}

/** The end of a header field's value: its line's end, or a quote that closes an enclosing text. */
function endOfHeaderLine(text: string, at: number): number {
  for (let index = at; index < text.length; index += 1) {
    const char = text[index] as string;
    if (char === '\n' || char === '\r') return index;
    if (char === '\\' && /[nr]/.test(text[index + 1] ?? '')) return index;
    if (!isQuote(char)) continue;
    const start = beforeBackslashes(text, index, at);
    if (text[start - 1] !== '=') {
      if (char === "'" && endOf(GOING_ON, text, index + 1) !== -1) continue;
      return start;
    }
    index = endOfQuoted(text, index + 1, char, index - start);
    while (text[index] === '\\') index += 1;
  }
  return text.length;
}

/**
 * The value that follows a name and its separator: quoted (plain, escaped or percent-encoded), a list of
 * quoted texts, an indented block, or bare. An object is left to the names in it.
 */
export function readValue(text: string, at: number, syntax: ValueSyntax = {}): Part {
  const blanks = Math.max(at, endOf(BLANKS, text, at));
  const lineBreak = text.slice(at, blanks).lastIndexOf('\n');
  const from = lineBreak === -1 ? Math.max(blanks, endOf(COLOURS, text, blanks)) : blanks;
  const triple = tripleQuotedValue(text, at, from);
  if (triple !== undefined) return triple;
  OPENING_QUOTE.lastIndex = from;
  const open = OPENING_QUOTE.exec(text);
  if (open !== null) return quotedValue(text, open, OPENING_QUOTE.lastIndex);
  if (lineBreak !== -1 && text[from] === '-' && /[ \t]/.test(text[from + 1] ?? '')) {
    return yamlList(text, from);
  }
  if (lineBreak !== -1 && (text[from - 1] === '\n' || text.startsWith('at ', from))) return nothingUntil(at);
  if (blanks > at && endOf(PAIR, text, from) !== -1 && syntax.wholeLine !== true) return nothingUntil(at);
  if (text[from] === '[') {
    const list = endOf(LIST_OF_QUOTED, text, from);
    if (list !== -1) return quotedList(text, from, list);
    const bracket = /^[^\n\r\]]*\]/.exec(text.slice(from, from + 1024));
    if (bracket !== null) return { from: from + 1, to: from + bracket[0].length - 1 };
  }
  if (text[from] === '{' && endOf(/\{\s{0,32}(?:$|\}|\\*["'`]|[\w$]{1,64}\s{0,4}:)/y, text, from) !== -1) {
    return nothingUntil(from + 1);
  }
  return unquotedValue(text, from, syntax);
}

/** Words that follow "bearer" and "basic" in prose and in challenges. */
const PROSE =
  /(?:tokens?|auth\w*|headers?|schemes?|credentials?|format|prefix|is|was|were|are|and|or|in|with|for|of|the|to|from|error|keys?|methods?|types?|not|no|required|missing|invalid|expired|info\w*|access|security|strategy|plan|tier|usage|example|support|certificate)(?=[\s.,;:!?)"'`]|$)|(?:realm|scope|error|charset)=/iy;
const LETTERS = /^[A-Za-z]{1,7}$/;

/**
 * The credential after a scheme's name in running text. Where the scheme's name is the first word of a
 * quoted text, the credential is all of that text: keys pasted with a line break in them are quoted so in
 * Node's errors.
 */
export function readCredential(text: string, scheme: number, behind: number): Part {
  const at = Math.max(behind, endOf(COLOURS, text, behind));
  if (endOf(PROSE, text, at) !== -1) return nothingUntil(at);
  const quote = text[scheme - 1];
  if (isQuote(quote)) {
    const escapes = scheme - 1 - beforeBackslashes(text, scheme - 1, 0);
    const end = endOfQuoted(text.slice(at, at + 4096), 0, quote, escapes);
    if (at + end < text.length && end < 4096) return { from: at, to: at + end };
  }
  OPENING_QUOTE.lastIndex = at;
  const open = OPENING_QUOTE.exec(text);
  if (open !== null) return quotedValue(text, open, OPENING_QUOTE.lastIndex);
  const to = endOfBare(text, at, text[at - 1] === '0');
  return LETTERS.test(text.slice(at, Math.min(to, at + 8))) ? nothingUntil(to) : { from: at, to };
}

/** Apostrophes need no encoding in user information. */
const AUTHORITY_END = new RegExp(`[/?#\\s"<>\\\\\`]|'(?!'{0,2}(?:${GOES_ON}|@))`, 'g');
const PORT_ONLY = /^(?:\[|[^:]*:\d{0,5}(?:,|$))/;
const RUN_END = new RegExp(`[\\s"<>\`]|'(?!'{0,2}(?:${GOES_ON}|@))`, 'g');
const DATABASE =
  /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|valkeys?|amqps?|mssql|sqlserver|clickhouse|cockroachdb|snowflake|nats)(?:\+\w{1,16})?:(?:\\{0,7}\/){2}$/i;
const NO_PORT = /^[^:]{2,}:$/;
const REST_OF_PASSWORD = /^[^\s"'<>`@:]{2,256}@[\w[]/;

function firstOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null ? text.length : match.index;
}

/** Whether what looks like a port, between `at` and `end`, begins a password (`postgres://user:12/34@host`). */
function beginsPassword(text: string, at: number, end: number): boolean {
  return (
    REST_OF_PASSWORD.test(text.slice(end, end + 512)) &&
    (NO_PORT.test(text.slice(at, end)) || DATABASE.test(text.slice(Math.max(0, at - 48), at)))
  );
}

/**
 * The user information of a URL whose authority begins at `at`. A password may hold any of `/?#@:` though
 * it should not: once there is one, it reaches to the last `@` before the URL ends.
 */
export function readUserInfo(text: string, at: number): Part {
  const authority = firstOf(AUTHORITY_END, text, at);
  const host = text.slice(at, authority);
  const colon = host.indexOf(':');
  const sign = host.lastIndexOf('@');
  if (/^(?:REDACTED:REDACTED@|git@[^@]*$)/.test(host)) return nothingUntil(authority);
  if (colon === -1) return sign === -1 ? nothingUntil(authority) : { from: at, to: at + sign };
  if (sign === -1 && PORT_ONLY.test(host.slice(0, 512)) && !beginsPassword(text, at, authority)) {
    return nothingUntil(authority);
  }
  const run = firstOf(RUN_END, text, at);
  const end = text.slice(at, run).lastIndexOf('@');
  if (end !== -1) return { from: at, to: at + end };
  return run === text.length ? { from: at, to: run } : nothingUntil(run);
}

const QUOTED_PASSWORD = /\/(?:(\\{0,7}")[^"\\\n]{0,128}\1)?/y;

/** The user's name, which ends at `slash`, and the password of one of Oracle's URLs (`user/password@host`). */
export function readOracleLogin(text: string, at: number, slash: number): Part {
  const after = endOf(QUOTED_PASSWORD, text, slash);
  const run = firstOf(RUN_END, text, after);
  const sign = text.slice(after - 1, run).lastIndexOf('@');
  if (sign !== -1) return { from: at, to: after - 1 + sign };
  return run === text.length ? { from: at, to: run } : nothingUntil(run);
}

/**
 * The ends of a percent-encoded authority by how often it was encoded. A slash that was once more belongs to the
 * password.
 */
const ENCODED_AUTHORITY_ENDS = [0, 1, 2].map(
  (encodings) => new RegExp(`%(?:25){0,${encodings}}2F|[\\s"<>&]|'(?!${GOES_ON})`, 'gi'),
);

/** As {@link readUserInfo}, for a URL that is percent-encoded within another, behind its `://`. */
export function readEncodedUserInfo(text: string, at: number, mark: string): Part {
  const end = firstOf(ENCODED_AUTHORITY_ENDS[mark.search(/3a/i) >> 1] as RegExp, text, at);
  const userInfo = text.slice(at, end);
  const sign = Math.max(...[...userInfo.matchAll(/%(?:25){0,2}40|@/gi)].map((match) => match.index), -1);
  return sign === -1 ? nothingUntil(end) : { from: at, to: at + sign };
}

/** The ends of a query parameter's value by how often what is around it was percent-encoded. */
const PARAMETER_ENDS = ['', '%', '%(?:25)?', '%(?:25){0,2}'].map(
  (percent) =>
    new RegExp(
      `[\\s"<>\\\\\`&#]|'(?!${GOES_ON})${percent === '' ? '' : `|${percent}(?:26|23|2[027]|3B)`}`,
      'gi',
    ),
);

/** The value of a query parameter, behind this sign of equality, which may be percent-encoded. */
export function readParameter(text: string, at: number, equals: string): Part {
  const encodings = equals.startsWith('%') ? (equals.length - 1) / 2 : 0;
  let to = firstOf(PARAMETER_ENDS[encodings] as RegExp, text, at);
  while (to > at && '.,;)]}'.includes(text[to - 1] as string)) to -= 1;
  return { from: at, to };
}
