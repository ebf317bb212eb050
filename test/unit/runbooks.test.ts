import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/cli/commands.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { CLOSED_ERROR_TYPES } from '../../src/diagnosis/error-types.ts';
import { HINTS } from '../../src/diagnosis/hints.ts';
import type { Condition, HintRow } from '../../src/diagnosis/hints/row.ts';
import { KINDS, type Runbook } from '../../src/diagnosis/kinds.ts';
import { ATTRIBUTES, EVENTS, METRICS, RATE_LIMIT_FIELDS, type MetricSpec } from '../../src/schema.ts';
import { ROUTES } from '../../src/sdk/routes.ts';
import { PACKAGE_NAME } from '../../src/version.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'collector/runbooks');
const rulesFolder = join(root, 'collector/rules');
const HINTS_PAGE = 'hints.md';

const SECTIONS = ['What it means', 'Us or them', 'First three looks', 'Fix', 'Verify', 'Support'];

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const rules: readonly Rule[] = readdirSync(rulesFolder)
  .filter((file) => file.endsWith('.yaml'))
  .flatMap((file) => {
    const { groups } = parse(readFileSync(join(rulesFolder, file), 'utf8')) as {
      groups: { rules: Rule[] }[];
    };
    return groups.flatMap((group) => group.rules);
  });
const alerts = rules.filter((rule): rule is Rule & { alert: string } => rule.alert !== undefined);
const recorded = new Map<string, Rule[]>();
for (const rule of rules) {
  if (rule.record !== undefined) recorded.set(rule.record, [...(recorded.get(rule.record) ?? []), rule]);
}

const pages = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
);
const runbooks = [...pages.keys()].filter((file) => file !== 'README.md' && file !== HINTS_PAGE);
/** The compiler sees that every class of the code is here. */
const CLASSES: Readonly<Record<Runbook, true>> = {
  authentication: true,
  'rate-limit': true,
  'invalid-request': true,
  'server-error': true,
  connection: true,
  'stalled-stream': true,
  'telemetry-absent': true,
};
const classes = Object.keys(CLASSES);

const page = (file: string): string => pages.get(file) ?? '';
const proseOf = (text: string): string => text.replace(/`[^`]*`/g, '');
const headings = (text: string): string[] =>
  [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => title);
const section = (text: string, title: string): string =>
  text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const codes = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

const THRESHOLD = 'anthropic:threshold:';
const thresholdsIn = (text: string): string[] => text.match(new RegExp(`${THRESHOLD}\\w+`, 'g')) ?? [];

/** As GitHub makes a heading's anchor. */
const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll('`', '')
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');

describe('the set of runbooks', () => {
  it.each(classes)('the class %s has one', (name) => {
    expect(runbooks).toContain(`${name}.md`);
  });

  it('the tables of classes and hints name no other', () => {
    const slugs = [...HINTS, ...Object.values(KINDS)].map(({ runbook }): string => runbook);
    expect(slugs.filter((slug) => !pages.has(`${slug}.md`))).toEqual([]);
  });

  it('each alert has one, to which its runbook_url leads, and each one has its alert or class', () => {
    expect(
      alerts
        .map(({ alert, annotations }) => [`${alert}.md`, annotations?.['runbook_url']?.split('/').at(-1)])
        .filter(([file = '', linked]) => file !== linked || !pages.has(file)),
    ).toEqual([]);
    const known = new Set([...classes, ...alerts.map(({ alert }) => alert)].map((name) => `${name}.md`));
    expect(runbooks.filter((file) => !known.has(file))).toEqual([]);
  });

  it.each(alerts.filter(({ expr }) => expr.includes(THRESHOLD)))(
    'the words and the runbook of $alert name no threshold but its own',
    ({ alert, expr, annotations }) => {
      const told = `${annotations?.['description'] ?? ''}${page(`${alert}.md`)}`;
      expect(thresholdsIn(told).filter((name) => !thresholdsIn(expr).includes(name))).toEqual([]);
    },
  );

  it('the index leads to each', () => {
    const index = page('README.md');
    expect(runbooks.filter((file) => !index.includes(`](${file})`))).toEqual([]);
  });

  it.each(runbooks)('%s has the six sections and three looks, each in three products', (file) => {
    const text = page(file);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(SECTIONS);
    const looks = section(text, 'First three looks').split(/^### /m).slice(1);
    expect(looks.map((look) => look.slice(0, 2))).toEqual(['1.', '2.', '3.']);
    for (const look of looks) {
      expect([...look.matchAll(/^- (\w+): /gm)].map(([, product]) => product)).toEqual([
        'Jaeger',
        'Honeycomb',
        'Prometheus',
      ]);
    }
    for (const title of SECTIONS) {
      expect(section(text, title).length, title).toBeGreaterThan(title.length + 20);
    }
  });
});

describe('links', () => {
  it.each([...pages.keys()])('those of %s lead somewhere, to the heading too', (file) => {
    const links = [...page(file).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)/g)];
    const broken = links.filter(([, path = '', fragment]) => {
      const target = path === '' ? join(folder, file) : resolve(folder, path);
      if (!existsSync(target)) return true;
      if (fragment === undefined) return false;
      return !headings(readFileSync(target, 'utf8')).some((title) => anchor(title) === fragment);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

/** Attributes of resources and of OpenTelemetry itself, and Honeycomb's own columns. */
const STANDARD = new Set([
  'service.name',
  'service.version',
  'service.instance.id',
  'host.name',
  'deployment.environment.name',
]);
const HONEYCOMB = new Set(['name', 'duration_ms', 'library.name', 'body', 'severity_text']);
/** Names of call spans, and what they all begin with. */
const CALLS = new Set<string>(['anthropic', ...ROUTES.map(([, , name]) => name)]);
const RATE_LIMIT = new RegExp(
  `^anthropic\\.ratelimit\\.(?:[a-z_]+|<bucket>)\\.(?:${Object.keys(RATE_LIMIT_FIELDS).join('|')})$`,
);

/** Where spans have the attribute. */
function placesOf(name: string): readonly string[] | undefined {
  if (STANDARD.has(name) || HONEYCOMB.has(name)) return ['call', 'attempt'];
  if (RATE_LIMIT.test(name)) return ['attempt'];
  return Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name as keyof typeof ATTRIBUTES].on : undefined;
}

/** Whether one span can have all of the attributes. */
function areTogether(names: readonly string[]): boolean {
  return ['call', 'attempt'].some((place) => names.every((name) => placesOf(name)?.includes(place)));
}

const CLOSED_VALUES: Readonly<Record<string, (value: string) => boolean>> = {
  'error.type': (value) => CLOSED_ERROR_TYPES.has(value) || /^[45]\d\d$/.test(value),
  'anthropic.retry.reason': (value) => CLOSED_ERROR_TYPES.has(value),
  'anthropic.error.hint': (value) => HINTS.some(({ id }) => id === value),
  'anthropic.rate_limit.cause': (value) =>
    ATTRIBUTES['anthropic.rate_limit.cause'].brief.includes(`\`${value}\``),
  'http.response.status_code': (value) => /^[1-5]\d\d$/.test(value),
  'gen_ai.operation.name': (value) => value === 'chat',
};

function isPossible(name: string, value: string): boolean {
  const closed = CLOSED_VALUES[name];
  if (closed) return closed(value);
  const type = Object.hasOwn(ATTRIBUTES, name)
    ? ATTRIBUTES[name as keyof typeof ATTRIBUTES].type
    : RATE_LIMIT.test(name)
      ? 'int'
      : 'string';
  if (type === 'boolean') return value === 'true' || value === 'false';
  return type === 'int' ? /^\d+$/.test(value) : type === 'string' && value !== '';
}

const looksIn = (file: string, product: string): { query: string; line: string }[] =>
  [...section(page(file), 'First three looks').matchAll(/^- (\w+): ((?:.|\n(?=  ))+)/gm)]
    .filter(([, name]) => name === product)
    .flatMap(([, , line = '']) => codes(line.replaceAll(/\n\s+/g, ' ')).map((query) => ({ query, line })));

describe('searches in Jaeger', () => {
  it.each(runbooks)('those of %s can find a span', (file) => {
    const searches = looksIn(file, 'Jaeger').filter(({ query }) => query.includes('='));
    expect(searches.length).toBeGreaterThanOrEqual(3);
    const impossible = searches.filter(({ query }) => {
      const tags = query.split(' ').map((tag) => tag.split('=') as [string, string]);
      return (
        !areTogether(tags.map(([name]) => name)) || tags.some(([name, value]) => !isPossible(name, value))
      );
    });
    expect(impossible.map(({ query }) => query)).toEqual([]);
  });
});

interface HoneycombQuery {
  readonly columns: readonly string[];
  readonly values: readonly (readonly [column: string, value: string])[];
}

const HONEYCOMB_QUERY =
  /^VISUALIZE (?<visualize>[^`]+?)(?: WHERE (?<where>[^`]+?))?(?: GROUP BY (?<by>[^`]+))?$/;
const CALCULATION = /^(?:COUNT|(?:SUM|MIN|MAX|P50|P95|P99|HEATMAP)\((?<column>[\w.]+)\))$/;
const CONDITION =
  /^(?<column>[\w.]+) (?:(?<op>=|!=|>=|>|<|in|contains|starts-with) (?<value>.+)|exists|does-not-exist)$/;

/** `undefined` where it is not in the words of the query builder. */
function readHoneycomb(query: string): HoneycombQuery | undefined {
  const parts = HONEYCOMB_QUERY.exec(query)?.groups;
  if (!parts) return undefined;
  const calculations = (parts['visualize'] ?? '').split(', ').map((text) => CALCULATION.exec(text));
  const conditions = (parts['where']?.split(' AND ') ?? []).map((text) => CONDITION.exec(text));
  if (calculations.includes(null) || conditions.includes(null)) return undefined;
  const filtered = conditions.map((match) => match?.groups ?? {});
  return {
    columns: [
      ...calculations.map((match) => match?.groups?.['column']),
      ...filtered.map(({ column }) => column),
      ...(parts['by']?.split(', ') ?? []),
    ].filter((column) => column !== undefined),
    values: filtered
      .filter(({ op, value }) => value !== undefined && op !== 'contains' && op !== 'starts-with')
      .flatMap(({ column = '', value = '' }) => value.split(', ').map((one) => [column, one] as const)),
  };
}

describe('queries in Honeycomb', () => {
  it.each(runbooks)('those of %s ask for columns that one event can have', (file) => {
    const queries = looksIn(file, 'Honeycomb');
    expect(queries.length).toBe(3);
    for (const { query } of queries) {
      const read = readHoneycomb(query);
      expect(read, query).toBeDefined();
      expect(areTogether(read?.columns ?? []), query).toBe(true);
      expect(
        read?.values.filter(([column, value]) => !isPossible(column, value)),
        query,
      ).toEqual([]);
    }
  });
});

const snake = (name: string): string => name.replaceAll('.', '_');

/** The names under which Prometheus has a metric of the schema. */
function prometheusNames(name: string, { instrument, unit }: MetricSpec): string[] {
  const base = `${snake(name)}${unit === 's' ? '_seconds' : ''}`;
  if (instrument === 'histogram') return [`${base}_bucket`, `${base}_count`, `${base}_sum`];
  return [instrument === 'counter' ? `${base}_total` : base];
}

/** Labels that Prometheus or the Collector add. */
const TARGET = ['service_name', 'deployment_environment_name', 'job', 'instance', 'collector'];
/** What the Collector and Prometheus say of themselves, with their labels. */
const SELF = new Map<string, readonly string[]>([
  ['up', ['job', 'instance', 'collector']],
  ['target_info', ['job', 'instance']],
  ['otelcol_receiver_accepted_spans_total', ['collector', 'receiver', 'transport']],
  ['otelcol_exporter_sent_spans_total', ['collector', 'exporter']],
  ['otelcol_exporter_queue_size', ['collector', 'exporter']],
  ['otelcol_process_memory_rss_bytes', ['collector']],
  ['otelcol_processor_tail_sampling_sampling_traces_on_memory', ['collector']],
  ['traces_span_metrics_calls_total', []],
]);

const SERIES = new Map<string, readonly string[]>([
  ...SELF,
  ...Object.entries(METRICS).flatMap(([name, spec]) =>
    prometheusNames(name, spec).map(
      (series) => [series, [...TARGET, 'le', ...spec.attributes.map(snake)]] as const,
    ),
  ),
  ...[...recorded].map(
    ([name, sources]) => [name, sources.flatMap((rule) => labelsOf(rule, new Set()))] as const,
  ),
]);

/** The labels that a recorded series can have: its own, and those of its groups or of the recorded series that it reads. */
function labelsOf({ expr, labels = {} }: Rule, seen: Set<string>): string[] {
  return [...Object.keys(labels), ...labelsWithin(expr, seen)];
}

function labelsWithin(expr: string, seen: Set<string>): string[] {
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  if (grouped.length > 0) return grouped;
  return [...expr.matchAll(/anthropic:[\w:]+/g)]
    .map(([name]) => name)
    .filter((name) => !seen.has(name) && seen.add(name))
    .flatMap((name) => recorded.get(name) ?? [])
    .flatMap((rule) => labelsOf(rule, seen));
}

const FUNCTIONS = new Set([
  'sum',
  'min',
  'max',
  'count',
  'topk',
  'by',
  'or',
  'unless',
  'increase',
  'rate',
  'sum_over_time',
  'histogram_quantile',
]);

interface PromQuery {
  readonly series: readonly string[];
  readonly grouped: readonly string[];
  readonly matched: readonly (readonly [series: string, label: string, operator: string, value: string])[];
}

function readPromQl(query: string): PromQuery {
  const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
  const matched = [...query.matchAll(/([\w:]+)\{([^}]*)\}/g)].flatMap(([, series = '', matchers = '']) =>
    [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(
      ([, label = '', operator = '', value = '']) => [series, label, operator, value] as const,
    ),
  );
  const bare = query
    .replace(/\bby \([^)]*\)/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\boffset \w+/g, '');
  const series = [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)]
    .map(([word]) => word)
    .filter((word) => !FUNCTIONS.has(word));
  return { series, grouped, matched };
}

/** Values of a label that the recording rules set themselves. */
const setByRules = (label: string): Set<string | undefined> =>
  new Set(rules.map(({ record, labels }) => (record === undefined ? undefined : labels?.[label])));

const PROMETHEUS_VALUES: Readonly<Record<string, (value: string) => boolean>> = {
  class: (value) => setByRules('class').has(value),
  reason: (value) => setByRules('reason').has(value),
  gen_ai_token_type: (value) => ['input', 'output'].includes(value),
  anthropic_cache_operation: (value) => ['read', 'write'].includes(value),
  ...Object.fromEntries(Object.entries(CLOSED_VALUES).map(([name, check]) => [snake(name), check])),
};

const isSeries = (word: string): boolean => SERIES.has(word);
const isPromQl = (code: string): boolean => /[({]|^[a-z]+(?::[\w]+)+$|^otelcol_/.test(code);

describe('queries in Prometheus', () => {
  it.each(runbooks)('those of %s read series and labels that exist', (file) => {
    const looks = looksIn(file, 'Prometheus').filter(({ query }) => isPromQl(query));
    expect(looks.length).toBeGreaterThanOrEqual(3);
    for (const { query } of looks) {
      const { series, grouped, matched } = readPromQl(query);
      expect(series, query).not.toEqual([]);
      expect(
        series.filter((name) => !SERIES.has(name)),
        query,
      ).toEqual([]);
      expect(
        grouped.filter((label) => !series.some((name) => SERIES.get(name)?.includes(label))),
        query,
      ).toEqual([]);
      expect(
        matched.filter(([name, label]) => !SERIES.get(name)?.includes(label)),
        query,
      ).toEqual([]);
      expect(
        matched.filter(
          ([, label, operator, value]) =>
            value !== '' &&
            value
              .split(operator.endsWith('~') ? '|' : '\n')
              .some((one) => PROMETHEUS_VALUES[label]?.(one.replaceAll('.', '0')) === false),
        ),
        query,
      ).toEqual([]);
      expect(query.split('(').length, query).toBe(query.split(')').length);
    }
  });
});

function isOfSchema(word: string): boolean {
  const name = word.replace(/\.$/, '');
  const isTold = Object.hasOwn(METRICS, name) || Object.hasOwn(EVENTS, name) || CALLS.has(name);
  return isTold || placesOf(name) !== undefined;
}

describe('words of the code', () => {
  const every = [...pages].flatMap(([file, text]) => codes(text).map((code) => ({ file, code })));
  const unknown = (isKnown: (code: string) => boolean, pattern: RegExp): string[] =>
    every
      .flatMap(({ file, code }) => [...code.matchAll(pattern)].map(([word]) => ({ file, word })))
      .filter(({ word }) => !isKnown(word))
      .map(({ file, word }) => `${file}: ${word}`);

  it('attributes and metrics are those of the schema', () => {
    expect(unknown(isOfSchema, /(?<![\w@/.-])(?:anthropic|gen_ai|http|url|server|error)\.[\w.<>]+/g)).toEqual(
      [],
    );
  });

  it('series are those that Prometheus has', () => {
    expect(unknown(isSeries, /(?<![\w:])anthropic:[\w:]+/g)).toEqual([]);
    expect(unknown(isSeries, /(?<![\w:])(?:anthropic|gen_ai|http)_client_\w+|\botelcol_\w+/g)).toEqual([]);
  });

  it('commands are those of the command line, with their options', () => {
    const texts = [...pages.values()].flatMap((text) => [
      ...text.matchAll(new RegExp(`npx ${PACKAGE_NAME} ([^\`\n]+)`, 'g')),
    ]);
    expect(texts.length).toBeGreaterThan(runbooks.length);
    const wrong = texts.filter(([, line = '']) => {
      const [name = '', ...args] = line.split(' ');
      const command = COMMANDS.find((one) => one.name === name);
      const known = [command?.synopsis ?? '', ...(command?.options ?? []).map(([option]) => option)].join(
        ' ',
      );
      return !command || args.some((arg) => arg.startsWith('--') && !known.includes(arg));
    });
    expect(wrong.map(([line]) => line)).toEqual([]);
  });

  it('options and variables of our own are those of the table', () => {
    const variables = new Set<string>(Object.values(OPTIONS).map(({ env }) => env));
    expect(unknown((word) => variables.has(word), /\bOTEL_ANTHROPIC_\w+/g)).toEqual([]);
    const collector = readFileSync(join(root, 'collector/config/base.yaml'), 'utf8');
    expect(unknown((word) => collector.includes(`env:${word}:`), /\bCOLLECTOR_\w+/g)).toEqual([]);
  });

  it('what the instrumentation says on stderr is quoted as it is', () => {
    const preload = readdirSync(join(root, 'src/preload'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts'),
    );
    const sources = ['sdk/patch.ts', 'sdk/uninstrumented.ts', ...preload.map((file) => `preload/${file}`)]
      .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
      .join('\n');
    const table = section(page('telemetry-absent.md'), 'First three looks');
    const lines = [...table.matchAll(/^\| (`[^|]+`) +\|/gm)]
      .flatMap(([, cell = '']) => codes(cell))
      .map((line) => line.replaceAll(/^… | ?…$/g, ''));
    expect(lines.length).toBe(5);
    expect(lines.filter((line) => !sources.includes(line))).toEqual([]);
  });

  it.each(classes)('hints that the table of %s names are those of the code', (name) => {
    const hints = [
      ...section(page(`${name}.md`), 'Fix').matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+) +\|/gm),
    ].flatMap(([, cell = '']) => codes(cell));
    const known = new Set<string>([
      ...HINTS.map(({ id }) => id),
      ...CLOSED_ERROR_TYPES,
      ...codes(ATTRIBUTES['anthropic.rate_limit.cause'].brief),
    ]);
    expect(hints.filter((hint) => !known.has(hint))).toEqual([]);
  });
});

/** The number of a threshold. */
const valueOf = (record: string): number =>
  Number(/^vector\((.+)\)$/.exec(recorded.get(record)?.[0]?.expr ?? '')?.[1]);

describe('numbers of the alerts', () => {
  it.each(alerts.map((rule) => [rule.alert, rule] as const))(
    '%s tells its thresholds as they are',
    (name, rule) => {
      const meaning = section(page(`${name}.md`), 'What it means');
      const thresholds = [...new Set(rule.expr.match(/anthropic:threshold:\w+/g))];
      const told = thresholds.flatMap((threshold) => {
        if (/_ratio$|error_budget$/.test(threshold)) {
          return [`${Math.round(valueOf(threshold) * 1000) / 10} %`];
        }
        if (threshold.endsWith('_seconds')) return [`${valueOf(threshold)} s`];
        return threshold.endsWith('auth_failing_count') ? [`${valueOf(threshold)} calls`] : [];
      });
      expect(told.filter((number) => !meaning.includes(number))).toEqual([]);
      const minutes = /^For (\d+) minutes/.exec(meaning.replace(/^.*\n\n/, ''))?.[1];
      if (minutes !== undefined) expect(`${minutes}m`).toBe(rule.for);
    },
  );
});

const RETRY = new Map<boolean | null | undefined, string>([
  [true, 'A retry can help.'],
  [false, 'No retry helps.'],
]);

/** Told where every condition of the row comes to the same. */
function retryText(row: HintRow): string {
  const conditions: readonly Condition[] = row.match;
  if (conditions.some(({ kind, retryable }) => kind !== undefined || retryable !== undefined)) return '';
  return RETRY.get(row.retryable === undefined && row.kind ? KINDS[row.kind].retryable : row.retryable) ?? '';
}

function hintsPage(): Promise<string> {
  const named = classes.filter((name) => HINTS.some(({ runbook }) => runbook === name));
  const parts = named.map((name) => {
    const rows: readonly HintRow[] = HINTS.filter(({ runbook }) => runbook === name);
    const entries = rows
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((row) =>
        [
          `### \`${row.id}\``,
          `${row.meaning} ${retryText(row)}`.trim(),
          `- Check: ${row.check}\n- Fix: ${row.fix}`,
        ].join('\n\n'),
      );
    return [`## ${name}`, `Runbook: [${name}](${name}.md)`, ...entries].join('\n\n');
  });
  const head =
    '# Hints\n\nThe values of `anthropic.error.hint` on the span of a failed call, by runbook: what happened, what to check first,\nwhat to do. The closed table of the code, word for word; made by `npx vitest run test/unit/runbooks.test.ts -u`.';
  return format([head, ...parts].join('\n\n').replaceAll(/(?<=[A-Za-z])\*/g, '\\*'), {
    parser: 'markdown',
    singleQuote: true,
    printWidth: 110,
  });
}

it('the page of hints is the code’s table', async () => {
  await expect(await hintsPage()).toMatchFileSnapshot(join(folder, HINTS_PAGE));
});

it('no runbook names a person, a machine or a key', () => {
  const text = [...pages.values()].map(proseOf).join('\n');
  expect(text.match(/sk-ant-|\/(?:home|root|tmp|work)\//g)).toBeNull();
});
