import { connectionErrorType } from '../../diagnosis/index.ts';
import { say } from '../../say.ts';
import { WORKING_FOLDER_GONE } from '../otlp/post-synchronously.ts';

/** What a person can do, by the status that a receiver answers with or Node's code. */
const ADVICE: Readonly<Record<string, string>> = {
  401: 'Are the credentials in OTEL_EXPORTER_OTLP_HEADERS right?',
  403: 'Are the credentials in OTEL_EXPORTER_OTLP_HEADERS allowed to write?',
  404:
    'Is the path right? OTEL_EXPORTER_OTLP_ENDPOINT has /v1/traces and the like put behind it, ' +
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and its like are used as they are. For a receiver of traces alone, such as ' +
    'Jaeger, set OTEL_METRICS_EXPORTER=none and OTEL_LOGS_EXPORTER=none.',
  ERR_ACCESS_DENIED:
    "Node's permission model refuses it: --allow-net permits connections (from Node 25 on), --allow-worker the thread " +
    'that sends what is left when a process exits.',
  [WORKING_FOLDER_GONE]:
    'No thread can start from there, and what is left at process.exit() or in a crash takes one.',
  HTTP: 'Is Zipkin listening there? OTEL_EXPORTER_ZIPKIN_ENDPOINT says where.',
  // TLS is there, but no HTTP/2 for gRPC.
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'Is OTEL_EXPORTER_OTLP_PROTOCOL right?',
  ERR_INVALID_CHAR: 'Is OTEL_EXPORTER_OTLP_HEADERS right?',
};

const TLS_ADVICE =
  'Does it speak TLS, as https:// says? OTEL_EXPORTER_OTLP_CERTIFICATE names the file with the authority to trust, ' +
  'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY those with what to show for ourselves.';

/** Of what is no status. */
const CONNECTION_ADVICE =
  'Is a collector listening there? OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL say where and how.';

/** Tells once, and not again, that telemetry is lost, to where, why, and what to do. */
export class LossNotice {
  #isGiven = false;

  /** @param where a URL, of which no part that can hold a credential is shown, or other words. */
  give(where: string, reason: string): void {
    if (this.#isGiven) return;
    this.#isGiven = true;
    say(
      `telemetry cannot be sent to ${withoutSecrets(where)} (${reason}). ${adviceOn(reason)} ` +
        'OTEL_SDK_DISABLED=true turns sending off. The application is not affected; this is reported once.',
    );
  }
}

function adviceOn(reason: string): string {
  const known = ADVICE[reason];
  if (known !== undefined) return known;
  if (/^\d/.test(reason)) return 'Its own log may say why.';
  const failure = Object.assign(new Error(), { code: reason });
  return connectionErrorType(failure) === 'tls_error' ? TLS_ADVICE : CONNECTION_ADVICE;
}

function withoutSecrets(where: string): string {
  if (!URL.canParse(where)) return where;
  const { origin, pathname } = new URL(where);
  const [, before, signal] = /^(.*?)(\/v1\/(?:traces|metrics|logs))?$/.exec(pathname) ?? [];
  // Some vendors put their token into the path.
  return `${origin}${before === '' || before === '/' ? '' : '/…'}${signal ?? ''}`;
}
