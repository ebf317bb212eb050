import type { Environment } from '../../config.ts';
import { serverOfUrl, webUrl } from '../../server.ts';
import { compareVersions } from './version-range.ts';

export interface Proxy {
  readonly variable: string;
  /** As it is set; may hold credentials. */
  readonly text: string;
  /** Absent where the text is not an http or https URL. */
  readonly url: URL | undefined;
}

/**
 * The proxy that the variables name for `url`. Lower case first, as undici and curl have it. Node knows no `all_proxy`,
 * and takes `http_proxy` for https too, where there is no `https_proxy`; the others have it the other way round. To Node
 * a variable that is set to nothing hides the other spelling.
 */
export function proxyFor(url: URL, env: Environment, isNodes = nodeUsesProxy(env)): Proxy | undefined {
  if (isExempt(url, env)) return undefined;
  const scheme = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  for (const name of [scheme, isNodes ? 'http_proxy' : 'all_proxy']) {
    for (const variable of [name, name.toUpperCase()]) {
      const text = env[variable]?.trim();
      if (text === '' && isNodes) break;
      if (text) {
        const withScheme = text.includes('://') ? text : `http://${text}`;
        return { variable, text, url: webUrl(withScheme) };
      }
    }
  }
  return undefined;
}

/** Whether `NO_PROXY` takes the host out: by its name, a parent domain, or `*`. */
export function isExempt(url: URL, env: Environment): boolean {
  const { address: host, port } = serverOfUrl(url);
  const rules = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[\s,]+/).filter((rule) => rule !== '');
  return rules.some((rule) => {
    if (rule === '*') return true;
    const [, name = '', rulePort] = /^(.*?)(?::(\d+))?$/.exec(rule) ?? [];
    if (rulePort !== undefined && Number(rulePort) !== port) return false;
    const domain = name.replace(/^\*?\./, '').toLowerCase();
    return host === domain || host.endsWith(`.${domain}`);
  });
}

/** Whether `fetch` of this Node goes through the proxy variables: by itself no version does. */
export function nodeUsesProxy(env: Environment, execArgv: readonly string[] = process.execArgv): boolean {
  const flags = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const isAsked = env['NODE_USE_ENV_PROXY'] === '1' || flags.includes('--use-env-proxy');
  return isAsked && canUseProxy();
}

/** Since 24.5, and 22.21 of that line. */
export function canUseProxy(version: string = process.versions.node): boolean {
  return (
    compareVersions(version, '24.5.0') >= 0 ||
    (version.startsWith('22.') && compareVersions(version, '22.21.0') >= 0)
  );
}
