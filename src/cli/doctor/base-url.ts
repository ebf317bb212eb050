import type { Environment } from '../../config.ts';
import { webUrl } from '../../server.ts';
import type { DoctorOptions } from './options.ts';

/** The SDK's own, where nothing else is said. */
const DEFAULT_BASE_URL = 'https://api.anthropic.com';

export interface BaseUrl {
  /** As it was given; may hold credentials. */
  readonly text: string;
  /** Absent where the text is not an http or https URL. */
  readonly url: URL | undefined;
  readonly source: '--base-url' | 'ANTHROPIC_BASE_URL' | 'default';
}

/** The address of the API, as the SDK of the working folder would have it. */
export function baseUrlOf({ baseUrl }: DoctorOptions, env: Environment): BaseUrl {
  const fromEnv = env['ANTHROPIC_BASE_URL']?.trim();
  if (baseUrl !== undefined) return { ...parse(baseUrl), source: '--base-url' };
  if (fromEnv) return { ...parse(fromEnv), source: 'ANTHROPIC_BASE_URL' };
  return { ...parse(DEFAULT_BASE_URL), source: 'default' };
}

function parse(text: string): Pick<BaseUrl, 'text' | 'url'> {
  return { text, url: webUrl(text) };
}

/** Whether it is the API itself that answers there, and not a gateway with keys of its own. */
export function isAnthropic({ url }: BaseUrl): boolean {
  return url !== undefined && /(?:^|\.)(?:anthropic|claude)\.com$/.test(url.hostname);
}
