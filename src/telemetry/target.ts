/** Where attempts go, read and redacted once for each different URL. */
import type { Attributes } from '@opentelemetry/api';
import type { Redactor } from '../redaction/index.ts';
import { guard } from '../guard.ts';
import { serverOfUrl, type Server } from '../server.ts';
import { Memo } from '../memo.ts';
import { seal } from './seal.ts';

const MAX_URLS = 500;
/** Of one URL: methods, templates. */
const MAX_KINDS = 10;
const MAX_RESULTS = 100;

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

/** What a URL says. */
interface Place {
  readonly full: string;
  readonly scheme?: string;
  readonly path?: string;
  readonly query?: string | undefined;
  /** With no other query than that. */
  readonly fullOfCall: string;
  readonly server?: Server;
}

function placeOf(url: string, redactor: Redactor): Place {
  const full = redactor.url(url);
  if (!URL.canParse(url)) return { full, fullOfCall: full };
  const parsed = new URL(url);
  const query = guard('query', () => listQuery(parsed.search));
  const base = `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  return {
    full,
    scheme: parsed.protocol.slice(0, -1),
    path: redactor.text(parsed.pathname),
    query,
    fullOfCall: redactor.url(query === undefined ? base : `${base}?${query}`),
    server: serverOfUrl(parsed),
  };
}

/** Where an attempt goes, as spans and metrics say it. All of it is redacted. */
export class Target {
  /** The attempt span's name. */
  readonly name: string;
  readonly ofAttempt: Attributes;
  readonly ofCall: Attributes;
  readonly #metric: Attributes;
  readonly #measured = new Memo<number | undefined, Memo<string | undefined, Attributes>>(MAX_RESULTS);

  constructor(place: Place, method: string, template: string | undefined, redactor: Redactor) {
    const { full, scheme, path, query, fullOfCall, server } = place;
    this.name = template === undefined ? method : `${method} ${template}`;
    this.ofAttempt = seal(redactor, {
      'http.request.method': method,
      'url.full': full,
      'url.template': template,
      'server.address': server?.address,
      'server.port': server?.port,
    });
    this.ofCall = seal(redactor, {
      'http.request.method': method,
      'url.scheme': scheme,
      'url.path': path,
      'url.query': query,
      'url.full': fullOfCall,
    });
    const { 'url.full': _, ...metric } = this.ofAttempt;
    this.#metric = metric;
  }

  /** The attributes of `http.client.request.duration`, made once for each different result. */
  measured(status: number | undefined, errorType: string | undefined): Attributes {
    const ofStatus = this.#measured.get(status) ?? this.#measured.add(status, new Memo(MAX_RESULTS));
    return ofStatus.get(errorType) ?? ofStatus.add(errorType, this.#measure(status, errorType));
  }

  #measure(status: number | undefined, errorType: string | undefined): Attributes {
    const attributes = { ...this.#metric };
    if (status !== undefined) attributes['http.response.status_code'] = status;
    if (errorType !== undefined) attributes['error.type'] = errorType;
    return attributes;
  }
}

/** Finds the targets of attempts. */
export class TargetBook {
  readonly #redactor: Redactor;
  readonly #targets = new Memo<string, Memo<string | undefined, Memo<string, Target>>>(MAX_URLS);

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  of(url: string, method: string, template: string | undefined): Target {
    const ofUrl = this.#targets.get(url) ?? this.#targets.add(url, new Memo(MAX_KINDS));
    const ofTemplate = ofUrl.get(template) ?? ofUrl.add(template, new Memo(MAX_KINDS));
    return ofTemplate.get(method) ?? ofTemplate.add(method, this.#make(url, method, template));
  }

  #make(url: string, method: string, template: string | undefined): Target {
    return new Target(placeOf(url, this.#redactor), method, template, this.#redactor);
  }
}
