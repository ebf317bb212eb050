import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startFakeApi } from '../../src/demo/fake-api/index.ts';
import { startTestReceiver } from '../support/otlp.ts';
import { runScript } from '../support/run.ts';

/** Two calls through the copy of the SDK that `specifier` names, after `first`. */
function twoCalls(specifier: string, first: string): string {
  return `
import Anthropic from ${JSON.stringify(specifier)};
${first}
const client = new Anthropic({ apiKey: 'no-key-needed' });
const request = { model: 'claude-haiku-4-5', max_tokens: 8, messages: [{ role: 'user', content: 'x' }] };
await client.messages.create(request);
await client.messages.create(request);
`;
}

async function run(specifier: string, first = ''): Promise<string> {
  const [api, receiver] = await Promise.all([startFakeApi(), startTestReceiver()]);
  try {
    const { code, stderr } = await runScript({
      script: twoCalls(specifier, first),
      sdk: '0.60.0',
      build: 'esm',
      preload: 'import',
      env: { ANTHROPIC_BASE_URL: api.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    });
    expect(code).toBe(0);
    expect(api.requests).toHaveLength(2);
    return stderr;
  } finally {
    await Promise.all([api.close(), receiver.close()]);
  }
}

describe('calls that nobody instrumented', () => {
  it.each(['sdk-0.91', 'sdk-0.39'])(
    'are told once, with what to do (%s, an alias that no loader hook sees)',
    async (alias) => {
      const lines = (await run(alias)).trim().split('\n');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('without being instrumented');
      expect(lines[0]).toContain('manuallyInstrument(Anthropic) in the module that makes the client');
    },
  );

  it('nothing is told of calls that are', async () => {
    expect(await run('@anthropic-ai/sdk')).toBe('');
  });

  it('nothing is told of calls that another copy of this package records', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const folder = join(root, 'test', '.sdk');
    await mkdir(folder, { recursive: true });
    const copy = await mkdtemp(join(folder, 'second-copy-'));
    try {
      await cp(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
      await cp(join(root, 'package.json'), join(copy, 'package.json'));
      const { href } = pathToFileURL(join(copy, 'dist', 'index.js'));
      const first = `
import { AnthropicInstrumentation } from ${JSON.stringify(href)};
new AnthropicInstrumentation().manuallyInstrument(Anthropic);
`;
      expect(await run('sdk-0.91', first)).toBe('');
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});
