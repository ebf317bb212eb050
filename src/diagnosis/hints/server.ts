import type { Origin } from '../api-error.ts';
import type { HintRow } from './row.ts';

const GATEWAY = { kind: 'gateway', retryable: true, runbook: 'server-error' } as const;
const NOT_THE_API: readonly Origin[] = ['html', 'text', 'gateway', 'none'];
const PAGE: readonly Origin[] = ['html', 'text', 'none'];

/** Statuses of Cloudflare's own, with Cloudflare's names for them. */
function cloudflare<Status extends number>(status: Status, meaning: string) {
  return {
    ...GATEWAY,
    id: `cloudflare_${status}` as const,
    match: [
      { status: [status], origin: PAGE },
      { status: [status], origin: NOT_THE_API, message: /cloudflare/i },
    ],
    meaning,
    check: 'The status page of the API, and whether other networks see the same.',
    fix: 'Retry with growing pauses; keep the ray ID of the answer for support.',
  };
}

/** Statuses that any server uses: Cloudflare's only where the answer says so. */
function cloudflareSigned<Status extends number>(status: Status, meaning: string) {
  return {
    ...cloudflare(status, meaning),
    match: [{ status: [status], origin: NOT_THE_API, message: /cloudflare|^error code: \d{3,4}\s*$/im }],
  };
}

/** Failures of the API's side, and answers of what stands in front of it. */
export const SERVER_HINTS = [
  {
    id: 'overloaded_as_500',
    kind: 'overloaded',
    retryable: true,
    match: [{ status: [500], message: /^overloaded\b/im }],
    meaning: 'The API is overloaded and says so with status 500.',
    check: 'The status page of the API.',
    fix: 'Retry with growing pauses, as for a 529.',
    runbook: 'server-error',
  },
  {
    id: 'mid_stream',
    match: [{ stage: 'mid_stream' }],
    meaning: 'The error came in the stream, after the status 200 and perhaps after text.',
    check: 'error.type, since the status says nothing; what was received of the answer.',
    fix: 'Make the call again; the SDK does not retry a stream that has begun.',
    runbook: 'server-error',
  },
  {
    id: 'error_in_200',
    match: [{ stage: 'in_200' }],
    meaning: 'The answer has status 200 and holds an error; the SDK hands it on as a result.',
    check: 'What stands between the application and the API: the API itself does not answer so.',
    fix: 'Have the gateway pass statuses and events on as they are.',
    runbook: 'server-error',
  },
  {
    id: 'cloudflare_challenge',
    kind: 'gateway',
    retryable: false,
    match: [
      {
        origin: PAGE,
        message:
          /\bJust a moment\.\.\.|\bcf[-_]chl|\bChecking your browser\b|\bEnable JavaScript and cookies to continue\b/i,
      },
    ],
    meaning: 'Cloudflare wants a browser to prove itself, which a program cannot.',
    check: 'The address the requests leave from, VPNs and headers that proxies add.',
    fix: 'Send from another address; contact support with the ray ID.',
    runbook: 'server-error',
  },
  {
    id: 'cloudflare_edge_ip',
    kind: 'gateway',
    retryable: null,
    match: [{ origin: PAGE, message: /\bEdge IP Restricted\b|\berror code: 1034\b/i }],
    meaning: "Cloudflare does not serve the API at the address that the client's DNS gave.",
    check: 'What the DNS answers for the host, hosts files and proxies included.',
    fix: 'Use another resolver and clear pinned addresses.',
    runbook: 'server-error',
  },
  {
    id: 'cloudflare_blocked',
    kind: 'gateway',
    retryable: false,
    match: [
      {
        origin: PAGE,
        message:
          /\bblocked_why_detail\b|\byou have been blocked\b|\bsecurity service to protect itself from online attacks\b|\berror code: 10(?:06|07|08|09|10|12|20)\b/i,
      },
    ],
    meaning: 'The firewall of the edge blocked the request for its address or content.',
    check: 'The address the requests leave from, and texts in the request that look like an attack.',
    fix: 'Send from another address, or contact support with the ray ID.',
    runbook: 'server-error',
  },
  {
    id: 'corporate_proxy',
    kind: 'gateway',
    retryable: false,
    match: [
      {
        origin: PAGE,
        message:
          /\b(?:Zscaler|squid\/\d|Generated .{0,60}\(squid|Forcepoint|Blue ?Coat|Netskope|FortiGuard|FortiGate|McAfee Web Gateway|Cisco Umbrella|Barracuda)\b/i,
      },
    ],
    meaning: "A proxy on your own network answered in the API's place.",
    check: 'The proxy settings of the process and the rules of the proxy.',
    fix: 'Have the host of the API allowed.',
    runbook: 'connection',
  },
  {
    id: 'envoy_503',
    ...GATEWAY,
    match: [
      { origin: PAGE, message: /\bupstream connect error or disconnect\/reset\b|\bno healthy upstream\b/i },
      {
        origin: ['gateway'],
        message: /^(?:upstream connect error or disconnect\/reset|no healthy upstream)\b/im,
      },
    ],
    meaning:
      'A proxy on the side of the API found no server to pass the request to; the failed connection is not yours.',
    check: 'The status page of the API.',
    fix: 'Retry with growing pauses.',
  },
  cloudflare(520, "Cloudflare got an answer from the API's servers that it could not read."),
  cloudflare(521, "The API's servers refused Cloudflare's connection."),
  cloudflare(522, "Cloudflare could not connect to the API's servers in time."),
  cloudflare(523, "Cloudflare found no route to the API's servers."),
  cloudflare(524, "The API's servers did not answer Cloudflare in time."),
  cloudflare(525, "Cloudflare could not agree on TLS with the API's servers."),
  cloudflare(526, "The certificate of the API's servers was not valid for Cloudflare."),
  cloudflare(530, "Cloudflare could not find the API's servers."),
  cloudflareSigned(500, 'Cloudflare failed on its own side.'),
  cloudflareSigned(502, "Cloudflare got no valid answer from the API's servers."),
  cloudflareSigned(503, 'Cloudflare could not pass the request on.'),
  cloudflareSigned(504, "The API's servers did not answer Cloudflare in time."),
  {
    id: 'proxy',
    match: [
      { status: [407], kind: 'gateway', retryable: false },
      {
        connection: ['proxy_error'],
        kind: 'connection',
        retryable: false,
        thrown: /\bproxy response \(4\d\d\)|\bproxy authentication required\b|\bstatusCode=4\d\d\b/i,
      },
      {
        connection: ['proxy_error'],
        kind: 'connection',
        retryable: true,
        thrown: /\bproxy connection (?:ended|timed out|closed)\b/i,
      },
      { connection: ['proxy_error'], kind: 'connection', retryable: null },
    ],
    meaning: 'The proxy refused or broke the connection, not the API.',
    check: 'HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the process; 407 asks for a user and password.',
    fix: 'Correct the address and credentials of the proxy.',
    runbook: 'connection',
  },
  {
    id: 'gateway_no_channel',
    ...GATEWAY,
    retryable: null,
    match: [
      {
        origin: ['gateway', 'text'],
        message:
          /\bno available channel\b|\bno deployments? available\b|无可用渠道|\bno (?:available|healthy) (?:accounts?|providers?|endpoints?)\b/i,
      },
    ],
    meaning: 'The gateway has nothing to serve this model with.',
    check: 'The channels or deployments of the gateway for this model.',
    fix: 'Have one added or its health restored.',
  },
  {
    id: 'gateway_timeout',
    ...GATEWAY,
    match: [
      { status: [504, 524, 598], origin: NOT_THE_API },
      { status: [408], origin: ['html', 'text', 'gateway'] },
      {
        status: [500, 502, 503],
        origin: NOT_THE_API,
        message: /\b(?:gateway|upstream request) time-?out\b/i,
      },
    ],
    meaning: 'Something in front of the API gave up waiting for the answer.',
    check: 'The timeouts of the gateway against the duration of long calls.',
    fix: 'Stream the answer, or raise the timeout of the gateway.',
  },
  {
    id: 'gateway_unavailable',
    ...GATEWAY,
    match: [{ status: [502, 503], origin: NOT_THE_API }],
    meaning: 'Something in front of the API could not reach it.',
    check: 'The gateway or proxy on the way, then the status page of the API.',
    fix: 'Retry with growing pauses.',
  },
  {
    id: 'gateway_internal',
    ...GATEWAY,
    match: [{ status: [500], origin: ['html', 'text', 'gateway'] }],
    meaning: 'Something in front of the API failed on its own; the answer does not come from the API.',
    check: 'The logs of the gateway, by the request ID in its answer.',
    fix: 'Report it to whoever runs the gateway.',
  },
] as const satisfies readonly HintRow[];
