// A corpus of secrets, planted in every place of spans, logs and metrics, comes out of no exporter.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OWN_SCOPE } from '../../scripts/stack/traffic/calls.ts';
import { keyValues, nanos, newSpanId, newTraceId, post } from '../../scripts/stack/traffic/otlp.ts';
import { until } from '../../scripts/stack/until.ts';
import { temporaryFolder } from './folder.ts';
import { observedCollector } from './observed-collector.ts';
import { programPaths } from './programs.ts';

interface Secret {
  /** As it would stand in a text. */
  readonly text: string;
  /** What must not come out. */
  readonly core: string;
}

const plain = (core: string): Secret => ({ text: core, core });
const A = (length: number): string => 'A'.repeat(length);

/** Put together at run time, so that no scanner of the repository takes one for real. */
const SECRETS: Readonly<Record<string, Secret>> = {
  anthropic: plain(['sk', 'ant', `api03-${A(95)}`].join('-')),
  'anthropic OAuth': plain(['sk', 'ant', `oat01-${A(40)}`].join('-')),
  openai: plain(['sk', `proj-${A(48)}`].join('-')),
  openrouter: plain(['sk', 'or-v1', 'a1'.repeat(32)].join('-')),
  langfuse: plain(['sk', 'lf', '01234567-89ab-cdef-0123-456789abcdef'].join('-')),
  litellm: plain(['sk', 'aB3_'.repeat(5) + 'x9'].join('-')),
  'bedrock, short-lived': plain(['bedrock', 'api', 'key', 'YmVkcm9jay5h'.repeat(4)].join('-')),
  grafana: plain(['glc', `eyJv${A(40)}`].join('_')),
  honeycomb: plain(['hcaik', '01hq'.repeat(14)].join('_')),
  'new relic': plain(['NRAK', 'Z'.repeat(27)].join('-')),
  dynatrace: plain(['dt0c01', 'Z'.repeat(24), 'Y'.repeat(64)].join('.')),
  bearer: { text: `Bearer ${'t0k3n'.repeat(8)}`, core: 't0k3n'.repeat(8) },
  basic: { text: `Basic ${'dXNlcjpw'.repeat(4)}`, core: 'dXNlcjpw'.repeat(4) },
  jwt: plain([`eyJ${A(20)}`, `eyJ${A(30)}`, A(43)].join('.')),
  'aws key': plain(['AKI', 'A', 'Z'.repeat(16)].join('')),
  'aws session key': plain(['ASI', 'A', 'Z'.repeat(16)].join('')),
  bedrock: plain(['ABS', 'K', 'b'.repeat(60)].join('')),
  github: plain(['ghp', A(36)].join('_')),
  'github fine-grained': plain(['github', 'pat', A(60)].join('_')),
  'google key': plain(['AIz', 'a', A(35)].join('')),
  'google token': plain(['ya29', A(60)].join('.')),
  slack: plain(['xoxb', '1'.repeat(11), A(24)].join('-')),
  stripe: plain(['sk', 'live', A(24)].join('_')),
  'private key': {
    text: `${'-'.repeat(5)}BEGIN PRIVATE KEY${'-'.repeat(5)}\n${'MIIE'.repeat(20)}\n${'-'.repeat(5)}END PRIVATE KEY${'-'.repeat(5)}`,
    core: 'MIIE'.repeat(20),
  },
  url: { text: `https://user:${'hunter2'.repeat(3)}@db.example.com/x`, core: 'hunter2'.repeat(3) },
  'query parameter': { text: `https://x.example.com/?api_key=${'q'.repeat(20)}&a=b`, core: 'q'.repeat(20) },
  'json field': { text: `{"client_secret": "${'s'.repeat(20)}"}`, core: 's'.repeat(20) },
  'header form': { text: `x-api-key: ${'h'.repeat(24)}`, core: 'h'.repeat(24) },
  password: { text: `password=${'p'.repeat(12)}`, core: 'p'.repeat(12) },
  cookie: { text: `Set-Cookie: session=${'c'.repeat(24)}`, core: 'c'.repeat(24) },
};

/** Names of attributes that hold a secret, as instrumentations of HTTP and of other things set them. */
const SECRET_KEYS = [
  'http.request.header.authorization',
  'http.request.header.proxy-authorization',
  'http.request.header.cookie',
  'http.request.header.x-api-key',
  'http.request.header.X-Amz-Security-Token',
  'Authorization',
  'api_key',
  'apiKey',
  'password',
  'db.password',
  'client_secret',
  'access_token',
  'refreshToken',
];

const programs = programPaths('otelcol');

/** Both ways to the backends: after sampling, which here keeps all, and past it. */
const WAYS = [
  ['after sampling', []],
  ['without sampling', ['options/keep-all.yaml']],
] as const;

describe.skipIf(programs === null).each(WAYS)('secrets %s', (_, options) => {
  const folder = temporaryFolder();
  const observed = observedCollector(
    programs?.otelcol,
    folder,
    ['backends/file.yaml', 'backends/debug.yaml', ...options],
    {
      FILE_EXPORT_DIR: folder,
      COLLECTOR_SPAN_METRICS_FLUSH: '200ms',
      COLLECTOR_SAMPLING_PERCENT: '100',
      COLLECTOR_DECISION_WAIT_AFTER_ROOT: '1s',
    },
  );
  const { scrape } = observed;

  it('come out of no exporter, wherever they were', async () => {
    const kinds = Object.entries(SECRETS);
    for (const [kind, { text }] of kinds) {
      for (const signal of ['traces', 'metrics', 'logs'] as const) {
        const { status, body } = await post(observed.collector.otlp, signal, REQUESTS[signal](kind, text));
        expect(status, body).toBe(200);
      }
    }
    await until('all spans, logs and metrics', 30_000, () => {
      const all = observed.backend.bodies.join('\n');
      return kinds.every(([kind]) =>
        ['trace', 'metric', 'log'].every((signal) => all.includes(`${signal} of ${kind}.`)),
      );
    });
    await until('metrics from spans', 30_000, async () =>
      (await scrape()).includes('traces_span_metrics_calls_total'),
    );

    const files = (await readdir(folder)).filter((name) => /\.(jsonl|log)$/.test(name));
    expect(files.sort()).toEqual(['collector.log', 'logs.jsonl', 'metrics.jsonl', 'traces.jsonl']);
    const outputs: Record<string, string> = {
      backend: observed.backend.bodies.join('\n'),
      prometheus: await scrape(),
    };
    for (const file of files) outputs[file] = await readFile(join(folder, file), 'utf8');
    const leaks: string[] = [];
    for (const [output, text] of Object.entries(outputs)) {
      for (const [kind, { core }] of kinds) {
        const at = text.indexOf(core);
        if (at !== -1) leaks.push(`${kind} in ${output}, after ${text.slice(Math.max(0, at - 60), at)}`);
      }
    }
    expect(leaks).toEqual([]);
  });

  it('come out of no attribute whose name says that it is one, whatever they look like', async () => {
    const opaque = 'quite-ordinary-words';
    const attributes = SECRET_KEYS.map((key) => ({ key, value: { stringValue: `${opaque} of ${key}` } }));
    const values = [{ stringValue: opaque }];
    const listed = { key: 'http.response.header.set-cookie', value: { arrayValue: { values } } };
    const request = {
      resourceSpans: [
        {
          resource: { attributes },
          scopeSpans: [{ spans: [span('named secrets', [...attributes, listed])] }],
        },
      ],
    };
    await post(observed.collector.otlp, 'traces', request);
    const body = await until('the span', 30_000, () =>
      observed.backend.bodies.find((text) => text.includes('named secrets')),
    );
    const leaks = [...body.matchAll(new RegExp(`${opaque}( of [\\w.-]+)?`, 'g'))].map(([leak]) => leak);
    expect(leaks).toEqual([]);
  });

  it('come out of no place where nothing else has one', async () => {
    const places = Object.entries(ALONE);
    for (const [place, [signal, request]] of places) {
      const { status, body } = await post(observed.collector.otlp, signal, request(place, secretOf(place)));
      expect(status, body).toBe(200);
    }
    const bodies = await until('all places', 30_000, () => {
      const all = observed.backend.bodies.join('\n');
      return places.every(([place]) => all.includes(`alone in ${place}.`)) && all;
    });
    expect(places.map(([place]) => place).filter((place) => bodies.includes(secretOf(place)))).toEqual([]);
    expect(bodies).not.toContain('masks.');
  });

  it('come out of none of many metrics and exemplars', async () => {
    const place = 'one of many';
    const sent = await sendMany(place, [0, 1000, 1999]);
    expect(sent).not.toContain(secretOf(place));
    expect(sent).not.toContain('masks.');
  });

  it('are looked for in many metrics and exemplars at no more than the cost of each', async () => {
    const before = await allocated();
    await sendMany('none of many', []);
    // Some 100 MB; more than a gigabyte where all before it are read again for each.
    expect((await allocated()) - before).toBeLessThan(400e6);
  });

  it('are masked where a sender names attributes as the masks name theirs, which changes nothing', async () => {
    const place = 'names of masks';
    const named = ['name', 'message', 'state', 'keys', 'pattern', 'size', 'found'];
    const attributes = keyValues(Object.fromEntries(named.map((name) => [`masks.${name}`, 'of the sender'])));
    const events = [{ timeUnixNano: now(), name: secretOf(place), attributes }];
    const request = aSpan(place, {
      item: { attributes, events },
      resource: { attributes },
      scope: { name: OWN_SCOPE, attributes },
    });
    await post(observed.collector.otlp, 'traces', request);
    const body = await until('the span', 30_000, () =>
      observed.backend.bodies.find((text) => text.includes(`alone in ${place}.`)),
    );
    expect(body).toContain('"name":"POST /v1/messages"');
    expect(body).not.toContain('of the sender');
    expect(body).not.toContain(secretOf(place));
  });

  it('leave what only looks like them, and numbers, as they are', async () => {
    const harmless = {
      'gen_ai.usage.input_tokens': { intValue: '123' },
      'gen_ai.request.model': { stringValue: 'claude-sonnet-5-5' },
      'gen_ai.response.finish_reasons': { arrayValue: { values: [{ stringValue: 'end_turn' }] } },
      'url.full': { stringValue: 'https://api.anthropic.com/v1/messages?beta=true' },
      'gen_ai.token.type': { stringValue: 'input' },
      'http.request.header.content-type': { arrayValue: { values: [{ stringValue: 'application/json' }] } },
      'anthropic.request.id': { stringValue: 'req_011CUAbCdEfGhIjKlMnOpQrS' },
      'exception.message': { stringValue: 'max_tokens: 5000 > 4096, a basic misunderstanding of tokens' },
    };
    const attributes = Object.entries(harmless).map(([key, value]) => ({ key, value }));
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span('harmless', attributes)] }] }] };
    await post(observed.collector.otlp, 'traces', request);
    const body = await until('the span', 30_000, () =>
      observed.backend.bodies.find((text) => text.includes('harmless')),
    );
    for (const attribute of attributes) expect(JSON.parse(body)).toEqual(containing(attribute));
  });

  it('make no difference between series: spans whose names differ in them alone are counted together', async () => {
    const names = ['B', 'C', 'D'].map((letter) => `call ${['sk', 'ant', letter.repeat(40)].join('-')}`);
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'merged' } }] };
    for (const name of names) {
      await post(observed.collector.otlp, 'traces', {
        resourceSpans: [{ resource, scopeSpans: [{ spans: [span(name, [])] }] }],
      });
    }
    await until('all three', 30_000, async () => (await merged()).join('').endsWith(' 3'));
    expect(await merged()).toHaveLength(1);
  });

  /** Sends 2000 metrics, and one with as many exemplars, with secrets at these places. */
  async function sendMany(place: string, secrets: readonly number[]): Promise<string> {
    const texts = Array.from({ length: 2000 }, (_text, index) =>
      secrets.includes(index) ? secretOf(place) : 'a text of which there are many. '.repeat(10),
    );
    const metrics = texts.map((description, index) => ({
      name: `metric.${index}`,
      description,
      gauge: { dataPoints: [{ timeUnixNano: now(), asInt: '1' }] },
    }));
    const exemplars = texts.map((text) => exemplar({ text }));
    const last = aMetric(place, {}, { exemplars });
    const request = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
    for (const part of [request, last]) await post(observed.collector.otlp, 'metrics', part);
    return until('the metrics', 30_000, () => {
      const all = observed.backend.bodies.join('\n');
      return all.includes(`alone in ${place}.`) && all.includes('metric.1999') && all;
    });
  }

  /** How many bytes the Collector has allocated since its start, which it reads anew once a second. */
  async function allocated(): Promise<number> {
    await setTimeout(1_100);
    return observed.collector.selfMetric('otelcol_process_runtime_total_alloc_bytes_total');
  }

  async function merged(): Promise<string[]> {
    const lines = (await scrape()).split('\n');
    return lines.filter((line) => /^traces_span_metrics_calls_total.*service_name="merged"/.test(line));
  }
});

function containing(attribute: object): unknown {
  const list = expect.arrayContaining([expect.objectContaining(attribute)]) as unknown;
  const spans = [expect.objectContaining({ attributes: list })];
  return { resourceSpans: [expect.objectContaining({ scopeSpans: [expect.objectContaining({ spans })] })] };
}

function span(name: string, attributes: object[]): object {
  const now = nanos(Date.now());
  return {
    traceId: newTraceId(),
    spanId: newSpanId(),
    name,
    kind: 3,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    attributes,
  };
}

/** An attribute list with the secret as text, in a list, in a map, and as a key. */
function planted(secret: string): object[] {
  const value = { stringValue: `it is ${secret}` };
  return [
    { key: 'planted.text', value },
    { key: 'planted.list', value: { arrayValue: { values: [{ stringValue: 'a' }, value] } } },
    { key: 'planted.map', value: { kvlistValue: { values: [{ key: 'inner', value }] } } },
    { key: `planted ${secret}`, value: { stringValue: 'a key' } },
  ];
}

/** A secret that tells where it was. */
function secretOf(place: string): string {
  return ['sk', 'ant', place.replaceAll(' ', '-'), A(40)].join('-');
}

/** Where a secret is put: in one of these, beside what tells the place. */
interface Planting {
  readonly item?: object;
  /** What belongs to the item: an event of a span, an exemplar of a metric. */
  readonly scope?: object;
  readonly resource?: object;
  /** Of the resource's part of the request, and of the scope's. */
  readonly schema?: string;
  readonly scopeSchema?: string;
}

const mark = (place: string): object[] => keyValues({ place: `alone in ${place}.` });

/** A request with one span, which carries the name of the place. */
function aSpan(place: string, { item = {}, scope, resource, schema, scopeSchema }: Planting): object {
  const attributes = [...mark(place), ...('attributes' in item ? (item.attributes as object[]) : [])];
  const spans = [{ ...span('POST /v1/messages', []), ...item, attributes }];
  return {
    resourceSpans: [
      {
        resource: resource ?? {},
        schemaUrl: schema,
        scopeSpans: [{ scope: scope ?? { name: OWN_SCOPE }, schemaUrl: scopeSchema, spans }],
      },
    ],
  };
}

/** A request with one metric, whose one point carries the name of the place. */
function aMetric(
  place: string,
  { item = {}, scope, resource, schema, scopeSchema }: Planting,
  point: { attributes?: object[]; exemplars?: object[] } = {},
): object {
  const dataPoint = {
    timeUnixNano: nanos(Date.now()),
    asInt: '1',
    ...point,
    attributes: [...mark(place), ...(point.attributes ?? [])],
  };
  const metrics = [{ name: 'alone', ...item, gauge: { dataPoints: [dataPoint] } }];
  return {
    resourceMetrics: [
      {
        resource: resource ?? {},
        schemaUrl: schema,
        scopeMetrics: [{ scope: scope ?? {}, schemaUrl: scopeSchema, metrics }],
      },
    ],
  };
}

/** A request with one log record, which carries the name of the place. */
function aLog(place: string, { item = {}, scope, resource, schema, scopeSchema }: Planting): object {
  const attributes = [...mark(place), ...('attributes' in item ? (item.attributes as object[]) : [])];
  const logRecords = [{ timeUnixNano: nanos(Date.now()), ...item, attributes }];
  return {
    resourceLogs: [
      {
        resource: resource ?? {},
        schemaUrl: schema,
        scopeLogs: [{ scope: scope ?? {}, schemaUrl: scopeSchema, logRecords }],
      },
    ],
  };
}

type Alone = readonly [
  signal: 'traces' | 'metrics' | 'logs',
  request: (place: string, secret: string) => object,
];

const keyed = (secret: string): object => ({ attributes: keyValues({ [secret]: 'a key' }) });
const other = { name: 'other' };
const now = (): string => nanos(Date.now());

/** The places around spans, metrics and log records, which are the same for all three. */
const AROUND: Readonly<Record<string, (secret: string) => Planting>> = {
  'a key of the scope': (secret) => ({ scope: keyed(secret) }),
  'the name of the scope': (secret) => ({ scope: { name: secret } }),
  'the version of the scope': (secret) => ({ scope: { name: 'other', version: secret } }),
  'the schema of the scope': (secret) => ({ scopeSchema: `https://example.com/${secret}` }),
  'a key of the resource': (secret) => ({ resource: keyed(secret) }),
  'the schema of the resource': (secret) => ({ schema: `https://example.com/${secret}` }),
};

const around = Object.entries(AROUND).flatMap(([place, plant]): [string, Alone][] => [
  [`${place} of a span`, ['traces', (name, secret) => aSpan(name, plant(secret))]],
  [`${place} of a metric`, ['metrics', (name, secret) => aMetric(name, plant(secret))]],
  [`${place} of a log record`, ['logs', (name, secret) => aLog(name, plant(secret))]],
]);

/** Requests with the secret in one of the places that are not an attribute's value. */
const ALONE: Readonly<Record<string, Alone>> = {
  ...Object.fromEntries(around),
  'our own message': [
    'traces',
    (place, secret) => aSpan(place, { item: { status: { code: 2, message: secret } } }),
  ],
  'our own trace state': [
    'traces',
    (place, secret) => aSpan(place, { item: { traceState: `vendor=${secret}` } }),
  ],
  'our own name': ['traces', (place, secret) => aSpan(place, { item: { name: `POST /v1/${secret}` } })],
  'a message': [
    'traces',
    (place, secret) => aSpan(place, { item: { status: { code: 2, message: secret } }, scope: other }),
  ],
  'a trace state': [
    'traces',
    (place, secret) => aSpan(place, { item: { traceState: `vendor=${secret}` }, scope: other }),
  ],
  'a name': ['traces', (place, secret) => aSpan(place, { item: { name: secret }, scope: other })],
  'a key': ['traces', (place, secret) => aSpan(place, { item: keyed(secret), scope: other })],
  'a key of a map': [
    'traces',
    (place, secret) =>
      aSpan(place, {
        item: {
          attributes: [
            {
              key: 'map',
              value: { kvlistValue: { values: [{ key: secret, value: { stringValue: 'a' } }] } },
            },
          ],
        },
      }),
  ],
  'the name of an event': [
    'traces',
    (place, secret) => aSpan(place, { item: { events: [{ timeUnixNano: now(), name: secret }] } }),
  ],
  'a key of an event': [
    'traces',
    (place, secret) =>
      aSpan(place, { item: { events: [{ timeUnixNano: now(), name: 'exception', ...keyed(secret) }] } }),
  ],
  'the name of a metric': ['metrics', (place, secret) => aMetric(place, { item: { name: secret } })],
  'the description of a metric': [
    'metrics',
    (place, secret) => aMetric(place, { item: { description: secret } }),
  ],
  'the unit of a metric': ['metrics', (place, secret) => aMetric(place, { item: { unit: secret } })],
  'a key of a point': ['metrics', (place, secret) => aMetric(place, {}, keyed(secret))],
  'a key of an exemplar': [
    'metrics',
    (place, secret) =>
      aMetric(
        place,
        {},
        { exemplars: [exemplar({ a: 'a' }), exemplar({ [secret]: 'a key' }), exemplar({})] },
      ),
  ],
  'a value of an exemplar': [
    'metrics',
    (place, secret) => aMetric(place, {}, { exemplars: [exemplar({ a: secret }), exemplar({ b: 'b' })] }),
  ],
  'the name of a log record': ['logs', (place, secret) => aLog(place, { item: { eventName: secret } })],
  'the severity of a log record': [
    'logs',
    (place, secret) => aLog(place, { item: { severityText: secret } }),
  ],
  'a key of a log record': ['logs', (place, secret) => aLog(place, { item: keyed(secret) })],
};

function exemplar(attributes: Readonly<Record<string, string>>): object {
  return { timeUnixNano: now(), asInt: '1', filteredAttributes: keyValues(attributes) };
}

/**
 * Requests with the secret in every place but those that nothing here reaches: span links, bytes, keys of a map
 * in a log's body, a metric's metadata, the entities of a resource, and the keys of the instrumentation's own scope.
 */
const REQUESTS = {
  traces: (kind: string, secret: string): object => ({
    resourceSpans: [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: { stringValue: `trace of ${kind}.` } },
            ...planted(secret),
          ],
        },
        schemaUrl: `https://example.com/${secret}`,
        scopeSpans: [
          {
            schemaUrl: `https://example.com/${secret}`,
            scope: { name: `scope ${secret}`, version: `v ${secret}`, attributes: planted(secret) },
            spans: [
              {
                ...span(`call ${secret}`, planted(secret)),
                traceState: `vendor=${secret}`,
                status: { code: 2, message: `failed with ${secret}` },
                events: [
                  { timeUnixNano: nanos(Date.now()), name: `event ${secret}`, attributes: planted(secret) },
                ],
              },
              span(`without events ${secret}`, planted(secret)),
            ],
          },
          {
            scope: { name: 'opentelemetry-instrumentation-anthropic' },
            spans: [span(`our own ${secret}`, planted('a key').slice(0, 1))],
          },
        ],
      },
    ],
  }),
  metrics: (kind: string, secret: string): object => ({
    resourceMetrics: [
      {
        resource: { attributes: planted(secret) },
        schemaUrl: `https://example.com/${secret}`,
        scopeMetrics: [
          {
            schemaUrl: `https://example.com/${secret}`,
            scope: { name: `scope ${secret}`, version: `v ${secret}`, attributes: planted(secret) },
            metrics: [
              {
                name: `planted.${kind.replaceAll(' ', '_')}`,
                description: `metric of ${kind}. ${secret}`,
                unit: secret,
                sum: {
                  aggregationTemporality: 2,
                  isMonotonic: true,
                  dataPoints: [
                    {
                      startTimeUnixNano: nanos(Date.now() - 1000),
                      timeUnixNano: nanos(Date.now()),
                      asInt: '1',
                      attributes: planted(secret),
                      exemplars: [
                        {
                          timeUnixNano: nanos(Date.now()),
                          asInt: '1',
                          filteredAttributes: [
                            { key: 'planted', value: { stringValue: secret } },
                            { key: 'list', value: { arrayValue: { values: [{ stringValue: secret }] } } },
                          ],
                        },
                      ],
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  }),
  logs: (kind: string, secret: string): object => ({
    resourceLogs: [
      {
        resource: { attributes: planted(secret) },
        schemaUrl: `https://example.com/${secret}`,
        scopeLogs: [
          {
            schemaUrl: `https://example.com/${secret}`,
            scope: { name: `log of ${kind}.`, attributes: planted(secret) },
            logRecords: [
              {
                timeUnixNano: nanos(Date.now()),
                severityText: `bad ${secret}`,
                eventName: `event ${secret}`,
                body: { stringValue: secret },
                attributes: planted(secret),
              },
              {
                timeUnixNano: nanos(Date.now()),
                body: { kvlistValue: { values: [{ key: 'inner', value: { stringValue: secret } }] } },
                attributes: [],
              },
            ],
          },
        ],
      },
    ],
  }),
} as const;
