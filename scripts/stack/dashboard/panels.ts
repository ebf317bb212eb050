// What the dashboard shows: one table, from which the JSON is made and by which the tests ask Prometheus.

/** A line of a panel. */
export interface Line {
  /** PromQL over recorded series. `$who` stands for the selection of services, environments and models. */
  readonly query: string;
  /** Its name, with labels in double braces. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows and what to look for. */
  readonly description: string;
  /** A unit of Grafana's. */
  readonly unit: 'short' | 's' | 'percentunit' | 'bytes';
  readonly lines: readonly Line[];
  /** Lines add up. */
  readonly stacked?: true;
  /** 24 is the whole width; 8 unless given. */
  readonly width?: 8 | 12;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** The selection in every query of an instrumented service. Without one of these labels a series has no such filter. */
const SELECTION = 'service_name=~"$service", deployment_environment_name=~"$environment"';
const MODEL = `${SELECTION}, gen_ai_request_model=~"$model"`;
const FIRING = 'ALERTS{alertstate="firing", family="anthropic"';

export const ROWS: readonly Row[] = [
  {
    title: 'Calls',
    panels: [
      {
        title: 'Calls per minute',
        description: 'Calls as the application made them, each with all of its retries.',
        unit: 'short',
        stacked: true,
        lines: [
          {
            query: `sum by (service_name, deployment_environment_name, gen_ai_request_model) (anthropic:calls:increase5m{class="all", ${MODEL}}) / 5`,
            legend: '{{service_name}} {{deployment_environment_name}} {{gen_ai_request_model}}',
          },
        ],
      },
      {
        title: 'Share of calls that fail',
        description:
          'After all retries, the caller’s own mistakes (400, 404, 413, 422) left out. The error budget counts these.',
        unit: 'percentunit',
        lines: [
          {
            query: `anthropic:calls:failed_ratio5m{${SELECTION}}`,
            legend: '{{service_name}} {{deployment_environment_name}}, 5 minutes',
          },
          {
            query: `anthropic:calls:failed_ratio1h{${SELECTION}}`,
            legend: '{{service_name}} {{deployment_environment_name}}, 1 hour',
          },
        ],
      },
      {
        title: 'Failed calls by error type',
        description: 'In five minutes. The error types are the API’s; connection_error got no response.',
        unit: 'short',
        stacked: true,
        lines: [
          {
            query: `sum by (error_type, http_response_status_code) (anthropic:calls:errors5m{${MODEL}})`,
            legend: '{{error_type}} {{http_response_status_code}}',
          },
        ],
      },
      {
        title: 'Calls in flight',
        description:
          'Calls that have started and not ended. Rising with steady traffic: the API is slow, waits add up, or streams hang.',
        unit: 'short',
        width: 12,
        lines: [
          {
            query: `anthropic:calls:in_flight{${SELECTION}}`,
            legend: '{{service_name}} {{deployment_environment_name}}',
          },
        ],
      },
      {
        title: 'Streams that hang',
        description:
          'In five minutes, counted while they hang: such a call has not failed yet, and no other panel but calls in flight shows it. Of services with metrics of their own.',
        unit: 'short',
        width: 12,
        lines: [
          {
            query: `anthropic:streams:stalled5m{${MODEL}}`,
            legend: '{{service_name}} {{deployment_environment_name}} {{gen_ai_request_model}}',
          },
        ],
      },
      {
        title: 'Duration of calls',
        description: 'Of calls that succeeded, over ten minutes, from the call to the end of its answer.',
        unit: 's',
        width: 12,
        lines: ['p50', 'p95', 'p99'].map((quantile) => ({
          query: `anthropic:call_duration_seconds:${quantile}{${MODEL}}`,
          legend: `${quantile} {{service_name}} {{deployment_environment_name}} {{gen_ai_request_model}}`,
        })),
      },
      {
        title: 'Time to first chunk',
        description: 'Of streams, over ten minutes: how long a reader sees nothing.',
        unit: 's',
        width: 12,
        lines: ['p50', 'p95', 'p99'].map((quantile) => ({
          query: `anthropic:time_to_first_chunk_seconds:${quantile}{${MODEL}}`,
          legend: `${quantile} {{service_name}} {{deployment_environment_name}} {{gen_ai_request_model}}`,
        })),
      },
    ],
  },
  {
    title: 'Attempts and limits',
    panels: [
      {
        title: '429s by cause',
        description: 'In five minutes. `spend` does not pass by itself; the others do, with less traffic.',
        unit: 'short',
        stacked: true,
        lines: [
          {
            query: `sum by (gen_ai_request_model, anthropic_rate_limit_cause) (anthropic:attempts:rate_limited5m{${SELECTION}})`,
            legend: '{{anthropic_rate_limit_cause}} {{gen_ai_request_model}}',
          },
        ],
      },
      {
        title: 'Failed attempts by class',
        description: 'In five minutes, those that a retry mended included.',
        unit: 'short',
        stacked: true,
        lines: [
          {
            query: `sum by (class) (anthropic:attempts:increase5m{class!="all", ${SELECTION}})`,
            legend: '{{class}}',
          },
        ],
      },
      {
        title: 'Attempts per call',
        description: 'One, when nothing is repeated.',
        unit: 'short',
        lines: [
          {
            query: `sum by (service_name, deployment_environment_name) (anthropic:attempts:increase5m{class="all", ${SELECTION}}) / sum by (service_name, deployment_environment_name) (anthropic:calls:increase5m{class="all", ${SELECTION}} > 0)`,
            legend: '{{service_name}} {{deployment_environment_name}}',
          },
        ],
      },
      {
        title: 'Waits before retries',
        description: 'How long the SDK slept before an attempt, over five minutes.',
        unit: 's',
        lines: [0.5, 0.95].map((quantile) => ({
          query: `histogram_quantile(${quantile}, sum by (service_name, deployment_environment_name, le) (anthropic:retry_wait_seconds:bucket5m{${SELECTION}}))`,
          legend: `p${quantile * 100} {{service_name}} {{deployment_environment_name}}`,
        })),
      },
      {
        title: 'What is left of the rate limits',
        description: 'As the API’s last answer said; the lowest of all instances.',
        unit: 'percentunit',
        lines: [
          {
            query: `anthropic:headroom:ratio{${SELECTION}}`,
            legend:
              '{{anthropic_ratelimit_bucket}} {{service_name}} {{deployment_environment_name}} {{gen_ai_request_model}}',
          },
        ],
      },
      {
        title: 'Alerts that fire',
        description:
          'Of the chosen services, and those that are of no service: the Collector’s. Each alert’s runbook is in its annotations.',
        unit: 'short',
        stacked: true,
        lines: [
          {
            query: `count by (alertname, service_name, deployment_environment_name) (${FIRING}, ${SELECTION}} or ${FIRING}, service_name=""})`,
            legend: '{{alertname}} {{service_name}} {{deployment_environment_name}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Tokens',
    panels: [
      {
        title: 'Tokens per minute',
        description: 'Input includes what was read from and written to the cache.',
        unit: 'short',
        stacked: true,
        lines: [
          {
            query: `sum by (gen_ai_token_type, gen_ai_request_model) (anthropic:tokens:increase5m{${MODEL}}) / 5`,
            legend: '{{gen_ai_token_type}} {{gen_ai_request_model}}',
          },
        ],
      },
      {
        title: 'Cache tokens per minute',
        description: 'Input tokens that were read from the prompt cache, and written to it.',
        unit: 'short',
        stacked: true,
        lines: [
          {
            query: `sum by (anthropic_cache_operation, gen_ai_request_model) (anthropic:cache_tokens:increase5m{${MODEL}}) / 5`,
            legend: '{{anthropic_cache_operation}} {{gen_ai_request_model}}',
          },
        ],
      },
      {
        title: 'Share of input tokens read from the cache',
        description: 'Over five minutes. A drop without a change of traffic: something changes the prefix.',
        unit: 'percentunit',
        lines: [
          {
            query: `anthropic:cache_share:ratio5m{${MODEL}}`,
            legend: '{{service_name}} {{deployment_environment_name}} {{gen_ai_request_model}}',
          },
        ],
      },
    ],
  },
  {
    title: 'The Collector',
    panels: [
      {
        title: 'Items taken per minute',
        description: 'Spans, data points and log records.',
        unit: 'short',
        width: 12,
        lines: [{ query: 'anthropic:collector:accepted5m / 5', legend: '{{collector}}' }],
      },
      {
        title: 'Items lost',
        description: 'In five minutes, by reason. Anything but zero is an alert.',
        unit: 'short',
        width: 12,
        lines: [{ query: 'anthropic:collector:lost5m', legend: '{{reason}} {{collector}}' }],
      },
      {
        title: 'How full the queues are',
        description: 'A backend that is away fills its queue; a full queue refuses.',
        unit: 'percentunit',
        width: 12,
        lines: [{ query: 'anthropic:collector:queue_ratio', legend: '{{exporter}} {{collector}}' }],
      },
      {
        title: 'Memory',
        description: 'Resident. Near the memory limit the Collector refuses with 503.',
        unit: 'bytes',
        width: 12,
        lines: [{ query: 'anthropic:collector:memory_bytes', legend: '{{collector}}' }],
      },
    ],
  },
];
