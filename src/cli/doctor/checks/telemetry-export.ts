import { connectionErrorCode } from '../../../diagnosis/index.ts';
import { DEFAULT_GRPC_ENDPOINT } from '../../../preload/otlp/grpc-destination.ts';
import type { HttpProtocol } from '../../../preload/otlp/protocol.ts';
import { otlpSetting } from '../../../preload/otlp/setting.ts';
import { serverOfUrl } from '../../../server.ts';
import type { Context } from '../context.ts';
import { fail, pass, skip, warn, type Finding } from '../finding.ts';
import { connectionFinding } from '../network-fault.ts';
import { GRPC, sendGrpc } from '../telemetry/grpc.ts';
import { httpEndpoint, sendHttp, type OtlpAnswer } from '../telemetry/http.ts';
import { probe } from '../telemetry/probe.ts';
import { protocolOf } from '../telemetry/settings.ts';
import { reach } from './tcp.ts';

/** What a receiver's refusal means and what to do, by its status. First match wins. */
interface Refusal {
  readonly statuses: (status: number) => boolean;
  readonly title: string;
  readonly meaning: string;
  readonly next: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    statuses: (status) => status === 401,
    title: 'the credentials are missing or wrong',
    meaning: 'The receiver does not recognize the sender: there was no key, or one that it does not accept.',
    next: 'Set the key of the backend in OTEL_EXPORTER_OTLP_HEADERS, under the header that the backend names, percent-encoded.',
  },
  {
    statuses: (status) => status === 403,
    title: 'the credentials are known, and may not write here',
    meaning: 'The key was recognized, but has no right to ingest, or is of another dataset, team or region.',
    next: 'Give the key the right to ingest, or use a key and an endpoint of the same team and region.',
  },
  {
    statuses: (status) => status === 404 || status === 405,
    title: 'there is no receiver at this path',
    meaning: 'A server answers at the port, but not for OTLP at this path.',
    next: '/v1/traces is appended to OTEL_EXPORTER_OTLP_ENDPOINT; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is. Compare with the documentation of the backend.',
  },
  {
    statuses: (status) => status === 415,
    title: 'the receiver does not take this encoding',
    meaning: 'It takes http/json or http/protobuf, and not the one that is configured.',
    next: 'Set OTEL_EXPORTER_OTLP_PROTOCOL to the other one.',
  },
  {
    statuses: (status) => status === 429,
    title: 'the receiver limits the rate',
    meaning: 'The backend takes no more for now; the quota may be used up.',
    next: 'Look at the quota of the backend; sample, or send less.',
  },
  {
    statuses: (status) => status >= 300 && status < 400,
    title: 'the receiver redirects',
    meaning:
      'Exporters do not follow redirects: most often the URL says http instead of https, or a login page answers.',
    next: 'Use the address at the end of the redirect.',
  },
  {
    statuses: (status) => status >= 500,
    title: 'the receiver failed',
    meaning: 'The receiver, or what is behind it, is failing.',
    next: 'Look at the log of the collector, and at the status page of the backend.',
  },
  {
    statuses: () => true,
    title: 'the receiver refused the test span',
    meaning: 'What was sent is not what it takes.',
    next: 'Look at the log of the receiver; compare protocol and endpoint with its documentation.',
  },
];

const GRPC_REFUSALS: ReadonlyMap<number, number> = new Map([
  [GRPC.UNAUTHENTICATED, 401],
  [GRPC.PERMISSION_DENIED, 403],
  [GRPC.UNIMPLEMENTED, 404],
]);

/** Sends the spans of this run to the receiver of the user's configuration, as the preload would. */
export async function checkTelemetryExport(context: Context): Promise<readonly Finding[]> {
  const { env, tracing, learned } = context;
  tracing.end();
  learned.spans = tracing.received();
  const exporters = (env['OTEL_TRACES_EXPORTER'] ?? '').split(',').map((name) => name.trim());
  const named = exporters.filter((name) => name !== '');
  if (named.length > 0 && !named.includes('otlp')) {
    return [
      named.includes('none')
        ? warn('OTEL_TRACES_EXPORTER is none: no trace is exported', {
            meaning: 'Calls are instrumented, and nothing arrives in any backend.',
            next: 'Remove OTEL_TRACES_EXPORTER, or set it to otlp.',
            runbook: 'telemetry-absent',
          })
        : skip(`No test span was sent: OTEL_TRACES_EXPORTER names ${named.join(', ')}, not otlp`),
    ];
  }
  const protocol = protocolOf(env);
  return [protocol === 'grpc' ? await overGrpc(context) : await overHttp(context, protocol)];
}

async function overHttp(context: Context, protocol: HttpProtocol): Promise<Finding> {
  const { tracing, options, redactor } = context;
  const endpoint = httpEndpoint();
  const shown = redactor.url(endpoint);
  const facts = { endpoint: shown, protocol, trace_id: tracing.traceId };
  try {
    const answer = await sendHttp(tracing.finished(), protocol, options.timeoutMs);
    return judge(answer, shown, facts);
  } catch (error) {
    const url = new URL(endpoint);
    const speech = isGarbled(error) ? await probe(url, options.timeoutMs) : 'other';
    return speech === 'http/2' || (isGarbled(error) && serverOfUrl(url).port === 4317)
      ? wrongPort(`${shown} speaks gRPC, and http is configured`, USE_HTTP, { ...facts, speaks: speech })
      : absent(shown, error, context, facts);
  }
}

type Facts = NonNullable<Finding['facts']>;

function judge({ status, contentType, rejected }: OtlpAnswer, shown: string, facts: Facts): Finding {
  const machine = { ...facts, status };
  const isPage = contentType === 'text/html';
  if (status >= 200 && status < 300 && rejected === 0 && !isPage) {
    return pass(`The receiver took the test spans: ${shown} (${status})`, { facts: machine });
  }
  if (status >= 200 && status < 300) {
    return fail(
      `${shown} answered ${status}, but ${isPage ? 'with a web page' : 'rejected the test spans'}`,
      {
        meaning: isPage
          ? 'That is a user interface or a login page, not a receiver: nothing is stored.'
          : 'The receiver took the request and threw the spans away.',
        next: isPage
          ? 'Use the port of the receiver: most often 4318.'
          : 'Look at the log of the receiver: limits of attributes, age of spans, a quota.',
        runbook: 'telemetry-absent',
        facts: machine,
      },
    );
  }
  return refusal(status, `${status}`, shown, machine);
}

function refusal(status: number, said: string, shown: string, facts: Facts): Finding {
  const row = REFUSALS.find(({ statuses }) => statuses(status)) as Refusal;
  return fail(`${shown} answered ${said}: ${row.title}`, {
    meaning: row.meaning,
    next: row.next,
    runbook: 'telemetry-absent',
    facts,
  });
}

/** What came was no HTTP/1.1: another protocol, or a connection that was closed on ours. */
function isGarbled(error: unknown): boolean {
  return /^(?:HPE_|ECONNRESET$|EPIPE$|EPROTO$)/.test(connectionErrorCode(error) ?? '');
}

const USE_HTTP = 'Use the port for HTTP (4318), or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc.';
const USE_GRPC = 'Use the port for gRPC (4317), or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.';

function wrongPort(what: string, next: string, facts: Facts): Finding {
  return fail(`${what}: wrong port`, {
    meaning:
      'OTLP has a port for gRPC (4317) and one for HTTP (4318); the exporter speaks the other one’s language.',
    next,
    runbook: 'telemetry-absent',
    facts,
  });
}

/** Nothing configured, nothing there: no failure of what the user has set up. */
function absent(shown: string, error: unknown, { env }: Context, facts: Facts): Finding {
  const isDefault = otlpSetting('traces', 'ENDPOINT', env).variable === undefined;
  const finding = connectionFinding(`No OTLP receiver at ${shown}`, error);
  const code = finding.facts?.['code'];
  const rest = {
    meaning: isDefault
      ? 'No endpoint is configured, and nothing listens at the default one: traces of the application are lost.'
      : `${finding.meaning} Traces of the application are lost.`,
    next: isDefault
      ? 'Start a collector there, or set OTEL_EXPORTER_OTLP_ENDPOINT.'
      : 'Start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT: host, port, http or https; in a container localhost is the container itself.',
    runbook: 'telemetry-absent',
    facts: { ...facts, ...finding.facts },
  } as const;
  return isDefault && code === 'ECONNREFUSED' ? warn(finding.title, rest) : fail(finding.title, rest);
}

async function overGrpc(context: Context): Promise<Finding> {
  const { env, tracing, options, redactor } = context;
  const text = otlpSetting('traces', 'ENDPOINT', env).value ?? DEFAULT_GRPC_ENDPOINT;
  const withScheme = text.includes('://') ? text : `http://${text}`;
  const shown = redactor.url(text);
  const facts = { endpoint: shown, protocol: 'grpc', trace_id: tracing.traceId };
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url) {
    const { address: host, port } = serverOfUrl(url);
    try {
      await reach(host, port, options.timeoutMs);
    } catch (error) {
      return absent(shown, error, context, facts);
    }
    if ((await probe(url, options.timeoutMs)) === 'http/1.1') {
      return wrongPort(`${shown} speaks HTTP/1.1, and grpc is configured`, USE_GRPC, facts);
    }
  }
  const code = await sendGrpc(tracing.finished(), options.timeoutMs);
  if (code === GRPC.OK) return pass(`The receiver took the test spans: ${shown} (grpc)`, { facts });
  return refusal(GRPC_REFUSALS.get(code) ?? 500, `gRPC code ${code}`, shown, { ...facts, grpc_code: code });
}
