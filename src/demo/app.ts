/**
 * The demo application: an ordinary program that calls the Claude API and knows nothing of OpenTelemetry.
 * It takes the SDK from the folder that it is started in, and the API's address and key from
 * `ANTHROPIC_BASE_URL` and `ANTHROPIC_API_KEY`.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type AnthropicClass from '@anthropic-ai/sdk';
import { SCENARIOS } from './scenarios.ts';

const SDK = '@anthropic-ai/sdk';

/** The SDK of the user's folder, or `undefined` where there is none. */
function loadSdk(folder: string): typeof AnthropicClass | undefined {
  const require = createRequire(join(folder, 'package.json'));
  try {
    return (require(SDK) as { default: typeof AnthropicClass }).default;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND' && message.includes(`'${SDK}'`)) return undefined;
    throw error;
  }
}

const Anthropic = loadSdk(process.cwd());
if (Anthropic) {
  const client = new Anthropic();
  for (const { title, run } of SCENARIOS) {
    console.log(title);
    // Most of these calls are meant to fail; their traces tell how.
    await run(client).catch(() => undefined);
  }
} else {
  console.error(`The demo needs the Anthropic SDK, which is not in ${process.cwd()}: npm install ${SDK}`);
  process.exitCode = 1;
}
