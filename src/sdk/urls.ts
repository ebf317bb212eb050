/** What a request's URL says, read once for each different URL. */
import { Memo } from '../memo.ts';
import { serverOfUrl, type Server } from '../server.ts';
import { platformTemplate } from './route-matcher.ts';

const MAX_CACHED = 500;
const servers = new Memo<string, Server | null>(MAX_CACHED);

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Host and port of a base URL, or `undefined` where it is no URL. */
export function serverOf(baseURL: unknown): Server | undefined {
  if (typeof baseURL !== 'string') return undefined;
  const known = servers.get(baseURL);
  if (known !== undefined) return known ?? undefined;
  const url = parse(baseURL);
  return servers.add(baseURL, url ? serverOfUrl(url) : null) ?? undefined;
}

/** The URL that `fetch` was given, as text. */
export function urlText(url: unknown): string {
  if (typeof url === 'string') return url;
  if (url instanceof URL) return url.href;
  const inner = (url as { url?: unknown } | undefined)?.url;
  return typeof inner === 'string' ? inner : String(url);
}

/** The template of the path of an attempt: the platform's where its client rewrote the path, else the call's. */
export function templateOf(url: string, route: string | undefined): string | undefined {
  if (route !== undefined && url.includes(route)) return route;
  const path = parse(url)?.pathname;
  return (path === undefined ? undefined : platformTemplate(path)) ?? route;
}
