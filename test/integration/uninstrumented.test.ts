import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { reply, startFakeApi } from '../../src/demo/fake-api/index.ts';
import { startTestReceiver } from '../support/otlp.ts';
import { runScript } from '../support/run.ts';
import { NEWEST_SDK, prepareSdkFixtures, sdkFolder } from '../support/sdks.ts';

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

  it('nothing is told of the requests by which the SDK gets itself a token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'identity-'));
    const [api, receiver] = await Promise.all([startFakeApi(), startTestReceiver()]);
    try {
      const path = join(folder, 'token');
      await writeFile(path, 'a.b.c');
      api.enqueue(reply.json({ access_token: 'mine', token_type: 'Bearer', expires_in: 3600 }));
      const config = {
        version: '1.0',
        organization_id: 'org_1',
        base_url: api.url,
        authentication: {
          type: 'oidc_federation',
          federation_rule_id: 'fdrl_1',
          identity_token: { source: 'file', path },
        },
      };
      const { code, stderr } = await runScript({
        script: `
import Anthropic from '@anthropic-ai/sdk';
const client = new Anthropic({ config: ${JSON.stringify(config)} });
await client.models.list();
`,
        sdk: NEWEST_SDK,
        build: 'esm',
        preload: 'import',
        env: { ANTHROPIC_API_KEY: '', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
      });
      expect(code).toBe(0);
      expect(api.requests.map((request) => request.path)).toEqual(['/v1/oauth/token', '/v1/models']);
      expect(stderr).toBe('');
    } finally {
      await Promise.all([api.close(), receiver.close(), rm(folder, { recursive: true })]);
    }
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

/** Runs two calls through the newest SDK, changed to have this version, and its client file by `change`. */
async function runChanged(version: string, change: (client: string) => string): Promise<string> {
  await prepareSdkFixtures();
  const folder = await mkdtemp(join(dirname(sdkFolder(NEWEST_SDK)), 'changed-'));
  try {
    const copy = join(folder, 'node_modules', '@anthropic-ai', 'sdk');
    await cp(join(sdkFolder(NEWEST_SDK), 'node_modules', '@anthropic-ai', 'sdk'), copy, { recursive: true });
    const rewrite = async (name: string, by: (text: string) => string): Promise<void> => {
      await writeFile(join(copy, name), by(await readFile(join(copy, name), 'utf8')));
    };
    await rewrite('package.json', (text) =>
      text.replace(`"version": "${NEWEST_SDK}"`, `"version": "${version}"`),
    );
    await rewrite('client.mjs', change);
    return await run(pathToFileURL(join(copy, 'index.mjs')).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('an SDK that is newer than those tested', () => {
  it('is instrumented where its shape fits, and nothing is told', async () => {
    expect(await runChanged('1.999.0', (client) => client)).toBe('');
  });

  it('whose shape does not fit is told of once, and not again when its calls leave', async () => {
    const told = await runChanged('1.999.0', (client) =>
      client.replaceAll('fetchWithTimeout', 'fetchInTime'),
    );
    const lines = told.trim().split('\n');
    expect(lines).toEqual([
      expect.stringContaining(
        '@anthropic-ai/sdk 1.999.0 (client.mjs) is not instrumented: its client\'s method "fetchWithTimeout"',
      ),
    ]);
  });

  it('of a version that is not supported is told of when its calls leave', async () => {
    const lines = (await runChanged('2.0.0', (client) => client)).trim().split('\n');
    expect(lines).toEqual([expect.stringContaining('of a version that is not supported')]);
  });
});
