import { isIP } from 'node:net';
import { lookup } from 'node:dns/promises';
import { hintRow } from '../../../diagnosis/index.ts';
import { serverOfUrl } from '../../../server.ts';
import type { Context } from '../context.ts';
import { elapsedSince, withDeadline } from '../deadline.ts';
import { fail, pass, skip, warn, type Finding } from '../finding.ts';
import { connectionFinding } from '../network-fault.ts';
import { nodeUsesProxy, proxyFor } from '../proxy.ts';

/** The base URL, and what the DNS says of its host. */
export async function checkAddress(context: Context): Promise<readonly Finding[]> {
  const { base, learned, redactor } = context;
  const { url, source } = base;
  const shown = redactor.url(base.text);
  if (!url) {
    learned.unreachable = 'url';
    return [
      fail(`The base URL is not an http or https URL: ${shown}`, {
        meaning: hintRow('bad_url')?.meaning ?? '',
        next: `Correct ${source}; the API's own is https://api.anthropic.com`,
        runbook: 'connection',
      }),
    ];
  }
  const finding = shape(url, shown, source);
  if (finding.level === 'fail') {
    learned.unreachable = 'url';
    return [finding];
  }
  return [finding, await resolve(context, url)];
}

function shape(url: URL, shown: string, source: string): Finding {
  const facts = { url: shown, source };
  if (url.username !== '' || url.password !== '') {
    return fail(`The base URL has a user or password in it: ${shown} (${source})`, {
      meaning: 'fetch sends no request to a URL with a user or password in it.',
      next: 'Leave them out of the URL; give them to a gateway as a header (defaultHeaders, ANTHROPIC_CUSTOM_HEADERS).',
      runbook: 'connection',
      facts,
    });
  }
  if (/\/v1\/?$/.test(url.pathname)) {
    return warn(`The base URL ends with /v1: ${shown} (${source})`, {
      meaning:
        'The SDK adds /v1/messages itself, so that requests go to /v1/v1/messages, which most servers do not have.',
      next: 'Leave /v1 out of the base URL, unless your gateway wants it twice.',
      runbook: 'connection',
      facts,
    });
  }
  const isLocal = /^(?:localhost|127\.|\[::1\])/.test(url.hostname);
  if (url.protocol === 'http:' && !isLocal) {
    return warn(`The base URL is not encrypted: ${shown} (${source})`, {
      meaning: 'The key goes over the network in clear text.',
      next: 'Use https.',
      facts,
    });
  }
  return pass(`The base URL is ${shown} (${source})`, { facts });
}

/** Whether the requests of the SDK take the way over a proxy, which resolves and connects itself. */
function isProxied({ base, env }: Context): boolean {
  return base.url !== undefined && nodeUsesProxy(env) && proxyFor(base.url, env) !== undefined;
}

async function resolve(context: Context, url: URL): Promise<Finding> {
  const { learned, options } = context;
  const { address: host } = serverOfUrl(url);
  if (isIP(host) !== 0) return pass(`DNS: not needed, the host is the address ${host}`);
  const start = performance.now();
  try {
    const found = await withDeadline(lookup(host, { all: true }), options.timeoutMs);
    const addresses = found.map(({ address }) => address);
    const ms = elapsedSince(start);
    return pass(`DNS: ${host} is ${addresses.slice(0, 4).join(', ')} (${ms} ms)`, {
      facts: { host, addresses, ms },
    });
  } catch (error) {
    if (isProxied(context)) return skip(`DNS: ${host} is left to the proxy, which resolves it`);
    learned.unreachable = 'dns';
    return connectionFinding(`DNS: ${host} cannot be resolved`, error, { host });
  }
}

/** What is said of a step that the one before it did not leave anything to stand on. */
export function skipped(what: string, context: Context): Finding | undefined {
  const { learned } = context;
  if (learned.unreachable !== 'url' && isProxied(context)) {
    return skip(`${what}: not tried directly, since connections go through the proxy`);
  }
  return learned.unreachable === undefined
    ? undefined
    : skip(`${what}: not tried, because of the failure above`);
}
