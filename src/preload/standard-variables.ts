import type { Environment } from '../config.ts';
import { SIGNALS, type Signal } from './otlp/destination.ts';
import { FILE_SETTINGS, isReadable, otlpSetting } from './otlp/setting.ts';
import { say } from '../say.ts';
import { webUrl } from '../server.ts';

/** What the OpenTelemetry SDK passes over in silence where it cannot use it. */
interface Row {
  readonly variables: readonly string[];
  readonly allowed: string;
  readonly accepts: (text: string) => boolean;
  /** What becomes of a text that is not accepted; it is ignored otherwise. */
  readonly consequence?: string;
}

const oneOf = (...words: readonly string[]): Pick<Row, 'allowed' | 'accepts'> => ({
  allowed: words.join(', '),
  accepts: (text) => words.includes(text),
});

/** As {@link oneOf}, in any case. */
const oneOfAnyCase = (...words: readonly string[]): Pick<Row, 'allowed' | 'accepts'> => ({
  allowed: words.join(', '),
  accepts: (text) => words.includes(text.toLowerCase()),
});

const listOf = (...words: readonly string[]): Pick<Row, 'allowed' | 'accepts'> => ({
  allowed: `a list, with commas, of ${words.join(', ')}`,
  accepts: (text) => text.split(',').every((word) => word.trim() === '' || words.includes(word.trim())),
});

const numberWhere = (allowed: string, holds: (value: number) => boolean) => ({
  allowed,
  accepts: (text: string) => holds(Number(text)),
});

/** A text that percent-encoding can be taken from. */
function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const LONGEST_RESOURCE_TEXT = 255;
const isShort = (text: string): boolean => decodeURIComponent(text.trim()).length <= LONGEST_RESOURCE_TEXT;

/** A list, with commas, of a name, an equals sign and a value. */
const pairsWhere = (encoded: string, isPair: (name: string, value: string) => boolean, more = '') => ({
  allowed: `a list, with commas, of name=value, in whose values ${encoded} are percent-encoded${more}`,
  accepts: (text: string) =>
    text.split(',').every((pair) => {
      const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(pair.trim()) ?? [];
      return pair.trim() === '' || (name !== '' && isEncoded(pair) && isPair(name, value));
    }),
});

const ofEachSignal = (name: string): readonly string[] => [
  `OTEL_EXPORTER_OTLP_${name}`,
  ...Object.values(SIGNALS).map(({ variable }) => `OTEL_EXPORTER_OTLP_${variable}_${name}`),
];

const batch = (prefix: string): readonly string[] =>
  ['SCHEDULE_DELAY', 'EXPORT_TIMEOUT', 'MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE'].map(
    (name) => `OTEL_${prefix}_${name}`,
  );

const LIMITED = ['ATTRIBUTE', 'SPAN_ATTRIBUTE', 'LOGRECORD_ATTRIBUTE'];

const ROWS: readonly Row[] = [
  { variables: ['OTEL_SDK_DISABLED'], ...oneOfAnyCase('true', 'false') },
  {
    variables: ['OTEL_TRACES_SAMPLER'],
    ...oneOf(
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ),
  },
  {
    variables: ['OTEL_TRACES_SAMPLER_ARG'],
    ...numberWhere('a number from 0 to 1', (value) => value >= 0 && value <= 1),
  },
  {
    variables: ['OTEL_PROPAGATORS'],
    ...listOf('tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'none'),
  },
  {
    variables: ['OTEL_NODE_RESOURCE_DETECTORS'],
    ...listOf('all', 'env', 'host', 'os', 'process', 'serviceinstance', 'none'),
    consequence: 'of which only the words that are known are used',
  },
  {
    variables: ['OTEL_LOG_LEVEL'],
    ...oneOfAnyCase('none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'),
    consequence: 'so that info is used',
  },
  // One pair that cannot be read costs all of them.
  {
    variables: ['OTEL_RESOURCE_ATTRIBUTES'],
    ...pairsWhere(
      'commas, equals signs and percent signs',
      (name, value) => !value.includes('=') && isShort(name) && isShort(value),
      `, each of at most ${LONGEST_RESOURCE_TEXT} characters`,
    ),
  },
  // What follows a semicolon is cut off.
  {
    variables: ofEachSignal('HEADERS'),
    ...pairsWhere(
      'commas, semicolons and percent signs',
      (name, value) => value !== '' && !/;./s.test(name + value),
    ),
    consequence: 'of which only the pairs that can be read are used',
  },
  {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'],
    ...oneOfAnyCase('cumulative', 'delta', 'lowmemory'),
  },
  {
    variables: [
      ...LIMITED.map((what) => `OTEL_${what}_COUNT_LIMIT`),
      'OTEL_SPAN_EVENT_COUNT_LIMIT',
      'OTEL_SPAN_LINK_COUNT_LIMIT',
    ],
    ...numberWhere('a number, 0 or more', (value) => value >= 0),
    consequence: 'which is ignored, or leaves nothing where it is below 0',
  },
  {
    variables: LIMITED.map((what) => `OTEL_${what}_VALUE_LENGTH_LIMIT`),
    ...numberWhere('a number above 0', (value) => value > 0),
  },
  { variables: ofEachSignal('COMPRESSION'), ...oneOf('gzip', 'none') },
  {
    variables: FILE_SETTINGS.flatMap(ofEachSignal),
    allowed: 'the path of a file that can be read',
    accepts: isReadable,
  },
  {
    variables: [
      ...ofEachSignal('TIMEOUT'),
      ...batch('BSP'),
      ...batch('BLRP'),
      'OTEL_METRIC_EXPORT_INTERVAL',
      'OTEL_METRIC_EXPORT_TIMEOUT',
    ],
    ...numberWhere('a number above 0', (value) => value > 0),
  },
];

/** Tells of each standard variable whose text cannot be used, in one line: never the text, which may be a secret. */
export function sayWrongValues(env: Environment): void {
  for (const { variables, allowed, accepts, consequence = 'which is ignored' } of ROWS) {
    for (const variable of variables) {
      const text = env[variable]?.trim();
      if (text && !accepts(text)) {
        say(`${variable} has a text that cannot be used, ${consequence}; expected ${allowed}`);
      }
    }
  }
}

/**
 * Tells of a configuration in a file. What OpenTelemetry makes of one exports without a redaction gate, and without the
 * flush at the end of the process.
 */
export function sayUnreadFile(env: Environment): void {
  if (!env['OTEL_CONFIG_FILE']?.trim()) return;
  say(
    'OTEL_CONFIG_FILE is not read by the preload, which goes by the other OTEL_ variables. To use the file, call ' +
      "startNodeSDK() of @opentelemetry/sdk-node before the application's first call: the preload records into that SDK",
  );
}

/** Tells of an endpoint that nothing can be sent to over HTTP, such as `collector:4318`. */
export function sayWrongEndpoint(signal: Signal, env: Environment): void {
  const { value, variable } = otlpSetting(signal, 'ENDPOINT', env);
  if (value !== undefined && !webUrl(value)) {
    say(`${variable} is no URL that begins with http:// or https://, so nothing is sent there`);
  }
}
