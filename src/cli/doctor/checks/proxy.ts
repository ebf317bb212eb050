import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { hintRow } from '../../../diagnosis/index.ts';
import { serverOfUrl } from '../../../server.ts';
import type { Context } from '../context.ts';
import { DeadlineError } from '../deadline.ts';
import { fail, pass, warn, type Finding } from '../finding.ts';
import { connectionFinding } from '../network-fault.ts';
import { canUseProxy, isExempt, nodeUsesProxy, proxyFor, type Proxy } from '../proxy.ts';

const VARIABLES = /^(?:https?|all|no)_proxy$/i;

/** The proxy variables: whether Node goes by them, and whether the proxy lets a connection through. */
export async function checkProxy(context: Context): Promise<readonly Finding[]> {
  const { base, env, learned, redactor } = context;
  if (!base.url || learned.unreachable === 'url') return [];
  const names = Object.keys(env).filter((name) => VARIABLES.test(name) && (env[name] ?? '') !== '');
  const proxy = proxyFor(base.url, env);
  if (!proxy) {
    if (names.length === 0) return [pass('No proxy variable is set: connections are direct')];
    const why = isExempt(base.url, env) ? 'NO_PROXY takes the host out' : 'none of them counts for this URL';
    return [pass(`${names.join(', ')} are set; connections to the API are direct, since ${why}`)];
  }
  const shown = redactor.url(proxy.text);
  if (!proxy.url) {
    return [
      warn(`${proxy.variable} is not an http or https URL: ${shown}`, {
        meaning: 'Clients that use it fail, or ignore it.',
        next: `Write http://host:port into ${proxy.variable}.`,
        runbook: 'connection',
      }),
    ];
  }
  return [usage(proxy, shown, context), await tunnel(proxy, proxy.url, context)];
}

function usage({ variable }: Proxy, shown: string, { env }: Context): Finding {
  const facts = { variable, proxy: shown, used_by_node: nodeUsesProxy(env) };
  if (facts.used_by_node) return pass(`${variable} is ${shown}, and this Node uses it`, { facts });
  return warn(`${variable} is ${shown}, but this Node’s fetch does not use it`, {
    meaning: 'The SDK connects directly, whatever the variable says; curl and others do use it.',
    next: canUseProxy()
      ? 'If the API is reached through the proxy alone, start Node with NODE_USE_ENV_PROXY=1.'
      : 'If the API is reached through the proxy alone, use Node 22.21, 24.5 or newer with NODE_USE_ENV_PROXY=1, or give the client a proxy agent (fetchOptions.dispatcher; in SDK versions before 0.50 httpAgent).',
    runbook: 'connection',
    facts,
  });
}

/** Asks the proxy for a tunnel to the API, as a client does. */
async function tunnel(proxy: Proxy, url: URL, { base, options }: Context): Promise<Finding> {
  const target = base.url as URL;
  const at = `${target.hostname}:${serverOfUrl(target).port}`;
  try {
    const status = await connectThrough(url, at, options.timeoutMs);
    const facts = { variable: proxy.variable, status };
    if (status === 200) return pass(`The proxy opens a connection to ${at}`, { facts });
    const row = hintRow('proxy');
    const meaning =
      status === 407
        ? 'The proxy asks for a user and a password, and got none that it accepts.'
        : 'The proxy does not let connections to this host through.';
    const next =
      status === 407
        ? `Put user and password into ${proxy.variable}, before the host and percent-encoded (user:password@), or have the host exempt from login.`
        : 'Ask whoever runs the proxy to allow the API’s host, or exclude the host with NO_PROXY.';
    return fail(`The proxy refuses a connection to ${at}: ${status}`, {
      meaning,
      next,
      ...(row && { runbook: row.runbook }),
      facts: { ...facts, error_type: 'proxy_error' },
    });
  } catch (error) {
    const { title, ...finding } = connectionFinding('The proxy cannot be reached', error);
    return { ...finding, title: `${title} (${proxy.variable})` };
  }
}

function connectThrough(proxy: URL, at: string, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const { username, password } = proxy;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const headers = {
      host: at,
      ...(username !== '' && {
        'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`,
      }),
    };
    const { address: host, port } = serverOfUrl(proxy);
    const asking = request({ host, port, method: 'CONNECT', path: at, headers, agent: false });
    asking.setTimeout(timeoutMs, () => asking.destroy(new DeadlineError('the proxy did not answer in time')));
    asking.once('connect', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asking.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.once('error', reject);
    asking.end();
  });
}
