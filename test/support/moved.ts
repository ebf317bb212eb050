import { readFileSync } from 'node:fs';

/** The source of a module of `dist`, as it stands where a bundler has copied it into the application's file. */
export function moved(file: string): string {
  const url = new URL(`../../dist/${file}`, import.meta.url);
  return readFileSync(url, 'utf8').replaceAll(
    /from '(\.[^']*)'/g,
    (_all, neighbour: string) => `from '${new URL(neighbour, url).href}'`,
  );
}
