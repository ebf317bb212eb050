/** Where attempts go, read and redacted once for each different URL. */
import type { Attributes } from '@opentelemetry/api';
import type { Redactor } from '../redaction/index.ts';
import { guard } from '../guard.ts';
import { serverOfUrl } from '../server.ts';
import { seal } from './seal.ts';

const MAX_TARGETS = 500;

/** The query parameters that the SDK's native span has: those of lists. What else is in a query stays out of it. */
const LIST_PARAMETERS = new Set(['after_id', 'before_id', 'ids', 'ids[]', 'lifecycle', 'limit', 'page']);

/** The parts of a query, as sent, whose parameters are a list's. */
function listQuery(search: string): string | undefined {
  const parts = search
    .slice(1)
    .split('&')
    .filter((part) => LIST_PARAMETERS.has(decodeURIComponent(part.split('=', 1)[0] ?? '')));
  return parts.length > 0 ? parts.join('&') : undefined;
}

/** Redacted. */
export interface RequestAttributes {
  /** The attempt span's name. */
  readonly name: string;
  readonly ofAttempt: Attributes;
  readonly ofCall: Attributes;
}

export class Target {
  readonly full: string;
  readonly scheme: string | undefined;
  readonly path: string | undefined;
  readonly query: string | undefined;
  /** With no other query than that. */
  readonly fullOfCall: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly #redactor: Redactor;
  readonly #metricAttributes = new Map<string, Attributes>();
  readonly #requests = new Map<string, RequestAttributes>();

  constructor(url: string, redactor: Redactor) {
    this.#redactor = redactor;
    this.full = redactor.url(url);
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (!parsed) {
      this.fullOfCall = this.full;
      return;
    }
    const query = guard('query', () => listQuery(parsed.search));
    const base = `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
    this.fullOfCall = redactor.url(query === undefined ? base : `${base}?${query}`);
    this.query = query;
    this.scheme = parsed.protocol.slice(0, -1);
    this.path = redactor.text(parsed.pathname);
    const { address, port } = serverOfUrl(parsed);
    this.address = address;
    this.port = port;
  }

  /** What spans say of a request to here, made once for each different set. */
  requestAttributes(method: string, template: string | undefined): RequestAttributes {
    const key = template === undefined ? method : `${method} ${template}`;
    let attributes = this.#requests.get(key);
    if (!attributes) {
      attributes = {
        name: key,
        ofAttempt: seal(this.#redactor, {
          'http.request.method': method,
          'url.full': this.full,
          'url.template': template,
          'server.address': this.address,
          'server.port': this.port,
        }),
        ofCall: seal(this.#redactor, {
          'http.request.method': method,
          'url.scheme': this.scheme,
          'url.path': this.path,
          'url.query': this.query,
          'url.full': this.fullOfCall,
        }),
      };
      if (this.#requests.size < MAX_TARGETS) this.#requests.set(key, attributes);
    }
    return attributes;
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
