import type { KindName, ValueOf } from './kinds.ts';

/** One option: everything that there is to know about it. */
type OptionRow = {
  [K in KindName]: {
    readonly kind: K;
    readonly default: ValueOf<K>;
    /** The default under the preload, where it differs. */
    readonly preloadDefault?: ValueOf<K>;
    readonly env: string;
    readonly unit?: string;
    readonly meaning: string;
    /** `preload`: read from the environment alone, by the preload. */
    readonly where: 'everywhere' | 'preload';
  };
}[KindName];

/** Every option, in the order in which they are documented. */
export const OPTIONS = {
  enabled: {
    kind: 'boolean',
    default: true,
    env: 'OTEL_ANTHROPIC_ENABLED',
    meaning: 'Instrument the SDK. The variable is read by the preload; without it nothing is loaded.',
    where: 'preload',
  },
  captureMessageContent: {
    kind: 'contentMode',
    default: false,
    env: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    meaning: 'Record prompts and answers on the call span. They pass the redaction, and are cut to size.',
    where: 'everywhere',
  },
  maxContentLength: {
    kind: 'count',
    default: 32_768,
    env: 'OTEL_ANTHROPIC_MAX_CONTENT_LENGTH',
    unit: 'characters',
    meaning: 'The longest content attribute; what is longer is cut.',
    where: 'everywhere',
  },
  propagateContext: {
    kind: 'boolean',
    default: false,
    env: 'OTEL_ANTHROPIC_PROPAGATE_CONTEXT',
    meaning:
      'Send the trace context (`traceparent`) with requests whose span is made here. Off, because the API is ' +
      'not part of your trace, and nothing is put on the wire that the SDK alone would not send. Requests ' +
      'whose span the SDK makes itself follow the SDK’s own setting.',
    where: 'everywhere',
  },
  redact: {
    kind: 'redact',
    default: {},
    env: 'OTEL_ANTHROPIC_REDACT_PATTERNS',
    meaning:
      'More patterns that are secrets, and what stands in their place, beside the built-in rules. The ' +
      'variable takes the patterns, as a JSON array of regular expressions.',
    where: 'everywhere',
  },
  stalledStreamAfter: {
    kind: 'duration',
    default: 30,
    env: 'OTEL_ANTHROPIC_STALLED_STREAM_AFTER',
    unit: 'seconds',
    meaning: 'A stream without an event for this long is flagged as stalled, while it hangs.',
    where: 'everywhere',
  },
  longWaitAfter: {
    kind: 'duration',
    default: 60,
    env: 'OTEL_ANTHROPIC_LONG_WAIT_AFTER',
    unit: 'seconds',
    meaning: 'A wait before a retry that is longer than this is flagged when it begins.',
    where: 'everywhere',
  },
  logFailures: {
    kind: 'boolean',
    default: false,
    preloadDefault: true,
    env: 'OTEL_ANTHROPIC_LOG_FAILURES',
    meaning: 'Emit one log record for every call that failed for good.',
    where: 'everywhere',
  },
  flushTimeout: {
    kind: 'duration',
    default: 2_000,
    env: 'OTEL_ANTHROPIC_FLUSH_TIMEOUT',
    unit: 'milliseconds',
    meaning: 'The longest that the end of the process is held up to send what is left.',
    where: 'preload',
  },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof OPTIONS;

/** The options that the preload alone has. */
export type PreloadOptionName = {
  [N in OptionName]: (typeof OPTIONS)[N]['where'] extends 'preload' ? N : never;
}[OptionName];

/** The value of every option. */
export type OptionValues = { readonly [N in OptionName]: ValueOf<(typeof OPTIONS)[N]['kind']> };

/** One row of the options' documentation. */
export interface OptionDocumentation {
  readonly name: string;
  readonly allowed: string;
  readonly default: string;
  readonly variable: string;
  readonly meaning: string;
  readonly where: 'everywhere' | 'preload';
}
