/** Names and passwords in one, behind options that other programs use for something else. */

/** Options that say who the user is. */
export const USER_OPTION = '(?:-u|-U|--user|--proxy-user)';
const WHOLE_USER_OPTION = new RegExp(`^${USER_OPTION}$`);

/** Programs to which what stands behind such an option is no login, or where it has nothing to do with the user. */
const ANOTHER_MEANING =
  /(?:^|[\s"'`/\\])(?:docker|podman|nerdctl|kubectl|compose|chown|install|git|rsync|scp|python[\d.]*|node)(?=["'`\\\s]|$)/;
const PORT_PATH_OR_NAME_AGAIN = /^([^\s:/\\]{1,128}):(?:\d{1,5}$|[/\\]|\1$)/;
const LOGIN = /^[^\s:/\\]{1,128}:\S/;

/** Whether this, behind a user's option and such words, is a name and a password. */
export function isLogin(value: string, wordsBefore: string): boolean {
  return LOGIN.test(value) && !PORT_PATH_OR_NAME_AGAIN.test(value) && !ANOTHER_MEANING.test(wordsBefore);
}

/** Whether the text behind `option` in a list of arguments is a name and a password; `program` is the list's first. */
export function isLoginArgument(option: string, value: string, program: unknown): boolean {
  return (
    value.includes(':') &&
    WHOLE_USER_OPTION.test(option) &&
    isLogin(value, typeof program === 'string' ? program.slice(-128) : '')
  );
}
