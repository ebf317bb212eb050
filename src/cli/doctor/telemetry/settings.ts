type Environment = Readonly<Record<string, string | undefined>>;

export type Protocol = 'grpc' | 'http/json' | 'http/protobuf';

export const DEFAULT_PROTOCOL: Protocol = 'http/protobuf';
const PROTOCOLS: readonly string[] = ['grpc', 'http/json', 'http/protobuf'] satisfies Protocol[];

/** A setting with the variable that it comes from; no variable where it is the default. */
export interface Setting {
  readonly value: string | undefined;
  readonly variable: string | undefined;
}

/** A setting of the traces: their own variable, else the one for all signals. */
export function traceSetting(name: 'ENDPOINT' | 'PROTOCOL' | 'HEADERS', env: Environment): Setting {
  for (const variable of [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`]) {
    const value = env[variable]?.trim();
    if (value) return { value, variable };
  }
  return { value: undefined, variable: undefined };
}

/** The protocol that is used; a name that is none of them counts as the default. */
export function protocolOf(env: Environment): Protocol {
  const { value } = traceSetting('PROTOCOL', env);
  return value !== undefined && PROTOCOLS.includes(value) ? (value as Protocol) : DEFAULT_PROTOCOL;
}

export function isKnownProtocol(text: string): boolean {
  return PROTOCOLS.includes(text);
}

/** Names of the standard variables that are set, in order. */
export function variablesSet(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('OTEL_') && (env[name] ?? '').trim() !== '')
    .sort();
}

/**
 * What is wrong with a list of headers: each is `name=value`, percent-encoded, with commas between. Never the
 * value itself.
 */
export function headerFaults(text: string): readonly string[] {
  return text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .flatMap((pair, index) => {
      const at = `entry ${index + 1}`;
      const equals = pair.indexOf('=');
      const colon = pair.indexOf(':');
      if (equals <= 0 || (colon > 0 && colon < equals)) return [`${at} is not name=value`];
      if (/^["']|["']$/.test(pair)) return [`${at} has quotation marks around it`];
      return /[\r\n]/.test(pair) ? [`${at} has a line break in it`] : [];
    });
}
