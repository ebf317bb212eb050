import type { Letter } from './letter.ts';

/** In Node from 22.15 on, and not in the types of Node 20. */
interface Tls {
  getCACertificates?(type: 'default' | 'bundled'): readonly string[];
}

/** OpenSSL's own store, which is every thread's, and of which no list can be had. */
const OPENSSL = /(?:^|[\s"])--use[-_]openssl[-_]ca(?:[\s"]|$)/;

/** Set where Node was built to use that store without a flag, as distributions do. */
const OPENSSL_BUILD = 'NODE_OPENSSL_CERT_STORE';

function usesOpenSsl(): boolean {
  const { target_defaults: built } = process.config as {
    readonly target_defaults?: { readonly defines?: readonly string[] };
  };
  return (
    built?.defines?.includes(OPENSSL_BUILD) === true ||
    OPENSSL.test([...process.execArgv, process.env['NODE_OPTIONS']].join(' '))
  );
}

function isOpen({ url, tls }: Letter): boolean {
  return url.startsWith('https:') && tls.ca === undefined;
}

/**
 * The same letters, with the certificates that this thread trusts where those are not Node's own alone: another thread
 * knows nothing of `tls.setDefaultCACertificates()`, nor of `--use-system-ca` and its variable.
 */
export function withTrust(letters: readonly Letter[]): readonly Letter[] {
  const ca = letters.some(isOpen) ? trusted() : undefined;
  if (!ca) return letters;
  return letters.map((letter) => (isOpen(letter) ? { ...letter, tls: { ...letter.tls, ca } } : letter));
}

function trusted(): readonly string[] | undefined {
  const tls = process.getBuiltinModule('node:tls') as Tls;
  if (!tls.getCACertificates || usesOpenSsl()) return undefined;
  const own = new Set(tls.getCACertificates('bundled'));
  const all = tls.getCACertificates('default');
  if (all.length === 0) return undefined;
  return all.length === own.size && all.every((certificate) => own.has(certificate)) ? undefined : all;
}
