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
