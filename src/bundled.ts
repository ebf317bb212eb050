/**
 * Whether a bundler has copied a module into another file. From there it cannot find the files beside it, or finds
 * others of the same name.
 *
 * @param url the module's `import.meta.url`. In a bundle it is the bundle's, or none; webpack and Turbopack leave it as
 *   it was, so that theirs go unnoticed.
 * @param file the end of the module's path in this package.
 */
export function isBundled(url: string | undefined, file: string): boolean {
  // Loaders add queries, to load a module anew.
  return url?.replace(/[?#].*$/s, '').endsWith(`/${file}`) !== true;
}

/** What to do then. */
export const UNBUNDLE =
  'because it is in a bundle: keep opentelemetry-instrumentation-anthropic out of the bundle';
