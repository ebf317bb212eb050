import type { HintRow } from './row.ts';

const CONFIG = { kind: 'client_config', retryable: false, runbook: 'invalid-request' } as const;
const CONNECTION = { kind: 'connection', runbook: 'connection' } as const;

/** Failures without an answer: canceled, refused by the client itself, broken on the network. */
export const CLIENT_HINTS = [
  {
    id: 'aborted',
    kind: 'aborted',
    retryable: false,
    match: [
      { status: [499] },
      {
        thrown:
          /\bAPIUserAbortError\b|\bAbortError\b|\bABORT_ERR\b|\bRequest was aborted\b|\bThis operation was aborted\b|\bThe user aborted a request\b|\bThe operation was aborted\.?$/m,
      },
    ],
    meaning: 'The caller canceled the call.',
    check: 'Signals, deadlines and disconnects in the application.',
    fix: 'Nothing, if that was meant.',
    runbook: 'connection',
  },
  {
    ...CONFIG,
    id: 'streaming_required',
    match: [
      {
        message:
          /\bStreaming is (?:strongly )?(?:required|recommended) for operations that may take longer\b/i,
      },
    ],
    meaning:
      'The SDK does not send requests without streaming whose answer may take longer than ten minutes.',
    check: 'max_tokens of the request.',
    fix: 'Stream, lower max_tokens, or set a timeout.',
  },
  {
    ...CONFIG,
    id: 'bad_header_value',
    match: [
      {
        thrown:
          /\bis an invalid header value\b|\bByteString\b|\bis not a legal HTTP header (?:value|name)\b|\bInvalid character in header content\b|\bERR_(?:INVALID_CHAR|HTTP_INVALID_HEADER_VALUE)\b|\binvalid (?:\S{1,40} )?header(?: value| name|$)/im,
      },
    ],
    meaning: 'A header holds a line break or a character that headers cannot carry: most often the key does.',
    check: 'The key and the default headers: line breaks, typographic dashes and quotes, invisible spaces.',
    fix: 'Store the key again, as plain ASCII.',
    runbook: 'authentication',
  },
  {
    ...CONFIG,
    id: 'bad_port',
    match: [{ thrown: /\bbad port$|\bERR_SOCKET_BAD_PORT\b/im }],
    meaning: 'fetch does not connect to this port.',
    check: 'The port in the base URL.',
    fix: 'Use another port.',
    runbook: 'connection',
  },
  {
    ...CONFIG,
    id: 'bad_url',
    match: [
      {
        thrown:
          /\bunknown scheme$|\bERR_INVALID_(?:URL|PROTOCOL)\b|\bInvalid URL\b|\bFailed to parse URL\b|\bOnly (?:HTTP\(S\) protocols|absolute URLs) are supported\b|\bURL scheme "\w{0,20}" is not supported\b/im,
      },
    ],
    meaning: 'The base URL is not a URL that can be requested.',
    check: 'baseURL and ANTHROPIC_BASE_URL: scheme, spaces, quotes.',
    fix: 'Correct the base URL.',
    runbook: 'connection',
  },
  {
    ...CONFIG,
    id: 'browser_environment',
    match: [{ thrown: /\brunning in a browser-like environment\b/i }],
    meaning: 'The SDK thinks that it runs in a browser, where a key would be exposed.',
    check: 'Test environments with a simulated browser.',
    fix: 'Call the API from a server; in tests use the node environment.',
    runbook: 'authentication',
  },
  {
    id: 'timeout',
    kind: 'timeout',
    retryable: true,
    match: [{ thrown: /\bAPIConnectionTimeoutError\b|\bTimeoutError\b|\bRequest timed out\b/ }],
    meaning:
      "No response came within the client's timeout: connecting and waiting for headers count together.",
    check: 'The timeout option, and the latency of calls of this size.',
    fix: 'Stream, or raise the timeout.',
    runbook: 'connection',
  },
  {
    ...CONNECTION,
    id: 'headers_overflow',
    retryable: false,
    match: [{ thrown: /\bHPE_HEADER_OVERFLOW\b|\bUND_ERR_HEADERS_OVERFLOW\b|\bheaders? overflow\b/i }],
    meaning: 'The response has more headers than the client takes.',
    check: 'What proxies add to responses.',
    fix: 'Have them removed, or raise --max-http-header-size.',
  },
  {
    ...CONNECTION,
    id: 'bad_http',
    retryable: null,
    match: [
      {
        thrown:
          /\bHTTPParserError\b|\bHPE_[A-Z_]+\b|\bdoes not match the HTTP\/1\.1 protocol\b|\bParse Error: /,
      },
    ],
    meaning: 'What answered does not speak HTTP as the client expects it.',
    check: 'Host and port: another service, http against https, a broken proxy.',
    fix: 'Correct the base URL or the proxy.',
  },
  {
    ...CONNECTION,
    id: 'bad_encoding',
    retryable: false,
    match: [
      {
        thrown:
          /\bZ_(?:DATA|BUF)_ERROR\b|\bERR__ERROR_FORMAT_|\bincorrect header check\b|\bDecompression failed\b/i,
      },
    ],
    meaning: 'The body is not encoded as its content-encoding header says.',
    check: 'Proxies that unpack bodies and leave the header.',
    fix: 'Correct the proxy.',
  },
  {
    ...CONNECTION,
    id: 'redirect',
    retryable: false,
    match: [
      {
        thrown:
          /\bmaximum redirect reached\b|\bredirect count exceeded\b|\bunexpected redirect\b|\bredirect mode is set to error\b/i,
      },
    ],
    meaning: 'The server redirects without end, or at all.',
    check: 'The base URL: http against https, login pages of a network.',
    fix: 'Use the address at the end of the redirects.',
  },
  {
    ...CONNECTION,
    id: 'tls',
    retryable: false,
    match: [{ connection: ['tls_error'] }],
    meaning:
      'The TLS connection failed: most often a proxy on your own network presents a certificate that Node does not trust.',
    check: 'anthropic.error.code, the issuer of the certificate, the clock, http against https.',
    fix: 'Name the certificate authority of the network in NODE_EXTRA_CA_CERTS, or use --use-system-ca.',
  },
  {
    ...CONNECTION,
    id: 'dns',
    retryable: null,
    match: [{ connection: ['dns_error'] }],
    meaning: 'The host name could not be resolved.',
    check: 'The host of the base URL, and the DNS of the machine or container.',
    fix: 'Correct the name or the DNS; EAI_AGAIN passes once the DNS is back.',
  },
  {
    ...CONNECTION,
    id: 'refused',
    retryable: true,
    match: [{ connection: ['connection_refused'] }],
    meaning: 'Nothing listens at the address and port.',
    check: 'The base URL and the proxy variables.',
    fix: 'Start what should listen there, or correct the address.',
  },
  {
    id: 'headers_timeout',
    kind: 'timeout',
    retryable: true,
    match: [{ connection: ['headers_timeout'] }],
    meaning: 'The connection was open, but no response began in time.',
    check: 'The latency of calls of this size.',
    fix: 'Stream, or raise the headersTimeout of the dispatcher.',
    runbook: 'connection',
  },
  {
    id: 'body_timeout',
    kind: 'timeout',
    retryable: true,
    match: [{ connection: ['body_timeout'] }],
    meaning: 'The response began and then stood still.',
    check: 'The longest gap between events of the stream; proxies that hold events back.',
    fix: 'Make the call again; have the proxy pass events on at once.',
    runbook: 'stalled-stream',
  },
  {
    id: 'connect_timeout',
    retryable: true,
    match: [
      {
        connection: ['connect_timeout'],
        thrown: /\bUND_ERR_CONNECT_TIMEOUT\b|\bConnectTimeoutError\b/,
        kind: 'timeout',
      },
      { connection: ['connect_timeout'], kind: 'connection' },
    ],
    meaning: 'No connection could be made in time.',
    check: 'Firewalls, the route to the host, a dead IPv6 route.',
    fix: 'Open the way to the host on port 443, or set the proxy.',
    runbook: 'connection',
  },
  {
    ...CONNECTION,
    id: 'reset_body',
    retryable: true,
    match: [
      {
        connection: ['connection_reset'],
        thrown: /\bInvalid response body while trying to fetch\b|\bterminated$/m,
      },
    ],
    meaning: 'The connection was reset while the body was read.',
    check: 'Proxies and load balancers on the way, and their limits on duration.',
    fix: 'Make the call again; the SDK does not retry at this point.',
  },
  {
    ...CONNECTION,
    id: 'premature_close',
    retryable: true,
    match: [{ connection: ['premature_close'] }],
    meaning: 'The connection closed before the body was complete.',
    check: 'Proxies and load balancers on the way, and their limits on duration.',
    fix: 'Make the call again; the SDK does not retry at this point.',
  },
  {
    ...CONNECTION,
    id: 'closed',
    retryable: true,
    match: [
      {
        connection: ['connection_reset'],
        thrown: /\bUND_ERR_SOCKET\b|\bSocketError\b|\bsocket hang up\b|\bother side closed\b/,
      },
    ],
    meaning: 'The other side closed the connection before a response began.',
    check: 'Idle connections that a proxy closes before the client does.',
    fix: 'Retry; lower the keep-alive time of the client.',
  },
  {
    ...CONNECTION,
    id: 'reset',
    retryable: true,
    match: [{ connection: ['connection_reset'] }],
    meaning: 'The connection was reset before a response began.',
    check: 'Firewalls and proxies on the way.',
    fix: 'Retry; if it comes back, ask whoever runs the network.',
  },
  {
    ...CONNECTION,
    id: 'unreachable',
    retryable: null,
    match: [{ thrown: /\b(?:ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL)\b/ }],
    meaning: 'There is no route to the host.',
    check: 'The network of the machine, VPNs, IPv6.',
    fix: 'Restore the route.',
  },
  {
    ...CONNECTION,
    id: 'local_refusal',
    retryable: null,
    match: [{ thrown: /\b(?:EACCES|EPERM|ERR_ACCESS_DENIED|EMFILE|ENFILE|ENOBUFS)\b/ }],
    meaning: 'This machine did not let the process open a connection.',
    check: "Firewall or sandbox rules, Node's permission model (--allow-net), and the number of open files.",
    fix: 'Allow it, or bound the number of connections.',
  },
  {
    id: 'truncated_stream',
    kind: 'bad_response',
    retryable: true,
    match: [
      { stage: 'cut_stream' },
      {
        thrown:
          /\bstream ended (?:without producing|before message_stop)\b|\brequest ended without sending any chunks\b|\bUnexpected event order, got\b/i,
      },
    ],
    meaning: 'The stream ended before the message was complete.',
    check: 'Proxies on the way that cut or hold back streams.',
    fix: 'Make the call again.',
    runbook: 'stalled-stream',
  },
  {
    id: 'unparsable_output',
    kind: 'bad_response',
    retryable: null,
    match: [
      { thrown: /\bFailed to parse structured output\b|\bUnable to parse tool parameter JSON from model\b/i },
    ],
    meaning: 'What the model wrote is not the JSON that was asked for.',
    check: 'The stop reason: max_tokens and refusals cut the JSON off.',
    fix: 'Raise max_tokens or simplify the schema, and make the call again.',
    runbook: 'invalid-request',
  },
  {
    id: 'bad_body',
    kind: 'bad_response',
    retryable: null,
    match: [
      {
        thrown:
          /\bSyntaxError\b|\binvalid json response body\b|\bUnexpected end of JSON input\b|\bis not valid JSON$|\bUnexpected token\b.{0,80}\bJSON\b|\bCould not parse message into JSON\b/im,
      },
      { status: [200], origin: ['html', 'text'] },
    ],
    meaning: 'An answer with a good status is not the JSON that the API sends.',
    check: 'What answers at the base URL: a login page, a proxy, another service.',
    fix: 'Correct the base URL or the proxy.',
    runbook: 'server-error',
  },
] as const satisfies readonly HintRow[];
