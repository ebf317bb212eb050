import type { OtlpRequest } from '../../demo/otlp-receiver.ts';
import { load } from '../../preload/modules.ts';
import { SIGNALS } from '../../preload/otlp/destination.ts';

const TIMEOUT_MS = 10_000;

/** Statuses of a receiver that misses a credential. */
const REFUSED = [401, 403];

const HEADERS_ADVICE =
  '; OTEL_EXPORTER_OTLP_HEADERS is sent along only where OTEL_EXPORTER_OTLP_ENDPOINT has the origin of this URL';

/**
 * Sends `requests` to the OTLP/HTTP endpoint `base`, each to its own path with its bytes unchanged, and with the headers
 * of the standard variables where these name an endpoint of the same origin. What an endpoint of traces alone, such as
 * Jaeger's, has no path for is left out. Resolves to one line on the first failure, after which it stops, or to
 * `undefined`.
 */
export async function forwardOtlp(requests: readonly OtlpRequest[], base: URL): Promise<string | undefined> {
  for (const request of requests) {
    const target = new URL(base);
    target.pathname = base.pathname.replace(/\/+$/, '') + request.path;
    // Without the query, which may hold a key.
    const shown = target.origin + target.pathname;
    const headers = await headersOf(request, target);
    if (headers === undefined) return 'OTEL_EXPORTER_OTLP_HEADERS holds what no header can';
    try {
      const response = await fetch(target, {
        method: 'POST',
        headers,
        body: request.rawBody,
        // Or the headers would go to another origin.
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      const isLeftOut = response.status === 404 && request.path !== '/v1/traces';
      if (!response.ok && !isLeftOut) {
        const answer = `${shown} answered ${response.status} ${response.statusText}`.trimEnd();
        return REFUSED.includes(response.status) ? `${answer}${HEADERS_ADVICE}` : answer;
      }
    } catch (error) {
      return `${shown} could not be reached: ${reason(error)}`;
    }
  }
  return undefined;
}

/** What the variables give for the endpoint that they name: it may hold credentials, which go nowhere else. */
async function headersFor({ path }: OtlpRequest, { origin }: URL): Promise<Record<string, string>> {
  const signal = Object.values(SIGNALS).find((one) => path === `/${one.path}`);
  if (signal === undefined) return {};
  const { url, headers } = load.otlpSettings().convertLegacyHttpOptions({}, signal.variable, signal.path, {});
  return new URL(url).origin === origin ? headers() : {};
}

/** `undefined` where one of the variables' headers cannot be sent. */
async function headersOf(request: OtlpRequest, target: URL): Promise<Headers | undefined> {
  const { contentType, headers: received } = request;
  const encoding = received['content-encoding'];
  const headers = sendable(await headersFor(request, target));
  if (!headers) return undefined;
  headers.set('content-type', contentType);
  if (encoding === undefined) headers.delete('content-encoding');
  else headers.set('content-encoding', encoding);
  return headers;
}

function sendable(headers: Record<string, string>): Headers | undefined {
  try {
    return new Headers(headers);
  } catch {
    return undefined;
  }
}

/** What `fetch` says is in its error's cause, and for several addresses only in that one's code. */
function reason(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const { message = '', code = '' } = cause as Partial<NodeJS.ErrnoException>;
  return message || code || String(cause);
}
