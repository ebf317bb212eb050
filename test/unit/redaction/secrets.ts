/** Secrets that no scanner takes for real ones: put together at run time, of one letter or of plain words. */
export interface Sample {
  readonly kind: string;
  readonly secret: string;
}

const a = (length: number): string => 'Ab3'.repeat(length).slice(0, length);
const LIVE_OR_TEST = { live: 'live', test: 'test' };
const base64Url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const anthropic = ['api03', 'admin01', 'oat01', 'ort01', 'sid01'].map((kind) => ({
  kind: `Anthropic ${kind}`,
  secret: `sk-ant-${kind}-${a(95)}`,
}));

const encodedAnthropic = [
  ['percent-encoded', '%2D'],
  ['percent-encoded twice', '%252d'],
  ['escaped', String.raw`\u002d`],
  ['escaped twice', String.raw`\\u002D`],
].map(([kind, dash = '']) => ({
  kind: `Anthropic, ${kind}`,
  secret: ['sk', 'ant', 'api03', `${a(50)}_${a(44)}`].join(dash),
}));

/** Secrets that are known by their own shape, whatever stands around them. */
export const SHAPED: readonly Sample[] = [
  ...anthropic,
  ...encodedAnthropic,
  ...anthropic.map(({ kind, secret }) => ({
    kind: `${kind}, in base64`,
    secret: Buffer.from(secret).toString('base64'),
  })),
  { kind: 'AWS access key', secret: `AKIA${'A2B3'.repeat(4)}` },
  { kind: 'AWS temporary key', secret: `ASIA${'A2B3'.repeat(4)}` },
  { kind: 'AWS key pair', secret: `AKIA${'A2B3'.repeat(4)}:${a(40)}` },
  { kind: 'Bedrock API key', secret: `ABSKQm${a(126)}` },
  { kind: 'Bedrock short-term API key', secret: `bedrock-api-key-${a(200)}` },
  { kind: 'Azure AI key', secret: `${a(52)}JQQJ99BCAC${a(22)}` },
  { kind: 'Azure storage key', secret: `${a(76)}+ASt${a(6)}==` },
  { kind: 'Azure client secret', secret: `Ab38Q~${a(34)}` },
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => ({
    kind: `GitHub ${prefix}`,
    secret: prefix + a(36),
  })),
  { kind: 'GitHub fine-grained', secret: `github_pat_${a(22)}_${a(59)}` },
  { kind: 'Google API key', secret: `AIza${a(35)}` },
  { kind: 'Google API key of the newer kind', secret: `AQ.Ab${a(48)}` },
  { kind: 'Google OAuth', secret: `ya29.${a(60)}` },
  { kind: 'Google client secret', secret: `GOCSPX-${a(28)}` },
  { kind: 'Slack bot', secret: `xoxb-${'1'.repeat(12)}-${a(24)}` },
  { kind: 'Slack user', secret: `xoxp-${'1'.repeat(12)}-${a(24)}` },
  { kind: 'Slack app', secret: `xapp-1-${a(30)}` },
  { kind: 'Stripe live', secret: `sk_${LIVE_OR_TEST.live}_${a(24)}` },
  { kind: 'Stripe restricted', secret: `rk_${LIVE_OR_TEST.live}_${a(24)}` },
  { kind: 'Stripe test', secret: `sk_${LIVE_OR_TEST.test}_${a(24)}` },
  { kind: 'Stripe organization', secret: `sk_org_${a(24)}` },
  { kind: 'Stripe webhook', secret: `whsec_${a(32)}` },
  { kind: 'OpenAI', secret: `sk-${a(48)}` },
  { kind: 'OpenAI project', secret: `sk-proj-${a(100)}` },
  { kind: 'GitLab', secret: `glpat-${a(20)}` },
  { kind: 'Hugging Face', secret: `hf_${a(34)}` },
  { kind: 'LangSmith', secret: `lsv2_pt_${'ab3'.repeat(11)}_${'ab3'.repeat(3)}` },
  { kind: 'Telegram', secret: `123456789:AA${a(33)}` },
  { kind: 'xAI', secret: `xai-${a(80)}` },
  {
    kind: 'JWT',
    secret: `${base64Url({ alg: 'HS256', typ: 'JWT' })}.${base64Url({ sub: '1234567890' })}.${a(43)}`,
  },
];

/** Secrets that only their surroundings betray. */
export const SHAPELESS: readonly Sample[] = [
  { kind: 'one word', secret: 'hunter2' },
  { kind: 'AWS secret key', secret: `${a(20)}/${a(10)}+${a(8)}=` },
  { kind: 'odd characters', secret: 'p@ss:w0rd!#$%^*~' },
  { kind: 'commas and semicolons', secret: 'abc,def;ghi9' },
];

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Where a secret may stand, with nothing around that tells. */
export const PLACES: readonly (readonly [name: string, put: (secret: string) => string])[] = [
  ['bare', (s) => s],
  ['in a sentence', (s) => `The key ${s} was refused, try again.`],
  ['at the end of a sentence', (s) => `The server refused ${s}.`],
  ['in parentheses', (s) => `refused (${s})`],
  ['in a path', (s) => `/v1/keys/${s}/rotate`],
  ['on a line of its own', (s) => `line one\n${s}\r\nline three`],
  ['after an escaped line break', (s) => `{"message":"line one\\n${s}\\nline three"}`],
  ['in a JSON value of no telling name', (s) => JSON.stringify({ note: s, count: 3 })],
  ['percent-encoded around', (s) => `data%3D%22${s}%22%26x`],
];

/** Places that tell that a secret follows. */
export const TELLING_PLACES: readonly (readonly [name: string, put: (secret: string) => string])[] = [
  ['key=value', (s) => `password=${s} user=bob`],
  ['environment', (s) => `ANTHROPIC_API_KEY=${s}\nHOME=/root`],
  ['environment of one deployment', (s) => `ANTHROPIC_API_KEY_PROD=${s}\nHOME=/root`],
  ['environment, Bedrock', (s) => `AWS_BEARER_TOKEN_BEDROCK=${s}\nHOME=/root`],
  ['environment, Kubernetes', (s) => `  - name: ANTHROPIC_API_KEY\n    value: ${s}\n  - name: HOME`],
  ['AWS credentials file', (s) => `aws_secret_access_key = ${s}\nregion = x`],
  ['camel case', (s) => `accessToken: ${s}\nuser: bob`],
  ['header', (s) => `x-api-key: ${s}\r\nhost: localhost`],
  ['goog header', (s) => `X-Goog-Api-Key: ${s}\r\nhost: localhost`],
  ['authorization bearer', (s) => `Authorization: Bearer ${s}\r\nHost: localhost`],
  ['authorization of an unknown scheme', (s) => `Authorization: Whatever ${s}\r\nHost: localhost`],
  ['authorization without scheme', (s) => `authorization: ${s}\r\nHost: localhost`],
  ['cookie', (s) => `Cookie: theme=dark; session=${s}\r\nHost: localhost`],
  ['set-cookie', (s) => `Set-Cookie: session=${s}; Path=/; HttpOnly\r\nHost: localhost`],
  ['JSON', (s) => JSON.stringify({ user: 'bob', password: s, n: 1 })],
  ['JSON, indented', (s) => JSON.stringify({ user: 'bob', client_secret: s, n: 1 }, null, 2)],
  ['JSON, nested', (s) => JSON.stringify({ a: { b: [{ private_key: s }] } })],
  ['JSON, list', (s) => JSON.stringify({ 'x-api-key': [s, s] })],
  ['JSON in a JSON string', (s) => JSON.stringify({ body: JSON.stringify({ password: s, n: 1 }) })],
  ['JSON twice escaped', (s) => `"${escaped(JSON.stringify({ body: JSON.stringify({ secret: s }) }))}"`],
  ['HAR', (s) => JSON.stringify([{ name: 'x-api-key', value: s }])],
  ['raw headers', (s) => JSON.stringify(['host', 'a', 'x-api-key', s])],
  ['raw headers, as Python prints bytes', (s) => `[(b'host', b'a'), (b'x-api-key', b'${s}')]`],
  ['single quotes', (s) => `{ apiKey: '${s}', n: 1 }`],
  ['source code', (s) => `headers['x-api-key'] = "${s}";`],
  ['YAML block', (s) => `password: |\n  ${s}\nuser: bob`],
  ['sentence with a colon', (s) => `Incorrect API key provided: ${s}`],
  ['Node, invalid header', (s) => `Headers.append: "Bearer ${s}" is an invalid header value.`],
  ['Node, with a line break in the key', (s) => `Headers.append: "${s}\nX${s}" is an invalid header value.`],
  ['node-fetch, illegal header', (s) => `TypeError: ${s}\u2013x is not a legal HTTP header value`],
  [
    'LiteLLM, key of another kind',
    (s) => `LiteLLM Virtual Key expected. Received=${s}, expected to start with 'sk-'.`,
  ],
  ['option', (s) => `node app.js --api-key ${s} --port 80`],
  ['XML', (s) => `<auth><password>${s.replaceAll('<', '')}</password></auth>`],
  ['XML attributes', (s) => `<add key="password" value="${s}"/>`],
  ['curl, user without a blank', (s) => `curl -sS -ubob:${s} https://h`],
  ['curl, user and cookie', (s) => `curl --user=bob:${s} -b "sid=${s}" https://h`],
  ['SQL', (s) => `ALTER USER bob WITH PASSWORD '${s}'`],
  ['percent-encoded', (s) => `password%3D${encodeURIComponent(s)}%26user%3Dbob`],
  ['percent-encoded JSON', (s) => encodeURIComponent(JSON.stringify({ password: s, n: 1 }))],
  ['query', (s) => `GET https://api.example.com/v1?api_key=${encodeURIComponent(s)}&page=2`],
  ['signed URL', (s) => `https://b.s3.amazonaws.com/k?X-Amz-Signature=${encodeURIComponent(s)}&x=1`],
  ['fragment', (s) => `https://app.example.com/cb#access_token=${encodeURIComponent(s)}&state=1`],
  ['URL', (s) => `connect to https://bob:${s}@db.example.com/path failed`],
  ['connection string', (s) => `postgres://bob:${s}@db.example.com:5432/app?sslmode=require`],
  ['ADO connection string', (s) => `Server=db;User Id=bob;Password=${s};Database=app`],
  ['form', (s) => `grant_type=client_credentials&client_secret=${encodeURIComponent(s)}&scope=a`],
];

/** What telemetry is full of and must come through. */
export const INNOCENT: readonly string[] = [
  '',
  'a',
  'sk',
  'sk-',
  'sk-ant-',
  'Keys begin with sk-ant-api03-.',
  'Keys begin with sk%2Dant%2Dapi03%2D or sk\\u002dant\\u002dapi03\\u002d.',
  `Base64 of a key begins with ${Buffer.from('sk-ant-api03-').toString('base64')}.`,
  'task%20list desk%2Dant disk\\u002dantenna risk\\\\n',
  'claude-sonnet-4-5-20250929',
  'eu.anthropic.claude-sonnet-4-6-v1:0',
  'req_011CUB2XUHWkFnQzxcKBbjpF',
  'msg_01XFDUDYJgAACzvnptvVoYEL',
  '00000000-0000-4000-8000-000000000000',
  'gen_ai.usage.input_tokens',
  'anthropic.ratelimit.input_tokens.remaining',
  'max_tokens: 4096 > 8192, which is the maximum allowed number of output tokens for claude-sonnet-4-5',
  'max_tokens: Field required',
  '{"input_tokens":123,"output_tokens":45,"cache_read_input_tokens":0}',
  '"gen_ai.usage.input_tokens": 123, "gen_ai.token.type": "input"',
  'token limit',
  'token limit: 200000',
  'tokens=5',
  'token=5',
  'max_token=1024 next_token=abc',
  'stop_token: "</s>"',
  'time_to_first_token: 0.52',
  'rate limit of 20,000 input tokens per minute',
  'prompt is too long: 207791 tokens > 200000 maximum',
  'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
  'the password is required',
  'API key apikey-of-the-payments-service-2 was not found in secret payments-api-prod-v2',
  'The token "claude" and the secret "my-app-credentials-v2"; private key server01.example.com.pem',
  'npm_package_config_registry_url_2 hf_hub_download_timeout_3',
  'FAQ.About the sequence number of the queue',
  'invalid x-api-key',
  'A key was read.\nReceived=corp-gateway, bytes received=abc',
  'Key expected. Received=None, expected to start with x.',
  'x-api-key header is required',
  'Invalid bearer token',
  'Bearer token required',
  'Basic authentication is not supported',
  'WWW-Authenticate: Bearer realm="api", error="invalid_token"',
  '{"type":"error","error":{"type":"permission_error","message":"Invalid authorization","details":{"a":1}}}',
  `Unexpected token '<', "<!DOCTYPE "... is not valid JSON`,
  'Unexpected token : in JSON at position 4',
  'Invalid character in header content ["x-api-key"]',
  'https://api.anthropic.com/v1/messages',
  'https://api.anthropic.com:8443/v1/models?limit=20&after_id=claude-3',
  'https://registry.example.com/@scope/package',
  'http://[::1]:4318/v1/traces',
  'mail bob@example.com, ask for code 429',
  'https://example.com/errors?code=rate_limit_error&page=2',
  'risk-assessment-framework-version-two',
  'primary_key=id cache_key=user:1 foreign_key: order_id',
  '{"apiKey":null,"password":"","secret":false,"token":undefined}',
  'PWD=/srv/app',
  'bypass=true compass: north',
  'credentials: include',
  'author: bob, oauth flow, authority=example.com',
  'Content-Type: application/json',
  'eyJ is how base64 of JSON begins',
];
