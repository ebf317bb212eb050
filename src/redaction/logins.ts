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
    programs:
      '(?:docker|podman|nerdctl|buildah|helm|oras|az)(?: (?:registry|acr|--?[\\w-]{1,32}(?:[= ][\\w./:-]{1,64})?)){0,2} login',
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

/** Whether the text at `index` of a list of arguments is cookies that curl is to send. */
export function isCookieArgument(values: readonly unknown[], index: number): boolean {
  const value = values[index];
  const program = values[0];
  if (typeof value !== 'string' || typeof program !== 'string') return false;
  return values[index - 1] === '-b' && value.includes('=') && CURL.test(program.slice(-LONGEST_ARGUMENT));
}

/** Whether the text at `index` of a list of arguments, behind a user's option, is a name and a password. */
export function isLoginArgument(values: readonly unknown[], index: number): boolean {
  const value = values[index];
  const option = values[index - 1];
  if (typeof value !== 'string' || !value.includes(':')) return false;
  if (typeof option !== 'string' || !WHOLE_USER_OPTION.test(option)) return false;
  const before = values.slice(Math.max(0, index - MOST_ARGUMENTS), index - 1);
  const words = before.map((word) => (typeof word === 'string' ? word.slice(-LONGEST_ARGUMENT) : ''));
  return isLogin(value, words.join(' '));
}
