import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { isIP } from 'node:net';
import { serverOfUrl } from '../../../server.ts';
import type { Context } from '../context.ts';
import { DeadlineError, elapsedSince } from '../deadline.ts';
import { fail, pass, warn, type Finding } from '../finding.ts';
import { connectionFinding } from '../network-fault.ts';
import { skipped } from './address.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
const LONGEST_CHAIN = 8;

interface Handshake {
  readonly protocol: string;
  /** The server's certificate first. */
  readonly chain: readonly DetailedPeerCertificate[];
  /** Why Node would refuse the certificate: a code, or a sentence. */
  readonly refusal: string | undefined;
}

/** The certificate chain of the API's address, as this Node judges it. */
export async function checkTls(context: Context): Promise<readonly Finding[]> {
  const { base, env } = context;
  if (base.url?.protocol !== 'https:') return [];
  const nothing = skipped('TLS', context);
  if (nothing) return [nothing];
  const isOff = env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0';
  return [...(isOff ? [unverified()] : []), await judge(context, base.url, isOff)];
}

function unverified(): Finding {
  return warn('NODE_TLS_REJECT_UNAUTHORIZED=0: certificates are not verified', {
    meaning: 'Anyone in between can read the key and the prompts.',
    next: 'Remove it, and name the certificate authority of your network in NODE_EXTRA_CA_CERTS.',
    runbook: 'connection',
  });
}

async function judge({ learned, options }: Context, url: URL, isOff: boolean): Promise<Finding> {
  const { address: host, port } = serverOfUrl(url);
  const start = performance.now();
  try {
    const { protocol, chain, refusal } = await shake(host, port, options.timeoutMs);
    const names = chain.map(nameOf);
    const ends = chain[0]?.valid_to ?? '';
    const ms = elapsedSince(start);
    const facts = { protocol, chain: names, valid_to: ends, ms };
    const shown = `chain: ${names.join(' ← ')}; valid until ${ends}`;
    if (refusal !== undefined) return refused({ learned, isOff, refusal, shown, facts });
    const days = Math.floor((Date.parse(ends) - Date.now()) / DAY_MS);
    return days < SOON_DAYS
      ? warn(`TLS: the certificate ends in ${days} days (${shown})`, {
          meaning: 'After that, connections fail.',
          next: 'Have it renewed by whoever runs the server.',
          facts,
        })
      : pass(`TLS: ${protocol}, the certificate is trusted (${ms} ms; ${shown})`, { facts });
  } catch (error) {
    learned.unreachable = 'tls';
    return connectionFinding(`TLS: no handshake with ${host}:${port}`, error, { host, port });
  }
}

interface Refused {
  readonly learned: Context['learned'];
  readonly isOff: boolean;
  readonly refusal: string;
  readonly shown: string;
  readonly facts: NonNullable<Finding['facts']>;
}

function refused({ learned, isOff, refusal, shown, facts }: Refused): Finding {
  const { meaning, next } = adviceOn(refusal);
  const rest = { meaning, next, runbook: 'connection', facts: { ...facts, code: refusal } } as const;
  const title = `TLS: the certificate is not trusted: ${refusal} (${shown})`;
  if (isOff) return warn(title, rest);
  learned.unreachable = 'tls';
  return fail(title, rest);
}

interface Refusal {
  readonly code: RegExp;
  readonly meaning: string;
  readonly next: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    code: /EXPIRED/,
    meaning: 'The certificate has expired, or the clock of this machine is ahead.',
    next: 'Look at the clock of this machine, then have the certificate renewed by whoever runs the server or proxy.',
  },
  {
    code: /NOT_YET_VALID/,
    meaning: 'The certificate is not valid yet: most often the clock of this machine is behind.',
    next: 'Set the clock of this machine.',
  },
  {
    code: /ALTNAME/,
    meaning: 'The certificate is for another host: the base URL or a proxy leads elsewhere.',
    next: 'Correct the host in the base URL, or the proxy.',
  },
];

const UNTRUSTED: Omit<Refusal, 'code'> = {
  meaning:
    'No authority that Node trusts has signed it: a proxy of your network that intercepts TLS, or a server with a self-signed certificate.',
  next: 'If the issuer is your network’s, name its certificate authority in NODE_EXTRA_CA_CERTS=/path/to/ca.pem, or use node --use-system-ca; if not, somebody is intercepting the connection.',
};

function adviceOn(refusal: string): Omit<Refusal, 'code'> {
  return REFUSALS.find(({ code }) => code.test(refusal)) ?? UNTRUSTED;
}

/** Completes a handshake whatever the certificate is, so that it can be shown. */
function shake(host: string, port: number, timeoutMs: number): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, ...servername, rejectUnauthorized: false });
    socket.setTimeout(timeoutMs, () => socket.destroy(new DeadlineError('no handshake in time')));
    socket.once('secureConnect', () => {
      resolve({
        protocol: socket.getProtocol() ?? 'TLS',
        chain: chainOf(socket),
        refusal: refusalOf(socket),
      });
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

function refusalOf(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  const error: unknown = socket.authorizationError;
  const code =
    error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
  return /^[A-Z_]+$/.test(code) ? code : 'ERR_TLS_CERT_ALTNAME_INVALID';
}

function chainOf(socket: TLSSocket): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.subject && chain.length < LONGEST_CHAIN && !chain.includes(certificate)) {
    chain.push(certificate);
    certificate = certificate.issuerCertificate;
  }
  const last = chain.at(-1);
  const isComplete = last === undefined || nameOf(last) === issuerOf(last);
  return isComplete ? chain : [...chain, { ...last, subject: last.issuer }];
}

function nameOf({ subject }: DetailedPeerCertificate): string {
  return String(subject.CN ?? subject.O ?? 'unnamed');
}

function issuerOf({ issuer }: DetailedPeerCertificate): string {
  return String(issuer.CN ?? issuer.O ?? 'unnamed');
}
