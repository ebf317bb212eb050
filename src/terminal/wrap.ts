/** Columns of what is written for people. */
export const WIDTH = 100;

/** Breaks `text` between words into lines of at most `width` characters; a longer word has a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

/** `text`, wrapped, behind a label that stands in its first line alone. */
export function labelled(label: string, text: string, width: number): readonly string[] {
  const rest = ' '.repeat(label.length);
  return wrap(text, width - label.length).map((line, index) => `${index === 0 ? label : rest}${line}`);
}
