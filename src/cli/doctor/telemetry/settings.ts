import type { Environment } from '../../../config.ts';
import { DEFAULT_PROTOCOL, isProtocol, type Protocol } from '../../../preload/otlp/protocol.ts';
import { otlpSetting } from '../../../preload/otlp/setting.ts';

/** The protocol that is used; a name that is none of them counts as the default. */
export function protocolOf(env: Environment): Protocol {
  const { value } = otlpSetting('traces', 'PROTOCOL', env);
  return isProtocol(value) ? value : DEFAULT_PROTOCOL;
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
