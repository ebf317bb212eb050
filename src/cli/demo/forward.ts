import type { OtlpRequest } from '../../demo/otlp-receiver.ts';

const TIMEOUT_MS = 10_000;

/**
 * Sends `requests` to the OTLP/HTTP endpoint `base`, each to its own path with its bytes unchanged. What an endpoint of
 * traces alone, such as Jaeger's, has no path for is left out. Resolves to one line on the first failure, after which it
 * stops, or to `undefined`.
 */
export async function forwardOtlp(requests: readonly OtlpRequest[], base: URL): Promise<string | undefined> {
  for (const request of requests) {
    const target = new URL(base);
    target.pathname = base.pathname.replace(/\/+$/, '') + request.path;
    // Without the query, which may hold a key.
    const shown = target.origin + target.pathname;
    try {
      const response = await fetch(target, {
        method: 'POST',
        headers: forwardedHeaders(request),
        body: request.rawBody,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      const isLeftOut = response.status === 404 && request.path !== '/v1/traces';
      if (!response.ok && !isLeftOut) {
        return `${shown} answered ${response.status} ${response.statusText}`.trimEnd();
      }
    } catch (error) {
      return `${shown} could not be reached: ${reason(error)}`;
    }
  }
  return undefined;
}

function forwardedHeaders({ contentType, headers }: OtlpRequest): Record<string, string> {
  const encoding = headers['content-encoding'];
  return { 'content-type': contentType, ...(encoding !== undefined && { 'content-encoding': encoding }) };
}

/** What `fetch` says is in its error's cause, and for several addresses only in that one's code. */
function reason(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const { message = '', code = '' } = cause as Partial<NodeJS.ErrnoException>;
  return message || code || String(cause);
}
