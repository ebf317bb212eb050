// What each alert must do: when it is silent, when it fires, when it is over.
import type { Flow, MetricSource, Phase, Process } from './simulation.ts';

/** At a minute, the alerts that fire, and for which service (`shop` unless named). */
export interface Checkpoint {
  readonly minute: number;
  readonly firing: readonly string[];
  /** What recorded series add up to. */
  readonly sums?: Readonly<Record<string, number>>;
}

export interface Scenario {
  readonly name: string;
  /** The alert it is about. */
  readonly alert: string;
  readonly processes: readonly Process[];
  readonly checkpoints: readonly Checkpoint[];
  /** Series of other origin, in promtool's notation. */
  readonly more?: readonly { readonly series: string; readonly values: string }[];
  /** Where it can be seen at all; both unless given. */
  readonly sources?: readonly MetricSource[];
}

const flow = (perMinute: number, ...attempts: Flow['attempts']): Flow => ({ perMinute, attempts });
const phase = (minutes: number, ...flows: Flow[]): Phase => ({ minutes, flows });

/** Good traffic, the background of most scenarios. */
const GOOD = flow(20, 'ok');

interface Ratio {
  readonly alert: string;
  /** A flow of failures that is well above the threshold beside `GOOD`. */
  readonly bad: Flow;
  /** Minutes of `bad` after which the alert must fire, and after the end of which it must be over. */
  readonly fires: number;
  readonly over: number;
  /** Other alerts that the same flow rightly fires. */
  readonly also?: readonly string[];
}

const RATIOS: readonly Ratio[] = [
  { alert: 'RateLimited', bad: flow(5, 'rateLimited', 'ok'), fires: 8, over: 7 },
  { alert: 'Overloaded', bad: flow(5, 'overloaded', 'ok'), fires: 8, over: 7 },
  { alert: 'ServerErrors', bad: flow(5, 'serverError', 'ok'), fires: 8, over: 7 },
  { alert: 'ConnectionErrors', bad: flow(5, 'unreachable', 'ok'), fires: 8, over: 7 },
  { alert: 'InvalidRequests', bad: flow(8, 'invalid'), fires: 8, over: 7 },
  {
    alert: 'RetriesExhausted',
    bad: flow(1, 'overloaded', 'overloaded', 'overloaded'),
    fires: 7,
    over: 22,
    also: ['Overloaded'],
  },
];

/** What is asked of every alert that compares a share with a threshold. */
function ratioScenarios({ alert, bad, fires, over, also = [] }: Ratio): Scenario[] {
  const burst = phase(fires + 4, GOOD, bad);
  const end = 30 + fires + 4;
  const firing = [alert, ...also];
  return [
    {
      name: 'fires while it lasts, and is over after',
      alert,
      processes: [{ phases: [phase(30, GOOD), burst, phase(30, GOOD)] }],
      checkpoints: [
        { minute: 29, firing: [] },
        { minute: end, firing },
        { minute: end + over, firing: [] },
      ],
    },
    {
      name: 'one blip',
      alert,
      processes: [{ phases: [phase(30, GOOD), phase(1, GOOD, flow(1, ...bad.attempts)), phase(30, GOOD)] }],
      checkpoints: [31, 33, 36, 45].map((minute) => ({ minute, firing: [] })),
    },
    {
      name: 'low traffic: three failures at night',
      alert,
      processes: [
        {
          phases: [
            phase(30),
            phase(1, flow(1, ...bad.attempts)),
            phase(7),
            phase(1, flow(1, ...bad.attempts)),
            phase(7),
            phase(1, flow(1, ...bad.attempts)),
            phase(20),
          ],
        },
      ],
      checkpoints: [32, 40, 47, 55].map((minute) => ({ minute, firing: [] })),
    },
    {
      name: 'the first burst after a start',
      alert,
      processes: [
        {
          from: 20,
          phases: [phase(fires + 4, GOOD, { ...bad, perMinute: bad.perMinute * 2 }), phase(20, GOOD)],
        },
      ],
      checkpoints: [
        { minute: 19, firing: [] },
        { minute: 20 + fires + 1, firing },
      ],
    },
    {
      name: 'several instances, each too small to count alone',
      alert,
      processes: ['a', 'b', 'c', 'd'].map((instance) => ({
        instance,
        phases: [
          phase(30, flow(3, 'ok')),
          phase(fires + 4, flow(3, 'ok'), { ...bad, perMinute: Math.max(1, Math.ceil(bad.perMinute / 4)) }),
        ],
      })),
      checkpoints: [
        { minute: 29, firing: [] },
        { minute: end, firing },
      ],
    },
  ];
}

/** Good traffic on which nothing at all may fire. */
const QUIET: readonly Scenario[] = [
  {
    name: 'good traffic',
    alert: 'all',
    processes: [{ phases: [phase(135, GOOD)] }],
    checkpoints: [5, 60, 130].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'good traffic, then idle',
    alert: 'all',
    processes: [{ phases: [phase(125, GOOD), phase(60)] }],
    checkpoints: [130, 150, 180].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'deploys: an instance follows another, each with the odd failure',
    alert: 'all',
    processes: [0, 40, 80, 120].map((from, index) => ({
      instance: `pod-${index}`,
      from,
      phases: [
        phase(20, GOOD),
        phase(1, GOOD, flow(1, 'rateLimited', 'ok'), flow(1, 'serverError', 'ok')),
        phase(19, GOOD),
      ],
    })),
    checkpoints: [41, 45, 61, 81, 121, 150].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'a counter reset: the same instance starts anew',
    alert: 'all',
    processes: [{ phases: [phase(10, GOOD, flow(6, 'rateLimited', 'ok')), phase(80, GOOD)], resetAfter: 50 }],
    checkpoints: [49, 51, 53, 56, 60].map((minute) => ({ minute, firing: [] })),
    sources: ['application'],
  },
  {
    name: 'a job that runs now and then',
    alert: 'all',
    processes: [0, 60, 120].map((from, index) => ({
      instance: `job-${index}`,
      from,
      phases: [phase(10, GOOD)],
    })),
    checkpoints: [20, 40, 85, 100, 150, 190].map((minute) => ({ minute, firing: [] })),
  },
];

const BOTH = ['application', 'spans'] as const;
const CALLS = 'anthropic:calls:increase5m{class="all"}';
const ATTEMPTS = 'anthropic:attempts:increase5m{class="all"}';
const once = (calls: number, attempts = calls): Readonly<Record<string, number>> => ({
  [CALLS]: calls,
  [ATTEMPTS]: attempts,
});

/** Services that send metrics of their own, and spans as well: each call counts once. */
const ONCE: readonly Scenario[] = [
  {
    name: 'counts once what comes as metrics and as spans',
    alert: 'all',
    processes: ['a', 'b'].map((instance) => ({
      instance,
      sends: BOTH,
      phases: [phase(60, flow(39, 'ok'), flow(1, 'rateLimited', 'ok'))],
    })),
    checkpoints: [
      { minute: 0, firing: [] },
      { minute: 30, firing: [], sums: once(400, 410) },
      { minute: 50, firing: [], sums: once(400, 410) },
    ],
    sources: ['application'],
  },
  {
    name: 'counts once, beside a service that only traces and one that only measures',
    alert: 'all',
    processes: [
      { sends: BOTH, phases: [phase(60, flow(10, 'ok'))] },
      { service: 'traces', sends: ['spans'], phases: [phase(60, flow(3, 'ok'))] },
      { service: 'measures', sends: ['application'], phases: [phase(60, flow(2, 'ok'))] },
    ],
    checkpoints: [{ minute: 40, firing: [], sums: once(75) }],
    sources: ['application'],
  },
  {
    name: 'counts once when the first spans come before the first metrics',
    alert: 'all',
    processes: [
      { sends: ['spans'], from: 20, phases: [phase(40, flow(10, 'ok'))] },
      { sends: ['application'], from: 22, phases: [phase(1, flow(30, 'ok')), phase(37, flow(10, 'ok'))] },
    ],
    checkpoints: [
      { minute: 21, firing: [], sums: once(20) },
      { minute: 24, firing: [], sums: once(50) },
      { minute: 40, firing: [], sums: once(50) },
    ],
    sources: ['application'],
  },
  {
    name: 'counts nothing again when the metrics end and the Collector goes on with the spans',
    alert: 'all',
    processes: [
      {
        sends: BOTH,
        from: 20,
        phases: [
          phase(60, GOOD),
          phase(1, GOOD, flow(2, 'spendLimit'), flow(2, 'unauthorized'), flow(8, 'rateLimited', 'ok')),
          phase(5, GOOD),
        ],
      },
    ],
    checkpoints: [
      { minute: 85, firing: ['SpendLimit'] },
      ...Array.from({ length: 25 }, (_, index) => ({
        minute: 91 + index,
        firing: index < 10 ? ['SpendLimit'] : [],
        sums: once(0),
      })),
    ],
    sources: ['application'],
  },
  {
    name: 'counts the cache’s tokens of each source once',
    alert: 'all',
    processes: [
      { sends: BOTH, phases: [phase(30, GOOD)] },
      { service: 'traces', sends: ['spans'], phases: [phase(30, GOOD)] },
    ],
    more: [
      {
        series: 'anthropic_client_cache_tokens_total{service_name="shop",anthropic_cache_operation="read"}',
        values: '0+100x30',
      },
      { series: 'anthropic_spans_cache_read_tokens_total{service_name="shop"}', values: '0+100x30' },
      { series: 'anthropic_spans_cache_read_tokens_total{service_name="traces"}', values: '0+10x30' },
      { series: 'anthropic_spans_cache_write_tokens_total{service_name="traces"}', values: '0+3x30' },
    ],
    checkpoints: [
      {
        minute: 20,
        firing: [],
        sums: {
          'anthropic:cache_tokens:increase5m{anthropic_cache_operation="read"}': 550,
          'anthropic:cache_tokens:increase5m{anthropic_cache_operation="write"}': 15,
        },
      },
    ],
    sources: ['application'],
  },
  {
    name: 'counts the spans of a service that stops sending metrics',
    alert: 'all',
    processes: [
      { sends: ['spans'], phases: [phase(120, flow(10, 'ok'))] },
      { sends: ['application'], phases: [phase(60, flow(10, 'ok'))] },
    ],
    checkpoints: [
      { minute: 50, firing: [], sums: once(50) },
      { minute: 90, firing: [], sums: once(50) },
      { minute: 110, firing: [], sums: once(50) },
    ],
    sources: ['application'],
  },
];

const HOUR = 60;
const DAY = 24 * HOUR;

/** At the minutes, TelemetryAbsent fires for the services, or nothing does. */
const absent = (minutes: readonly number[], ...services: string[]): Checkpoint[] =>
  minutes.map((minute) => ({ minute, firing: services.map((service) => `TelemetryAbsent@${service}`) }));
const silent = (...minutes: number[]): Checkpoint[] => absent(minutes);

/** Services that end, and what they send. */
const ENDS = { metrics: ['application'], traces: ['spans'], both: BOTH } as const satisfies Readonly<
  Record<string, readonly MetricSource[]>
>;
const ENDED = Object.keys(ENDS) as (keyof typeof ENDS)[];

const SILENCE: readonly Scenario[] = [
  {
    name: 'it fires for a day, then the service is forgotten; one that sleeps at night is known from its second night on',
    alert: 'TelemetryAbsent',
    processes: [
      ...ENDED.map((service) => ({
        service,
        sends: ENDS[service],
        phases: [phase(150, GOOD)],
      })),
      ...[0, DAY].map((from) => ({
        service: 'sleeper',
        instance: `from-${from}`,
        from,
        phases: [phase(10 * HOUR, GOOD)],
      })),
    ],
    checkpoints: [
      ...silent(150, 160),
      ...absent([300, 10 * HOUR], ...ENDED),
      ...absent([12 * HOUR, 150 + 20 * HOUR], ...ENDED, 'sleeper'),
      ...absent([DAY + 5], ...ENDED),
      ...silent(150 + 26 * HOUR, DAY + 11 * HOUR, DAY + 12 * HOUR),
    ],
    sources: ['application'],
  },
  {
    name: 'metrics that always came end: it fires soon, with spans and without',
    alert: 'TelemetryAbsent',
    processes: [{ phases: [phase(150, GOOD)] }, { service: 'both', sends: BOTH, phases: [phase(150, GOOD)] }],
    checkpoints: [...silent(150, 160), ...absent([175, 300], 'both', 'shop')],
    sources: ['application'],
  },
  {
    name: 'spans that always came end: it fires after more than an hour',
    alert: 'TelemetryAbsent',
    processes: [{ phases: [phase(150, GOOD)] }],
    checkpoints: [...silent(150, 175, 220), ...absent([235, 300], 'shop')],
    sources: ['spans'],
  },
  {
    name: 'it is over when telemetry returns, by another instance, and fires anew when that ends',
    alert: 'TelemetryAbsent',
    processes: [{ phases: [phase(150, GOOD)] }, { instance: 'b', from: 400, phases: [phase(150, GOOD)] }],
    checkpoints: [...absent([399], 'shop'), ...silent(402, 500, 560), ...absent([640], 'shop')],
  },
  {
    name: 'idle, but its metrics come',
    alert: 'TelemetryAbsent',
    processes: [{ phases: [phase(150, GOOD), phase(5 * HOUR)] }],
    checkpoints: silent(160, 200, 300, 150 + 5 * HOUR),
    sources: ['application'],
  },
  {
    name: 'its metrics end, its calls go on',
    alert: 'TelemetryAbsent',
    processes: [
      { sends: ['spans'], phases: [phase(300, GOOD)] },
      { sends: ['application'], phases: [phase(150, GOOD)] },
    ],
    checkpoints: silent(175, 190, 299),
    sources: ['application'],
  },
  {
    name: 'a job that ran for an hour and a half, a deploy that took ten minutes, and few calls',
    alert: 'TelemetryAbsent',
    processes: [
      { service: 'job', phases: [phase(90, GOOD)] },
      { service: 'deployed', phases: [phase(200, GOOD)] },
      { service: 'deployed', instance: 'b', from: 210, phases: [phase(200, GOOD)] },
      {
        service: 'rare',
        phases: Array.from({ length: 12 }, () => [phase(1, flow(1, 'ok')), phase(14)]).flat(),
      },
    ],
    checkpoints: silent(110, 130, 180, 215, 240, 300, 400),
  },
];

/** Calls of a service that another Collector than the scenarios' tells of, 20 a minute for so many minutes. */
const seenAtB = (service: string, minutes: number): { series: string; values: string } => ({
  series: `anthropic_client_calls_total{service_name="${service}",job="${service}",instance="b",collector="b"}`,
  values: `0+20x${minutes} stale`,
});

const ANOTHER: readonly Scenario[] = [
  {
    name: 'one of two Collectors is away: nothing is known of the services that it alone tells of, all of the others',
    alert: 'CollectorDown',
    processes: [{ phases: [phase(150, GOOD)] }, { service: 'moved', from: 100, phases: [phase(55, GOOD)] }],
    more: [
      { series: 'up{job="otelcol",collector="b"}', values: '1x150 0x60 1x60' },
      seenAtB('far', 150),
      seenAtB('moved', 150),
    ],
    checkpoints: [
      { minute: 149, firing: [] },
      { minute: 180, firing: ['CollectorDown@', 'TelemetryAbsent@moved', 'TelemetryAbsent@shop'] },
      { minute: 220, firing: ['TelemetryAbsent@moved', 'TelemetryAbsent@shop'] },
      // It is back, and that service is not.
      {
        minute: 230,
        firing: ['TelemetryAbsent@far', 'TelemetryAbsent@moved', 'TelemetryAbsent@shop'],
      },
    ],
    sources: ['application'],
  },
];

const COLLECTOR_UP = 'otelcol_process_uptime_seconds_total{collector="localhost"}';
const constant = (value: number, minutes = 240): string => `${value}+0x${minutes}`;

/** Attempts of a call that fails after its last retry. */
const DROWNED = ['overloaded', 'overloaded', 'overloaded'] as const;
const TWICE_SPENT = ['spendLimit', 'spendLimit'] as const;

/** Calls minute by minute, as they come at random, one a minute in the mean. */
const THIN = [
  [2, 0, 1, 1, 0, 0, 3, 1, 0, 2],
  [1, 1, 0, 0, 1, 2, 1, 0, 0, 2],
].flat();
const thin = (minutes: number, attempts: Flow['attempts'], times = 1): Phase[] =>
  Array.from({ length: minutes }, (_, minute) =>
    phase(1, { perMinute: (THIN[minute % THIN.length] ?? 0) * times, attempts }),
  );

/** How often alerts began to fire that page. */
const PAGES =
  'count_over_time((ALERTS{alertstate="firing",severity="critical"} unless ALERTS{alertstate="firing"} offset 1m)[4h:1m])';

const SINGLE: readonly Scenario[] = [
  {
    name: 'one refusal is enough, and it is over twenty minutes after the last',
    alert: 'SpendLimit',
    processes: [{ phases: [phase(30, GOOD), phase(1, GOOD, flow(1, 'spendLimit', 'ok')), phase(30, GOOD)] }],
    checkpoints: [
      { minute: 30, firing: [] },
      { minute: 32, firing: ['SpendLimit'] },
      { minute: 49, firing: ['SpendLimit'] },
      { minute: 55, firing: [] },
    ],
  },
  {
    name: 'the first calls of a new process are refused, and it makes no more',
    alert: 'SpendLimit',
    processes: [{ from: 30, phases: [phase(1, flow(2, 'spendLimit')), phase(20)] }],
    checkpoints: [
      { minute: 29, firing: [] },
      { minute: 32, firing: ['SpendLimit'] },
      { minute: 54, firing: [] },
    ],
  },
  {
    name: 'a workspace’s limit comes as 400: no call passes, and none is the caller’s own mistake',
    alert: 'SpendLimit',
    processes: [{ phases: [phase(30, GOOD), phase(10, flow(8, 'workspaceLimit')), phase(30, GOOD)] }],
    checkpoints: [
      { minute: 29, firing: [] },
      { minute: 31, firing: ['SpendLimit'] },
      { minute: 39, firing: ['SpendLimit'] },
      { minute: 62, firing: ['ErrorBudgetBurnSlow'] },
    ],
  },
  {
    name: 'other 400s',
    alert: 'SpendLimit',
    processes: [{ phases: [phase(30, GOOD), phase(3, GOOD, flow(8, 'invalid')), phase(9, GOOD)] }],
    checkpoints: [31, 33, 36, 40].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'a 429 of another cause',
    alert: 'SpendLimit',
    processes: [{ phases: [phase(30, GOOD), phase(1, GOOD, flow(1, 'rateLimited', 'ok')), phase(9, GOOD)] }],
    checkpoints: [{ minute: 33, firing: [] }],
  },
  {
    name: 'a refused key fires while it is used, and is over after',
    alert: 'AuthFailing',
    processes: [{ phases: [phase(30, GOOD), phase(5, flow(2, 'unauthorized')), phase(20, GOOD)] }],
    checkpoints: [
      { minute: 29, firing: [] },
      { minute: 35, firing: ['AuthFailing'] },
      { minute: 56, firing: ['ErrorBudgetBurnSlow'] },
    ],
  },
  {
    name: 'one customer’s key is refused among many: under one call in a hundred',
    alert: 'AuthFailing',
    processes: [
      { phases: [phase(30, flow(200, 'ok')), phase(30, flow(200, 'ok'), flow(1.5, 'unauthorized'))] },
    ],
    checkpoints: [36, 45, 59].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'one instance of fifty has an old key',
    alert: 'AuthFailing',
    processes: [{ phases: [phase(30, flow(50, 'ok')), phase(20, flow(49, 'ok'), flow(1, 'unauthorized'))] }],
    checkpoints: [
      { minute: 29, firing: [] },
      { minute: 37, firing: ['AuthFailing'] },
    ],
  },
  {
    name: 'an attempt that the SDK mends by itself',
    alert: 'AuthFailing',
    processes: [{ phases: [phase(30, GOOD), phase(10, GOOD, flow(1, 'unauthorized', 'ok'))] }],
    checkpoints: [{ minute: 36, firing: [] }],
  },
  {
    name: 'low traffic: two refusals',
    alert: 'AuthFailing',
    processes: [
      {
        phases: [
          phase(30),
          phase(1, flow(1, 'unauthorized')),
          phase(7),
          phase(1, flow(1, 'unauthorized')),
          phase(9),
        ],
      },
    ],
    checkpoints: [32, 34, 40, 42].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'a process that cannot start: each new one fails three times and ends',
    alert: 'AuthFailing',
    processes: [20, 22, 24, 26].map((from) => ({
      instance: `crash-${from}`,
      from,
      phases: [phase(1, flow(3, 'unauthorized'))],
    })),
    checkpoints: [
      { minute: 19, firing: [] },
      { minute: 25, firing: ['AuthFailing'] },
      { minute: 50, firing: [] },
    ],
  },
  {
    name: 'little left for long, with traffic',
    alert: 'HeadroomLow',
    processes: [
      {
        phases: [
          { ...phase(20, GOOD), remaining: 3000 },
          { ...phase(20, GOOD), remaining: 200 },
          { ...phase(10, GOOD), remaining: 3000 },
        ],
      },
    ],
    checkpoints: [
      { minute: 25, firing: [] },
      { minute: 35, firing: ['HeadroomLow'] },
      { minute: 42, firing: [] },
    ],
  },
  {
    name: 'little left for a moment, or heard last by a service that is idle now',
    alert: 'HeadroomLow',
    processes: [
      {
        phases: [
          { ...phase(5, GOOD), remaining: 3000 },
          { ...phase(4, GOOD), remaining: 200 },
          { ...phase(10, GOOD), remaining: 3000 },
        ],
      },
      {
        service: 'idle',
        phases: [
          { ...phase(5, GOOD), remaining: 200 },
          { ...phase(30), remaining: 200 },
        ],
      },
    ],
    checkpoints: [9, 15, 25, 34].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'calls become slow, and quick again',
    alert: 'LatencyRegression',
    processes: [{ phases: [phase(120, GOOD), phase(35, { ...GOOD, seconds: 25 }), phase(40, GOOD)] }],
    checkpoints: [
      { minute: 119, firing: [] },
      { minute: 145, firing: ['LatencyRegression'] },
      { minute: 175, firing: [] },
    ],
  },
  {
    name: 'calls become slow, under the newest name of their duration',
    alert: 'LatencyRegression',
    processes: [{ latestNames: true, phases: [phase(120, GOOD), phase(35, { ...GOOD, seconds: 25 })] }],
    checkpoints: [
      { minute: 119, firing: [] },
      { minute: 145, firing: ['LatencyRegression'] },
    ],
    sources: ['application'],
  },
  {
    name: 'a few calls are slow, all are slow but as slow as ever, or too few calls to tell',
    alert: 'LatencyRegression',
    processes: [
      { phases: [phase(120, GOOD), phase(35, GOOD, { perMinute: 0.5, attempts: ['ok'], seconds: 60 })] },
      { service: 'slow', phases: [phase(155, { ...GOOD, seconds: 25 })] },
      { service: 'small', phases: [phase(120, flow(2, 'ok')), phase(35, { ...flow(2, 'ok'), seconds: 25 })] },
    ],
    checkpoints: [125, 140, 150].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'a few quick calls at night: the next day is as slow as the day before',
    alert: 'LatencyRegression',
    processes: [
      {
        phases: [
          phase(300, { ...GOOD, seconds: 15, firstChunk: 5 }),
          phase(500, { ...flow(1, 'ok'), seconds: 0.4, firstChunk: 0.4 }),
          phase(60, { ...GOOD, seconds: 15, firstChunk: 5 }),
        ],
      },
    ],
    checkpoints: [290, 790, 830, 858].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'streams start late, and early again',
    alert: 'TimeToFirstChunkRegression',
    processes: [{ phases: [phase(120, GOOD), phase(35, { ...GOOD, firstChunk: 7 }), phase(40, GOOD)] }],
    checkpoints: [
      { minute: 119, firing: [] },
      { minute: 145, firing: ['TimeToFirstChunkRegression'] },
      { minute: 175, firing: [] },
    ],
  },
  {
    name: 'twice as late as usual, but still soon',
    alert: 'TimeToFirstChunkRegression',
    processes: [
      { phases: [phase(120, { ...GOOD, firstChunk: 0.3 }), phase(35, { ...GOOD, firstChunk: 1.7 })] },
    ],
    checkpoints: [{ minute: 145, firing: [] }],
  },
  {
    name: 'every stream hangs, so that no call ends, until the API recovers',
    alert: 'StreamsStalled',
    processes: [{ phases: [phase(30, GOOD), { ...phase(20), stalled: 3 }, phase(30, GOOD)] }],
    checkpoints: [
      { minute: 29, firing: [] },
      { minute: 40, firing: ['StreamsStalled'] },
      { minute: 62, firing: [] },
    ],
    sources: ['application'],
  },
  {
    name: 'the first streams of a new process hang',
    alert: 'StreamsStalled',
    processes: [
      {
        from: 30,
        phases: [{ ...phase(1), stalled: 6 }, phase(20)],
      },
    ],
    checkpoints: [
      { minute: 29, firing: [] },
      { minute: 34, firing: ['StreamsStalled'] },
    ],
    sources: ['application'],
  },
  {
    name: 'the six that the application has room for hang for good, and no other begins',
    alert: 'StreamsStalled',
    processes: [
      { phases: [{ ...phase(30, flow(6, 'ok')), stalled: 0 }, { ...phase(1), stalled: 6 }, phase(20)] },
    ],
    checkpoints: [
      { minute: 29, firing: [] },
      { minute: 34, firing: ['StreamsStalled'] },
    ],
    sources: ['application'],
  },
  {
    name: 'some of many think for long, or two of a few',
    alert: 'StreamsStalled',
    processes: [
      { phases: [phase(30, GOOD), { ...phase(30, GOOD), stalled: 1 }] },
      {
        service: 'small',
        phases: [
          phase(30, flow(1, 'ok')),
          { ...phase(2, flow(1, 'ok')), stalled: 1 },
          phase(28, flow(1, 'ok')),
        ],
      },
    ],
    checkpoints: [33, 36, 45, 59].map((minute) => ({ minute, firing: [] })),
    sources: ['application'],
  },
  {
    name: 'the Collector is not reached',
    alert: 'CollectorDown',
    processes: [],
    more: [{ series: 'up{job="otelcol-telemetry",collector="localhost"}', values: '1+0x20 0+0x10 1+0x20' }],
    checkpoints: [
      { minute: 20, firing: [] },
      { minute: 21, firing: [] },
      { minute: 25, firing: ['CollectorDown@'] },
      { minute: 35, firing: [] },
    ],
    sources: ['application'],
  },
  {
    name: 'no instance is to be found any more',
    alert: 'CollectorDown',
    processes: [],
    more: [
      { series: 'up{job="otelcol-telemetry",collector="localhost"}', values: `${constant(1, 20)} stale` },
    ],
    checkpoints: [
      { minute: 20, firing: [] },
      { minute: 25, firing: ['CollectorDown@'] },
    ],
    sources: ['application'],
  },
  ...[
    { gone: 'collector-1', endpoint: 'collector-1.collector:4317' },
    { gone: 'b.example.com', endpoint: 'b.example.com:4317' },
  ].map(({ gone, endpoint }): Scenario => ({
    name: `${gone} is no target any more, though routers send to it; one that was taken away is not missed`,
    alert: 'CollectorDown',
    processes: [],
    more: [
      { series: 'up{job="otelcol",collector="taken-away"}', values: `${constant(1, 60)} stale` },
      { series: `up{job="otelcol",collector="${gone}"}`, values: `${constant(1, 130)} stale` },
      ...['localhost:4317', endpoint].flatMap((to) =>
        ['router-a', 'router-b'].map((router) => ({
          series: `otelcol_loadbalancer_backend_outcome_total{collector="${router}",endpoint="${to}",success="true"}`,
          values: '0+60x240',
        })),
      ),
      // Its services wait in the routers' memory: of them nothing is known.
      {
        series: `anthropic_client_calls_total{service_name="far",job="far",instance="x",collector="${gone}"}`,
        values: '0+20x130 stale',
      },
    ],
    checkpoints: [
      { minute: 129, firing: [] },
      { minute: 135, firing: ['CollectorDown@'] },
      { minute: 180, firing: ['CollectorDown@'] },
    ],
    sources: ['application'],
  })),
  {
    name: 'a gap of over an hour in all that a process says: what it counted before is not new',
    alert: 'SpendLimit',
    processes: [],
    more: [
      {
        series:
          'anthropic_client_attempts_total{service_name="shop",instance="a",gen_ai_request_model="m",http_response_status_code="429",error_type="rate_limit_error",anthropic_rate_limit_cause="spend"}',
        values: `${constant(100, 60)} _x70 ${constant(100, 60)}`,
      },
    ],
    checkpoints: [
      { minute: 132, firing: [] },
      { minute: 134, firing: [] },
      { minute: 140, firing: [] },
    ],
    sources: ['application'],
  },
  {
    name: 'a queue fills, drains, and stays half full',
    alert: 'CollectorDroppingData',
    processes: [],
    more: [
      { series: COLLECTOR_UP, values: '0+60x60' },
      {
        series: 'otelcol_exporter_queue_capacity{collector="localhost",exporter="x",data_type="traces"}',
        values: constant(1000),
      },
      {
        series: 'otelcol_exporter_queue_size{collector="localhost",exporter="x",data_type="traces"}',
        values: `${constant(0, 10)} ${constant(900, 10)} ${constant(500, 20)}`,
      },
      { series: 'otelcol_exporter_sent_spans_total{collector="localhost",exporter="x"}', values: '0+9x60' },
    ],
    checkpoints: [
      { minute: 10, firing: [] },
      { minute: 16, firing: ['CollectorDroppingData@'] },
      { minute: 30, firing: [] },
    ],
    sources: ['application'],
  },
  {
    name: 'nothing leaves for a backend that is away, and little waits; another takes all; it comes back',
    alert: 'CollectorDroppingData',
    processes: [],
    more: [
      { series: COLLECTOR_UP, values: '0+60x60' },
      ...['x', 'y'].flatMap((exporter) => [
        {
          series: `otelcol_exporter_queue_capacity{collector="localhost",exporter="${exporter}",data_type="traces"}`,
          values: constant(1000),
        },
        {
          series: `otelcol_exporter_queue_size{collector="localhost",exporter="${exporter}",data_type="traces"}`,
          values: `${constant(3, 10)} ${exporter === 'x' ? '5+1x20' : constant(3, 20)} ${constant(3, 30)}`,
        },
        {
          series: `otelcol_exporter_sent_spans_total{collector="localhost",exporter="${exporter}"}`,
          values: `0+9x10 ${exporter === 'x' ? constant(90, 20) : '99+9x20'} 300+9x30`,
        },
      ]),
    ],
    checkpoints: [
      { minute: 9, firing: [] },
      { minute: 18, firing: [] },
      { minute: 25, firing: ['CollectorDroppingData@'] },
      { minute: 36, firing: [] },
    ],
    sources: ['application'],
  },
  {
    name: 'a backend takes metrics and refuses traces',
    alert: 'CollectorDroppingData',
    processes: [],
    more: [
      { series: COLLECTOR_UP, values: '0+60x60' },
      ...['traces', 'metrics'].flatMap((signal) => [
        {
          series: `otelcol_exporter_queue_capacity{collector="localhost",exporter="x",data_type="${signal}"}`,
          values: constant(200000),
        },
        {
          series: `otelcol_exporter_queue_size{collector="localhost",exporter="x",data_type="${signal}"}`,
          values: signal === 'traces' ? '0x10 1+1x50' : constant(0),
        },
      ]),
      {
        series: 'otelcol_exporter_sent_spans_total{collector="localhost",exporter="x"}',
        values: '0+9x10 90x50',
      },
      {
        series: 'otelcol_exporter_sent_metric_points_total{collector="localhost",exporter="x"}',
        values: '0+9x60',
      },
    ],
    checkpoints: [
      { minute: 18, firing: [] },
      { minute: 26, firing: ['CollectorDroppingData@'] },
    ],
    sources: ['application'],
  },
  {
    name: 'a backend has been away since the Collector began',
    alert: 'CollectorDroppingData',
    processes: [],
    more: [
      { series: COLLECTOR_UP, values: '0+60x60' },
      {
        series: 'otelcol_exporter_queue_capacity{collector="localhost",exporter="x",data_type="traces"}',
        values: constant(200000),
      },
      {
        series: 'otelcol_exporter_queue_size{collector="localhost",exporter="x",data_type="traces"}',
        values: '0 7+3x60',
      },
    ],
    checkpoints: [
      { minute: 9, firing: [] },
      { minute: 15, firing: ['CollectorDroppingData@'] },
    ],
    sources: ['application'],
  },
  {
    name: 'data is lost, from the first item on',
    alert: 'CollectorDroppingData',
    processes: [],
    more: [
      { series: COLLECTOR_UP, values: '0+60x60' },
      {
        series: 'otelcol_exporter_send_failed_spans_total{collector="localhost",exporter="x"}',
        values: `_x20 7+0x40`,
      },
    ],
    checkpoints: [
      { minute: 19, firing: [] },
      { minute: 23, firing: ['CollectorDroppingData@'] },
      { minute: 40, firing: [] },
    ],
    sources: ['application'],
  },
  {
    name: 'the Collector restarts after a loss: the counter starts anew',
    alert: 'CollectorDroppingData',
    processes: [],
    more: [
      { series: COLLECTOR_UP, values: '0+60x60' },
      {
        series: 'otelcol_exporter_send_failed_spans_total{collector="localhost",exporter="x"}',
        values: `7+0x30 0+0x30`,
      },
    ],
    checkpoints: [33, 36, 40].map((minute) => ({ minute, firing: [] })),
    sources: ['application'],
  },
  {
    name: 'one crashes every seven minutes, and is back before CollectorDown; another was restarted twice',
    alert: 'CollectorDroppingData',
    processes: [],
    more: [
      { series: COLLECTOR_UP, values: `${'0+60x5 stale '.repeat(5)}0+60x60` },
      {
        series: 'otelcol_process_uptime_seconds_total{collector="deployed"}',
        values: '900+60x10 0+60x5 0+60x80',
      },
    ],
    checkpoints: [
      { minute: 14, firing: [] },
      { minute: 25, firing: ['CollectorDroppingData@'] },
      { minute: 45, firing: ['CollectorDroppingData@'] },
      { minute: 62, firing: [] },
    ],
    sources: ['application'],
  },
  {
    name: 'a fifth of the calls fails',
    alert: 'ErrorBudgetBurnFast',
    processes: [{ phases: [phase(60, GOOD), phase(50, flow(16, 'ok'), flow(4, 'broken')), phase(60, GOOD)] }],
    checkpoints: [
      { minute: 59, firing: [] },
      { minute: 109, firing: ['ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow'] },
      { minute: 145, firing: ['ErrorBudgetBurnSlow'] },
    ],
  },
  {
    name: 'all calls fail, and another page says why: during it and after it there is no second one',
    alert: 'ErrorBudgetBurnFast',
    processes: [
      { service: 'locked', phases: [phase(60, GOOD), phase(40, flow(20, 'unauthorized')), phase(60, GOOD)] },
      { service: 'spent', phases: [phase(60, GOOD), phase(40, flow(20, ...TWICE_SPENT)), phase(60, GOOD)] },
      { service: 'drowned', phases: [phase(60, GOOD), phase(40, flow(20, ...DROWNED)), phase(60, GOOD)] },
    ],
    checkpoints: [
      { minute: 63, firing: ['AuthFailing@locked', 'RetriesExhausted@drowned', 'SpendLimit@spent'] },
      {
        minute: 99,
        firing: [
          'AuthFailing@locked',
          'ErrorBudgetBurnSlow@drowned',
          'ErrorBudgetBurnSlow@locked',
          'ErrorBudgetBurnSlow@spent',
          'Overloaded@drowned',
          'RateLimited@spent',
          'RetriesExhausted@drowned',
          'SpendLimit@spent',
        ],
      },
      {
        minute: 155,
        firing: ['ErrorBudgetBurnSlow@drowned', 'ErrorBudgetBurnSlow@locked', 'ErrorBudgetBurnSlow@spent'],
        sums: { 'count_over_time(ALERTS{alertname="ErrorBudgetBurnFast",alertstate="firing"}[3h])': 0 },
      },
    ],
  },
  {
    name: 'a service that cannot make one call since it began: one page',
    alert: 'ErrorBudgetBurnFast',
    processes: [{ from: 20, phases: [phase(60, flow(30, 'unauthorized'))] }],
    checkpoints: [22, 24, 26, 28, 30, 40].map((minute) => ({ minute, firing: ['AuthFailing'] })),
  },
  {
    name: 'a page that is always about to come, and never does, hides nothing',
    alert: 'ErrorBudgetBurnFast',
    processes: [
      {
        phases: [
          phase(60, GOOD),
          ...Array.from({ length: 70 }, () => [
            phase(2, flow(3.93, 'ok'), flow(1.07, ...DROWNED)),
            phase(1, flow(1, 'ok')),
          ]).flat(),
        ],
      },
    ],
    checkpoints: [{ minute: 250, firing: ['ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow', 'Overloaded'] }],
  },
  {
    name: 'a page for a few calls hides no other failures',
    alert: 'ErrorBudgetBurnFast',
    processes: [
      {
        phases: [
          phase(60, GOOD),
          phase(50, flow(14, 'ok'), flow(1, 'unauthorized'), flow(1, 'spendLimit'), flow(4, 'broken')),
        ],
      },
    ],
    checkpoints: [
      { minute: 59, firing: [] },
      { minute: 109, firing: ['AuthFailing', 'ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow', 'SpendLimit'] },
    ],
  },
  {
    name: 'five failures of ten calls at night; many requests that are the caller’s own mistake',
    alert: 'ErrorBudgetBurnFast',
    processes: [
      { phases: [phase(60), phase(5, flow(1, 'ok'), flow(1, 'serverError')), phase(30)] },
      { service: 'careless', phases: [phase(60, GOOD), phase(40, flow(19, 'ok'), flow(1, 'invalid'))] },
    ],
    checkpoints: [63, 67, 75, 94].map((minute) => ({ minute, firing: [] })),
  },
  {
    name: 'a call a minute, and all fail: too few for the hour, enough for six',
    alert: 'ErrorBudgetBurnFast',
    processes: [
      { phases: [phase(120, flow(1, 'ok')), phase(60, flow(1, 'serverError'))] },
      { service: 'locked', phases: [phase(180, flow(0.7, 'unauthorized'))] },
      { service: 'night', phases: [phase(120, flow(1, 'ok')), phase(3, flow(1, 'serverError')), phase(57)] },
    ],
    checkpoints: [
      { minute: 119, firing: [] },
      { minute: 124, firing: [] },
      { minute: 179, firing: ['ErrorBudgetBurnFast', 'ErrorBudgetBurnFast@locked'] },
    ],
  },
  {
    name: 'thin traffic that comes at random, and all fails for three hours: one page each',
    alert: 'AuthFailing',
    processes: [
      { service: 'locked', phases: [...thin(60, ['ok']), ...thin(180, ['unauthorized'])] },
      { service: 'spent', phases: [...thin(60, ['ok']), ...thin(180, ['spendLimit'])] },
      { service: 'drowned', phases: [...thin(60, ['ok'], 5), ...thin(180, DROWNED, 5)] },
    ],
    checkpoints: [
      {
        minute: 239,
        firing: [
          'AuthFailing@locked',
          'ErrorBudgetBurnSlow@drowned',
          'Overloaded@drowned',
          'RetriesExhausted@drowned',
          'SpendLimit@spent',
        ],
        sums: { [PAGES]: 3 },
      },
    ],
  },
  {
    name: 'a call a minute, and all are refused since a deploy: too few for five minutes, enough for the hour',
    alert: 'InvalidRequests',
    processes: [
      { phases: [phase(90, flow(1, 'ok')), phase(40, flow(1, 'invalid')), phase(30, flow(1, 'ok'))] },
      { service: 'careless', phases: [phase(90, flow(1, 'ok')), phase(9, flow(1, 'invalid')), phase(60)] },
    ],
    checkpoints: [
      { minute: 89, firing: [] },
      { minute: 100, firing: [] },
      { minute: 129, firing: ['InvalidRequests'] },
      { minute: 145, firing: [] },
    ],
  },
  {
    name: 'two calls every eight minutes, and all are refused since a deploy',
    alert: 'InvalidRequests',
    processes: [
      {
        phases: Array.from({ length: 24 }, (_, index) => [
          phase(1, index < 8 ? flow(2, 'ok') : flow(2, 'invalid')),
          phase(7),
        ]).flat(),
      },
    ],
    checkpoints: [
      { minute: 89, firing: [] },
      ...Array.from({ length: 20 }, (_, index) => ({ minute: 140 + index, firing: ['InvalidRequests'] })),
      { minute: 204, firing: [] },
    ],
  },
  {
    name: 'a deploy that broke all requests is rolled back, and one in fifty is refused as ever',
    alert: 'InvalidRequests',
    processes: [
      {
        phases: [
          phase(90, flow(49, 'ok'), flow(1, 'invalid')),
          phase(15, flow(50, 'invalid')),
          phase(60, flow(49, 'ok'), flow(1, 'invalid')),
        ],
      },
    ],
    checkpoints: [
      { minute: 89, firing: [] },
      { minute: 100, firing: ['InvalidRequests'] },
      { minute: 126, firing: [] },
      { minute: 150, firing: [] },
    ],
  },
  {
    name: 'one call in twenty-five fails, for hours',
    alert: 'ErrorBudgetBurnSlow',
    processes: [{ phases: [phase(60, GOOD), phase(120, flow(24, 'ok'), flow(1, 'unreachable'))] }],
    checkpoints: [
      { minute: 59, firing: [] },
      { minute: 178, firing: ['ErrorBudgetBurnSlow', 'RetriesExhausted'] },
    ],
  },
];

/** All scenarios. */
export const SCENARIOS: readonly Scenario[] = [
  ...QUIET,
  ...ONCE,
  ...RATIOS.flatMap(ratioScenarios),
  ...SILENCE,
  ...ANOTHER,
  ...SINGLE,
];
