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
    meaning: 'Instrument the SDK. If false, the preload loads nothing.',
    where: 'preload',
  },
  captureMessageContent: {
    kind: 'contentMode',
    default: false,
    env: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    meaning: 'Record prompts and answers on the call span, redacted and cut to size.',
    where: 'everywhere',
  },
  maxContentLength: {
    kind: 'count',
    default: 32_768,
    env: 'OTEL_ANTHROPIC_MAX_CONTENT_LENGTH',
    unit: 'characters',
    meaning: 'The longest content attribute; longer ones are cut.',
    where: 'everywhere',
  },
  propagateContext: {
    kind: 'boolean',
    default: false,
    env: 'OTEL_ANTHROPIC_PROPAGATE_CONTEXT',
    meaning:
      'Send the trace context (`traceparent`) with the requests of call spans that are ours. Where the SDK makes ' +
      'the call span, its own setting decides, which is on by default (`ANTHROPIC_OPEN_TELEMETRY_PROPAGATION`).',
    where: 'everywhere',
  },
  redact: {
    kind: 'redact',
    default: {},
    env: 'OTEL_ANTHROPIC_REDACT_PATTERNS',
    meaning:
      'Patterns to redact in addition to the built-in rules (a string is taken literally), and the text that ' +
      'replaces a secret. The variable takes the patterns alone, as a JSON array of regular expressions.',
    where: 'everywhere',
  },
  stalledStreamAfter: {
    kind: 'duration',
    default: 30,
    env: 'OTEL_ANTHROPIC_STALLED_STREAM_AFTER',
    unit: 'seconds',
    meaning: 'A stream that has no event for this long is flagged as stalled while it hangs.',
    where: 'everywhere',
  },
  longWaitAfter: {
    kind: 'duration',
    default: 60,
    env: 'OTEL_ANTHROPIC_LONG_WAIT_AFTER',
    unit: 'seconds',
    meaning: 'A wait before a retry that is longer than this is flagged as soon as it begins.',
    where: 'everywhere',
  },
  logFailures: {
    kind: 'boolean',
    default: false,
    preloadDefault: true,
    env: 'OTEL_ANTHROPIC_LOG_FAILURES',
    meaning: 'Emit one log record for each call that failed for good.',
    where: 'everywhere',
  },
  flushTimeout: {
    kind: 'duration',
    default: 2_000,
    env: 'OTEL_ANTHROPIC_FLUSH_TIMEOUT',
    unit: 'milliseconds',
    meaning: 'How long the end of the process may be held up, at most, to send what is left.',
    where: 'preload',
  },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof OPTIONS;

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
