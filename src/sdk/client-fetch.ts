import type { Attempts } from './attempts.ts';
import type { Client, Fetch, FetchInit } from './shapes.ts';

/**
 * Runs the SDK's `fetchWithTimeout` with the client's `fetch` watched. The SDK takes `fetch` from the client
 * before its first `await`, so the client has its own `fetch` back before anyone else can look. A client that
 * cannot be written to is watched from outside: then a middleware's further attempts are not told apart.
 */
export function watchFetch(
  attempts: Attempts,
  client: Client,
  original: (this: Client, ...args: unknown[]) => unknown,
  args: unknown[],
): unknown {
  const own = client.fetch;
  const watched: Fetch = (url, init) =>
    attempts.make(url, init?.method, (added) =>
      own?.call(undefined, url, added ? withHeaders(init, added) : init),
    );
  const giveBack = typeof own === 'function' ? swapFetch(client, watched) : undefined;
  if (!giveBack) {
    const [url, init] = args as [unknown, { method?: unknown } | undefined];
    return attempts.make(url, init?.method, () => original.apply(client, args));
  }
  try {
    return original.apply(client, args);
  } finally {
    if (client.fetch === watched) giveBack();
  }
}

/** A copy of `init` with more headers: what the SDK passed is not written to. */
function withHeaders(init: FetchInit | undefined, added: Readonly<Record<string, string>>): FetchInit {
  const { headers } = init ?? {};
  if (!(headers instanceof Headers)) {
    return { ...init, headers: { ...(headers as object | undefined), ...added } };
  }
  const copy = new Headers(headers);
  for (const [name, value] of Object.entries(added)) copy.set(name, value);
  return { ...init, headers: copy };
}

/**
 * Gives `client` another `fetch`, and what gives it its own back. `undefined` where that cannot be: a client that is
 * frozen, or a Proxy that shows something else than what it was given.
 */
function swapFetch(client: Client, fetch: Fetch): (() => void) | undefined {
  try {
    const own = Object.getOwnPropertyDescriptor(client, 'fetch');
    if (own === undefined) return undefined;
    const giveBack = own.writable
      ? (): void => {
          client.fetch = own.value as Fetch;
        }
      : (): void => {
          Object.defineProperty(client, 'fetch', own);
        };
    client.fetch = fetch;
    if (client.fetch === fetch) return giveBack;
    giveBack();
    return undefined;
  } catch {
    return undefined;
  }
}
