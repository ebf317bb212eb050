import type { Agent } from 'node:https';
import { failed } from '../../guard.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../version.ts';
import { load } from '../modules.ts';
import { LONGEST_TIMER_MS } from '../../longest-timer.ts';
import type { Letter, TlsMaterial } from './letter.ts';

/** The three signals, with their words in the variables and in the URL. */
export const SIGNALS = {
  traces: { variable: 'TRACES', path: 'v1/traces' },
  metrics: { variable: 'METRICS', path: 'v1/metrics' },
  logs: { variable: 'LOGS', path: 'v1/logs' },
} as const;

export type Signal = keyof typeof SIGNALS;

/** Where the exports of a signal go, by the standard `OTEL_EXPORTER_OTLP_*` variables. */
export class Destination {
  readonly timeoutMs: number;
  /** The most exports that may be on their way at once. */
  readonly limit: number;
  readonly #url: string;
  readonly #gzip: boolean;
  #headers: Readonly<Record<string, string>>;
  #tls: TlsMaterial = {};

  constructor(signal: Signal, contentType: string) {
    const { variable, path } = SIGNALS[signal];
    const required = { 'Content-Type': contentType };
    const settings = load.otlpSettings().convertLegacyHttpOptions({}, variable, path, required);
    this.timeoutMs = Math.min(settings.timeoutMillis, LONGEST_TIMER_MS);
    this.limit = settings.concurrencyLimit;
    this.#url = settings.url;
    this.#gzip = settings.compression === 'gzip';
    this.#headers = required;
    this.#settle(settings).catch((problem: unknown) => failed('export settings', problem));
  }

  address(body: Uint8Array): Letter {
    const headers = { ...this.#headers, 'User-Agent': `${PACKAGE_NAME}/${PACKAGE_VERSION}` };
    return { url: this.#url, headers, gzip: this.#gzip, tls: this.#tls, body };
  }

  /** The settings give headers and certificates by promises alone, which are kept long before the first export. */
  async #settle(settings: {
    readonly headers: () => Promise<Record<string, string>>;
    readonly agentFactory: (protocol: string) => unknown;
  }): Promise<void> {
    this.#headers = await settings.headers();
    if (new URL(this.#url).protocol === 'https:') {
      const { ca, cert, key } = ((await settings.agentFactory('https:')) as Agent).options;
      this.#tls = Object.fromEntries(
        Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined),
      );
    }
  }
}
