/** Where attempts go, read and redacted once for each different URL. */
import type { Attributes } from '@opentelemetry/api';
import type { Redactor } from '../redaction/index.ts';
import { serverOfUrl, type Server } from '../server.ts';
import { Memo } from '../memo.ts';
import { readQuery } from '../api/query.ts';
import { seal } from './seal.ts';

const MAX_URLS = 500;
/** Of one URL: methods, templates. */
const MAX_KINDS = 10;
const MAX_RESULTS = 100;

/** What a URL says. */
interface Place {
  readonly full: string;
  readonly scheme?: string;
  readonly path?: string;
  readonly query?: string | undefined;
  /** With no other query than that. */
  readonly fullOfCall?: string;
  readonly server?: Server;
}

/**
 * Where the query holds content that is not wanted, the call says nothing of it, as the native span, and the attempt
 * masks it.
 */
function placeOf(
  url: string,
  template: string | undefined,
  redactor: Redactor,
  capturesContent: boolean,
): Place {
  if (!URL.canParse(url)) return { full: redactor.url(url), fullOfCall: redactor.url(url) };
  const parsed = new URL(url);
  const { defined, hasContent, masked } = readQuery(parsed.search, template);
  const hides = hasContent && !capturesContent;
  const base = `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  const place = {
    full: redactor.url(hides ? `${base}?${masked}` : url),
    scheme: parsed.protocol.slice(0, -1),
    path: redactor.text(parsed.pathname),
    server: serverOfUrl(parsed),
  };
  if (hides) return place;
  return {
    ...place,
    query: defined,
    fullOfCall: redactor.url(defined === undefined ? base : `${base}?${defined}`),
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
  readonly #capturesContent: boolean;
  readonly #targets = new Memo<string, Memo<string | undefined, Memo<string, Target>>>(MAX_URLS);

  constructor(redactor: Redactor, capturesContent: boolean) {
    this.#redactor = redactor;
    this.#capturesContent = capturesContent;
  }

  of(url: string, method: string, template: string | undefined): Target {
    const ofUrl = this.#targets.get(url) ?? this.#targets.add(url, new Memo(MAX_KINDS));
    const ofTemplate = ofUrl.get(template) ?? ofUrl.add(template, new Memo(MAX_KINDS));
    return ofTemplate.get(method) ?? ofTemplate.add(method, this.#make(url, method, template));
  }

  #make(url: string, method: string, template: string | undefined): Target {
    const place = placeOf(url, template, this.#redactor, this.#capturesContent);
    return new Target(place, method, template, this.#redactor);
  }
}
