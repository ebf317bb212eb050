// What the alerts say to whoever is woken: with their numbers, as Prometheus writes them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../folder.ts';
import { programPaths } from '../programs.ts';
import { ALL_RULES, runPromtool } from './promtool.ts';
import { inputSeries, type Process } from './simulation.ts';

const programs = programPaths('promtool');

interface Said {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly minute: number;
  readonly summary: string;
  readonly description: string;
  readonly processes?: readonly Process[];
  readonly series?: readonly { readonly series: string; readonly values: string }[];
  /** Thresholds that somebody has changed. */
  readonly thresholds?: Readonly<Record<string, number>>;
}

const SAID: readonly Said[] = [
  {
    alert: 'CollectorDroppingData',
    labels: { severity: 'warning', collector: 'a', exporter: 'otlp_http/x', reason: 'queue_nearly_full' },
    minute: 10,
    series: [
      {
        series: 'otelcol_exporter_queue_capacity{collector="a",exporter="otlp_http/x",data_type="traces"}',
        values: '1000x20',
      },
      {
        series: 'otelcol_exporter_queue_size{collector="a",exporter="otlp_http/x",data_type="traces"}',
        values: '850x20',
      },
      {
        series: 'otelcol_exporter_queue_capacity{collector="a",exporter="otlp_http/y",data_type="traces"}',
        values: '1000x20',
      },
      {
        series: 'otelcol_exporter_queue_size{collector="a",exporter="otlp_http/y",data_type="traces"}',
        values: '5x20',
      },
    ],
    summary: 'The Collector a loses data, or soon will: queue_nearly_full',
    description: 'The queue of otlp_http/x is 85% full. What does not fit any more is lost.',
  },
  {
    alert: 'CollectorDroppingData',
    labels: { severity: 'warning', collector: 'a', exporter: 'otlp_http/x', reason: 'not_delivered' },
    minute: 20,
    series: [
      {
        series: 'otelcol_exporter_queue_capacity{collector="a",exporter="otlp_http/x",data_type="traces"}',
        values: '1000x30',
      },
      {
        series: 'otelcol_exporter_queue_size{collector="a",exporter="otlp_http/x",data_type="traces"}',
        values: '12x30',
      },
    ],
    summary: 'The Collector a loses data, or soon will: not_delivered',
    description:
      'Nothing has reached the backend of otlp_http/x for ten minutes. What waits for it fills 1.2% of its queue.',
  },
  {
    alert: 'CollectorDroppingData',
    labels: { severity: 'warning', collector: 'a', reason: 'send_failed' },
    minute: 20,
    series: [
      { series: 'otelcol_process_uptime_seconds_total{collector="a"}', values: '0+60x30' },
      {
        series: 'otelcol_exporter_send_failed_spans_total{collector="a",exporter="otlp_http/x"}',
        values: '0+30x30',
      },
    ],
    summary: 'The Collector a loses data, or soon will: send_failed',
    description: '150 items in the last five minutes: send_failed. The runbook says what that means.',
  },
  {
    alert: 'CollectorDroppingData',
    labels: { severity: 'warning', collector: 'a', reason: 'restarts' },
    minute: 20,
    series: [
      {
        series: 'otelcol_process_uptime_seconds_total{collector="a"}',
        values: '0+60x3 0+60x3 0+60x3 0+60x20',
      },
    ],
    summary: 'The Collector a loses data, or soon will: restarts',
    description:
      'It has started 3 times in the last half hour. What is not yet in a queue on disk is lost with each crash.',
  },
  {
    alert: 'StreamsStalled',
    labels: { severity: 'warning', service_name: 'shop', gen_ai_request_model: 'claude-sonnet-5-5' },
    minute: 20,
    processes: [{ phases: [{ minutes: 25, flows: [], stalled: 3 }] }],
    summary: 'shop: streams hang',
    description:
      "15 streams of shop's calls to claude-sonnet-5-5 stood still in the last five minutes, each for longer than stalledStreamAfter (30 s by default). Nothing ends them but the application.",
  },
  {
    alert: 'ErrorBudgetBurnFast',
    labels: { severity: 'critical', service_name: 'shop' },
    minute: 90,
    processes: [{ phases: [{ minutes: 95, flows: [{ perMinute: 10, attempts: ['broken'] }] }] }],
    summary: "shop: the month's error budget will be gone within days",
    description:
      "100% of shop's calls failed over the last hour or the last six, and some still did within the last half hour; those that AuthFailing, RetriesExhausted or SpendLimit tell of are not among them. At this rate the 30-day budget lasts for 5 days at most.",
  },
  {
    alert: 'AuthFailing',
    labels: { severity: 'critical' },
    minute: 10,
    processes: [
      { service: '', phases: [{ minutes: 12, flows: [{ perMinute: 10, attempts: ['unauthorized'] }] }] },
    ],
    summary: 'a service without a name: the API key is refused',
    description:
      '50 calls of a service without a name in the last five minutes ended with 401 or 403. A key expired, was revoked, or lacks a permission.',
  },
  {
    alert: 'LatencyRegression',
    labels: { severity: 'warning', service_name: 'shop', gen_ai_request_model: 'claude-sonnet-5-5' },
    minute: 145,
    processes: [
      {
        phases: [
          { minutes: 120, flows: [{ perMinute: 10, attempts: ['ok'], seconds: 2 }] },
          { minutes: 35, flows: [{ perMinute: 10, attempts: ['ok'], seconds: 25 }] },
        ],
      },
    ],
    summary: 'shop: calls take far longer than usual',
    description:
      "31.2s is the 95th percentile of shop's calls to claude-sonnet-5-5 over ten minutes, more than 2 times its mean of the last day.",
  },
  {
    alert: 'TimeToFirstChunkRegression',
    labels: { severity: 'warning', service_name: 'shop', gen_ai_request_model: 'claude-sonnet-5-5' },
    minute: 145,
    processes: [
      {
        phases: [
          { minutes: 120, flows: [{ perMinute: 10, attempts: ['ok'], firstChunk: 0.7 }] },
          { minutes: 35, flows: [{ perMinute: 10, attempts: ['ok'], firstChunk: 7 }] },
        ],
      },
    ],
    thresholds: { latency_factor: 4, first_chunk_factor: 3 },
    summary: 'shop: streams start far later than usual',
    description:
      "7.8s is the 95th percentile of shop's first chunks from claude-sonnet-5-5 over ten minutes, more than 3 times its mean of the last day.",
  },
  {
    alert: 'ErrorBudgetBurnFast',
    labels: { severity: 'critical', service_name: 'shop' },
    minute: 90,
    processes: [{ phases: [{ minutes: 95, flows: [{ perMinute: 10, attempts: ['broken'] }] }] }],
    thresholds: { burn_fast_6h: 12 },
    summary: "shop: the month's error budget will be gone within days",
    description:
      "100% of shop's calls failed over the last hour or the last six, and some still did within the last half hour; those that AuthFailing, RetriesExhausted or SpendLimit tell of are not among them. At this rate the 30-day budget lasts for 2.5 days at most.",
  },
];

describe.skipIf(programs === null)('the words of', () => {
  const folder = temporaryFolder();

  const withThresholds = (numbers: Readonly<Record<string, number>>): string[] =>
    ALL_RULES.rule_files.map((file) => {
      if (!file.endsWith('thresholds.yaml')) return file;
      let text = readFileSync(file, 'utf8');
      for (const [name, value] of Object.entries(numbers)) {
        text = text.replace(new RegExp(`(threshold:${name}, expr: vector\\()[\\d.]+`), `$1${value}`);
      }
      const changed = join(folder, 'thresholds.yaml');
      writeFileSync(changed, text);
      return changed;
    });

  it.each(SAID)(
    '$alert: $description',
    ({ alert, labels, minute, summary, description, processes = [], series = [], thresholds = {} }) => {
      const test = {
        ...ALL_RULES,
        rule_files: withThresholds(thresholds),
        tests: [
          {
            interval: '1m',
            external_labels: { runbooks: 'https://example.com' },
            input_series: [...inputSeries(processes, 'application', minute + 2), ...series],
            alert_rule_test: [
              {
                alertname: alert,
                eval_time: `${minute}m`,
                exp_alerts: [
                  {
                    exp_labels: { family: 'anthropic', ...labels },
                    exp_annotations: {
                      summary,
                      description,
                      runbook_url: `https://example.com/${alert}.md`,
                    },
                  },
                ],
              },
            ],
          },
        ],
      };
      expect(runPromtool(programs?.promtool ?? '', join(folder, 'words.yaml'), test)).toBe('');
    },
  );
});
