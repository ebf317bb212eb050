/**
 * Whether a bundler has copied a module into another file, from where it finds its neighbours no more, or others of
 * their names.
 *
 * @param url the module's `import.meta.url`: that of the bundle, or none. (webpack and Turbopack keep it: of them this
 * cannot tell.)
 * @param file the end of the module's path in this package.
 */
export function isBundled(url: string | undefined, file: string): boolean {
  // Loaders add queries, to load a module anew.
  return url?.replace(/[?#].*$/s, '').endsWith(`/${file}`) !== true;
}

/** What to do then. */
export const UNBUNDLE =
  'because it is in a bundle: keep opentelemetry-instrumentation-anthropic out of the bundle';
