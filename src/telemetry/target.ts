/** Where attempts go, read and redacted once for each different URL. */
import type { Attributes } from '@opentelemetry/api';
import type { Redactor } from '../redaction/index.ts';

const MAX_TARGETS = 500;

export class Target {
  readonly full: string;
  readonly scheme: string | undefined;
  readonly path: string | undefined;
  /** Without the query, which the SDK's native span leaves out but for the parameters it knows. */
  readonly fullWithoutQuery: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly #metricAttributes = new Map<string, Attributes>();

  constructor(url: string, redactor: Redactor) {
    this.full = redactor.url(url);
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    this.fullWithoutQuery = parsed
      ? redactor.url(`${parsed.protocol}//${parsed.host}${parsed.pathname}`)
      : this.full;
    if (!parsed) return;
    this.scheme = parsed.protocol.slice(0, -1);
    this.path = redactor.text(parsed.pathname);
    this.address = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
    this.port = parsed.port ? Number(parsed.port) : parsed.protocol === 'http:' ? 80 : 443;
  }

  /** The attributes of `http.client.request.duration`, made once for each different set. */
  metricAttributes(
    method: string,
    template: string | undefined,
    status: number | undefined,
    errorType: string | undefined,
  ): Attributes {
    const key = `${method}|${template ?? ''}|${status ?? ''}|${errorType ?? ''}`;
    let attributes = this.#metricAttributes.get(key);
    if (!attributes) {
      attributes = { 'http.request.method': method };
      if (this.address !== undefined) attributes['server.address'] = this.address;
      if (this.port !== undefined) attributes['server.port'] = this.port;
      if (template !== undefined) attributes['url.template'] = template;
      if (status !== undefined) attributes['http.response.status_code'] = status;
      if (errorType !== undefined) attributes['error.type'] = errorType;
      if (this.#metricAttributes.size < MAX_TARGETS) this.#metricAttributes.set(key, attributes);
    }
    return attributes;
  }
}

const targets = new WeakMap<Redactor, Map<string, Target>>();

export function targetOf(url: string, redactor: Redactor): Target {
  let known = targets.get(redactor);
  if (!known) targets.set(redactor, (known = new Map()));
  let target = known.get(url);
  if (!target) {
    if (known.size >= MAX_TARGETS) known.clear();
    known.set(url, (target = new Target(url, redactor)));
  }
  return target;
}
