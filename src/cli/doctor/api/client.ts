import { createRequire } from 'node:module';
import { join } from 'node:path';
import type AnthropicClass from '@anthropic-ai/sdk';
import { SDK_PACKAGE } from '../../../sdk/patch-points.ts';

export type AnthropicModule = { readonly default: typeof AnthropicClass };

export type Loaded =
  | { readonly kind: 'loaded'; readonly module: AnthropicModule }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly error: unknown };

/** The SDK that a program in `folder` would load. */
export function loadSdk(folder: string): Loaded {
  const require = createRequire(join(folder, 'package.json'));
  try {
    require.resolve(SDK_PACKAGE);
  } catch {
    return { kind: 'absent' };
  }
  try {
    const module = require(SDK_PACKAGE) as AnthropicModule;
    if (typeof module.default !== 'function') throw new TypeError('the SDK exports no client class');
    return { kind: 'loaded', module };
  } catch (error) {
    return { kind: 'broken', error };
  }
}
