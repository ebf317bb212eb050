import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import { ignored, typeName, unknownNames } from './config/ignored.ts';
import { KINDS } from './config/kinds.ts';
import { OPTIONS, type OptionDocumentation, type OptionName, type OptionValues } from './config/options.ts';
import { warn as warnPeople } from './say.ts';

export type { RedactOptions } from './redaction/index.ts';
export type { OptionDocumentation, OptionValues } from './config/options.ts';

/**
 * Options of `AnthropicInstrumentation`. An option given here wins over its environment variable, and the variable
 * over the default. `optionsTable()` lists them all.
 */
export interface AnthropicInstrumentationConfig extends InstrumentationConfig {
  /** Record prompts and answers on the call span, redacted and cut to size. Default: false. */
  readonly captureMessageContent?: OptionValues['captureMessageContent'];
  /** The longest content attribute; longer ones are cut. Default: 32768 (characters). */
  readonly maxContentLength?: OptionValues['maxContentLength'];
  /**
   * Send the trace context (`traceparent`) with the requests of call spans that are ours. Where the SDK makes
   * the call span, its own setting decides, which is on by default (`ANTHROPIC_OPEN_TELEMETRY_PROPAGATION`).
   * Default: false.
   */
  readonly propagateContext?: OptionValues['propagateContext'];
  /**
   * Patterns to redact in addition to the built-in rules (a string is taken literally), and the text that
   * replaces a secret. The variable takes the patterns alone, as a JSON array of regular expressions. Default: {}.
   */
  readonly redact?: OptionValues['redact'];
  /** A stream that has no event for this long is flagged as stalled while it hangs. Default: 30 (seconds). */
  readonly stalledStreamAfter?: OptionValues['stalledStreamAfter'];
  /**
   * A wait before a retry that is longer than this is flagged as soon as it begins. Default: 60 (seconds).
   */
  readonly longWaitAfter?: OptionValues['longWaitAfter'];
  /** Emit one log record for each call that failed for good. Default: false; true in the preload. */
  readonly logFailures?: OptionValues['logFailures'];
}

/** Every option, settled. Frozen. */
export type ResolvedConfig = OptionValues;

/** The environment variables that are read: `process.env`, or what stands for it. */
export type Environment = Readonly<Record<string, string | undefined>>;
type Warn = (line: string) => void;

/** The options that OpenTelemetry's base class has too, so that they may be given in code. */
const BASE_OPTIONS: ReadonlySet<string> = new Set(['enabled'] satisfies (keyof InstrumentationConfig)[]);

const NAMES = Object.keys(OPTIONS) as readonly OptionName[];
const VARIABLES: readonly string[] = NAMES.map((name) => OPTIONS[name].env);
/** What the names of variables begin with that are of no one else. */
const OWN_PREFIX = 'OTEL_ANTHROPIC_';
const OWN_VARIABLE = new RegExp(`^${OWN_PREFIX}\\w+$`);
const NAMES_IN_CODE = NAMES.filter((name) => !isPreloadOnly(name));

/**
 * Settles the options: what is given in code, then the environment, then the default. What cannot be used is passed
 * over and reported in one line each: the option or variable, the type of what it has (never the value, which may be a
 * secret), and what is allowed. Of a list, only the wrong entries are passed over.
 * Never throws.
 *
 * @param given what the user passed to the constructor, of any type.
 * @param place `preload` when the preload asks: it has options and defaults of its own.
 */
export function resolveConfig(
  given: unknown,
  env: Environment = process.env,
  warn: Warn = warnPeople,
  place: 'code' | 'preload' = 'code',
): ResolvedConfig {
  const options = asOptions(given, warn);
  if (place === 'preload') warnOfUnknown(env, warn);
  const resolved = Object.fromEntries(
    NAMES.map((name) => [
      name,
      fromCode(name, options, warn) ?? fromEnvironment(name, env, warn, place) ?? defaultOf(name, place),
    ]),
  );
  return Object.freeze(resolved) as ResolvedConfig;
}

/** The options' documentation, one row each, in order. */
export function optionsTable(): readonly OptionDocumentation[] {
  return NAMES.map((name) => {
    const row = OPTIONS[name];
    const preloadDefault = 'preloadDefault' in row ? `; ${row.preloadDefault} in the preload` : '';
    const unit = 'unit' in row ? ` (${row.unit})` : '';
    return {
      name,
      allowed: KINDS[row.kind].allowed,
      default: `${JSON.stringify(row.default)}${unit}${preloadDefault}`,
      variable: row.env,
      meaning: row.meaning,
      where: row.where,
    };
  });
}

function asOptions(given: unknown, warn: Warn): Readonly<Record<string, unknown>> {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    warn(`options must be an object, not ${typeName(given)}: the defaults are used`);
    return {};
  }
  const options = readProperties(given);
  if (!options) {
    warn('options cannot be read: the defaults are used');
    return {};
  }
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown.length > 0) {
    warn(`${unknownNames('option', unknown)}; the options are ${NAMES_IN_CODE.join(', ')}`);
  }
  return options;
}

/** A misspelt variable would do nothing, in silence: the preload has no other source. */
function warnOfUnknown(env: Environment, warn: Warn): void {
  const unknown = Object.keys(env).filter((name) => OWN_VARIABLE.test(name) && !VARIABLES.includes(name));
  if (unknown.length === 0) return;
  // Without the prefix, which would hide where a secret begins.
  const rests = unknown.map((name) => name.slice(OWN_PREFIX.length));
  const told = unknownNames('variable', rests, (rest) => OWN_PREFIX + rest);
  warn(`${told}; the variables are ${VARIABLES.join(', ')}`);
}

/** `undefined` where a property throws when it is read. */
function readProperties(given: object): Readonly<Record<string, unknown>> | undefined {
  try {
    return { ...given };
  } catch {
    return undefined;
  }
}

function isPreloadOnly(name: OptionName): boolean {
  return OPTIONS[name].where === 'preload' && !BASE_OPTIONS.has(name);
}

function fromCode(name: OptionName, options: Readonly<Record<string, unknown>>, warn: Warn): unknown {
  const value = options[name];
  if (value === undefined) return undefined;
  const row = OPTIONS[name];
  if (isPreloadOnly(name)) {
    warn(`option ${name} is the preload's, which reads it from ${row.env}`);
    return undefined;
  }
  const kind = KINDS[row.kind];
  let isTold = false;
  const tell = (fault: string): void => {
    isTold = true;
    warn(`option ${name}${fault}`);
  };
  const usable = kind.usable ? kind.usable(value, tell) : value;
  if (kind.accepts(usable)) return usable;
  if (!isTold) warn(`option ${ignored(name, value, kind.allowed)}`);
  return undefined;
}

function fromEnvironment(name: OptionName, env: Environment, warn: Warn, place: 'code' | 'preload'): unknown {
  const row = OPTIONS[name];
  const text = env[row.env];
  if (text === undefined || text.trim() === '' || (row.where === 'preload' && place === 'code')) {
    return undefined;
  }
  const kind = KINDS[row.kind];
  const value = kind.read(text, (fault) => warn(`${row.env}${fault}`));
  if (kind.accepts(value)) return value;
  warn(`${row.env} has a text that cannot be used, which is ignored; expected ${kind.allowed}`);
  return undefined;
}

function defaultOf(name: OptionName, place: 'code' | 'preload'): unknown {
  const row = OPTIONS[name];
  return place === 'preload' && 'preloadDefault' in row ? row.preloadDefault : row.default;
}
