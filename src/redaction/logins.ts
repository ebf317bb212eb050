/** Names and passwords behind options that other programs use for something else. */

interface PasswordOption {
  /** A pattern of the programs' names. */
  readonly programs: string;
  readonly option: string;
  /** Whether the password is in the same word, in the one behind, or in either. */
  readonly argument: 'attached' | 'behind' | 'either';
}

/** What makes of the word behind it the name of a host, a container, a directory or a text to search for. */
const NO_PROGRAM = '(?<!\\b(?:ssh|scp|sftp|grep|ls|du|--name)[ =]|/(?:lib|etc|run|log|share)/)';
/** Options of one dash, such as those of `find`, and the ports of a container. */
const NO_PASSWORD = '(?:rint[0f]?|erm|ath|rune|arents|rogress)(?![^\\s"\'`=])|\\d{1,5}:\\d{1,5}(?!\\w)';

/** Between two words of a command line or of a list of arguments. */
const NEXT_WORD = '(?: |\\\\{0,7}["\'`],\\s?\\\\{0,7}["\'`])';

/** Short options, and the programs to which what they are given is a password. */
export const PASSWORD_OPTIONS: readonly PasswordOption[] = [
  {
    programs: `${NO_PROGRAM}(?:mysql[a-z]{0,16}|mariadb(?:-[a-z]{1,16})?)`,
    option: `-p(?!${NO_PASSWORD})`,
    argument: 'attached',
  },
  { programs: 'sshpass', option: '-p', argument: 'either' },
  { programs: 'mongo(?:sh|dump|restore|export|import|stat|top)?', option: '-p', argument: 'behind' },
  {
    programs: `(?:docker|podman|nerdctl|buildah|helm|oras|az)(?:${NEXT_WORD}(?:registry|acr|--?[\\w-]{1,32}(?:(?:=|${NEXT_WORD})[\\w./:-]{1,64})?)){0,2}${NEXT_WORD}login`,
    option: '-p',
    argument: 'behind',
  },
  { programs: 'redis-cli', option: '-a', argument: 'behind' },
  { programs: 'sqlcmd|bcp|osql', option: '-P', argument: 'either' },
  { programs: 'mosquitto_(?:pub|sub|rr)', option: '-P', argument: 'behind' },
  { programs: 'ldap(?:search|modify|add|delete|whoami|passwd)', option: '-w', argument: 'behind' },
  { programs: 'keytool|jarsigner', option: '-(?:dest|src)?(?:store|key)pass', argument: 'behind' },
];

/** Lower-case texts, one of which is in every command line with such an option. */
export const PASSWORD_PROGRAMS: readonly string[] = [
  'mysql', 'mariadb', 'sshpass', 'mongo', 'login', 'redis-cli', 'sqlcmd', 'bcp', 'osql', 'mosquitto', 'ldap',
  'keytool', 'jarsigner',
]; // prettier-ignore

/** Options that say who the user is. */
export const USER_OPTION = '(?:-u|-U|--user|--proxy-user)';
const WHOLE_USER_OPTION = new RegExp(`^${USER_OPTION}$`);

/** Programs to which what stands behind such an option is no login, or where it has nothing to do with the user. */
const ANOTHER_MEANING =
  /(?:^|[\s"'`/\\])(?:docker|podman|nerdctl|buildah|crictl|kubectl|compose|chown|install|setpriv|git|svn|rsync|scp|date|sort|tar|ls|diff|journalctl|systemctl|python[\d.]*(?=["'`,\\\s]{0,8}$))(?=["'`\\\s]|$)/;
const PORT_PATH_OR_NAME_AGAIN = /^([^\s:/\\]{1,128}):(?:\d{1,5}$|[/\\]|\1$)/;
const LOGIN = /^(?!\+)[^\s:/\\]{1,128}:\S/;

/** Whether this, behind a user's option and such words, is a name and a password. */
export function isLogin(value: string, wordsBefore: string): boolean {
  return LOGIN.test(value) && !PORT_PATH_OR_NAME_AGAIN.test(value) && !ANOTHER_MEANING.test(wordsBefore);
}

/** How many arguments before an option are looked at, for the program: `sudo`, `env` and the like come before it. */
const MOST_ARGUMENTS = 16;
const LONGEST_ARGUMENT = 128;
const CURL = /(?:^|[/\\])curl(?:\.exe)?$/;
const USER_OF_CURL = /^-[uU](?=[^\s:/\\]{1,128}:\S)/;
const COOKIES_OF_CURL = /^-b(?=[^\s=]{1,160}=)/;

const PASSWORD_ARGUMENTS = PASSWORD_OPTIONS.map(({ programs, option, argument }) => ({
  program: new RegExp(`(?:^|[\\s/])(?:${programs})(?:\\.exe)?(?:\\s|$)`),
  option: new RegExp(`^${option}`),
  argument,
}));

/** What stands in a list of arguments before `index`, as words. */
function wordsOf(values: readonly unknown[], index: number): string {
  const before = values.slice(Math.max(0, index - MOST_ARGUMENTS), Math.max(0, index));
  return before.map((word) => (typeof word === 'string' ? word.slice(-LONGEST_ARGUMENT) : '')).join(' ');
}

function startOfPassword(values: readonly unknown[], index: number, value: string, previous: string): number {
  for (const { program, option, argument } of PASSWORD_ARGUMENTS) {
    const own = argument === 'behind' ? undefined : option.exec(value)?.[0].length;
    const isAttached = own !== undefined && own < value.length;
    const isBehind =
      argument !== 'attached' && !value.startsWith('-') && option.exec(previous)?.[0] === previous;
    if ((isAttached || isBehind) && program.test(wordsOf(values, index))) return isAttached ? own : 0;
  }
  return -1;
}

function startOfCurlSecret(value: string, previous: string): number {
  if (previous === '-b' && value.includes('=')) return 0;
  const option = USER_OF_CURL.exec(value) ?? COOKIES_OF_CURL.exec(value);
  return option === null ? -1 : option[0].length;
}

/** Where in the text at `index` of a list of arguments a password, a login, or cookies for curl begin, or -1. */
export function startOfSecretArgument(values: readonly unknown[], index: number): number {
  const value = values[index];
  const previous = index === 0 ? undefined : values[index - 1];
  if (typeof value !== 'string' || typeof previous !== 'string') return -1;
  if (!value.startsWith('-') && !previous.startsWith('-')) return -1;
  if (WHOLE_USER_OPTION.test(previous) && isLogin(value, wordsOf(values, index - 1))) return 0;
  const program = values[0];
  if (typeof program === 'string' && CURL.test(program.slice(-LONGEST_ARGUMENT))) {
    const start = startOfCurlSecret(value, previous);
    if (start !== -1) return start;
  }
  return startOfPassword(values, index, value, previous);
}
