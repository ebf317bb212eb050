/** Host and port of a server, as the semantic conventions write them. */
export interface Server {
  /** Without the brackets that an IPv6 address has in a URL. */
  readonly address: string;
  readonly port: number;
}

/** The server of a URL with `http:` or `https:`. */
export function serverOfUrl({ hostname, port, protocol }: URL): Server {
  const usual = protocol === 'http:' ? 80 : 443;
  return { address: hostname.replace(/^\[(.*)\]$/, '$1'), port: port ? Number(port) : usual };
}

/** The URL that a text is; `undefined` for what is none, or has another scheme than `http:` and `https:`. */
export function webUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}
