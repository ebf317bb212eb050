import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reply, startFakeApi, type FakeApi } from '../../src/demo/fake-api/index.ts';
import { startTestReceiver } from '../support/otlp.ts';
import { NEWEST_SDK } from '../support/sdks.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

const ESM_APP = `
import Anthropic from '@anthropic-ai/sdk';
const client = new Anthropic({ apiKey: 'no-key-needed' });
const message = await client.messages.create({ model: 'claude-haiku-4-5', max_tokens: 8, messages: [{ role: 'user', content: 'x' }] });
console.log(message.role);
`;
const SCRAPED_APP = `
import { metrics } from '@opentelemetry/api';
import Anthropic from '@anthropic-ai/sdk';
const client = new Anthropic({ apiKey: 'no-key-needed' });
await client.messages.create({ model: 'claude-haiku-4-5', max_tokens: 8, messages: [{ role: 'user', content: 'x' }] });
metrics.getMeter('application').createCounter('counter').add(1, { note: 'Bearer hunter2' });
const { OTEL_EXPORTER_PROMETHEUS_HOST: host, OTEL_EXPORTER_PROMETHEUS_PORT: port } = process.env;
console.log(await fetch('http://' + host + ':' + port + '/metrics').then((response) => response.text()));
`;
const CJS_APP = `
const Anthropic = require('@anthropic-ai/sdk');
const client = new Anthropic({ apiKey: 'no-key-needed' });
client.messages
  .create({ model: 'claude-haiku-4-5', max_tokens: 8, messages: [{ role: 'user', content: 'x' }] })
  .then((message) => console.log(message.role));
`;
const CJS_API = `
const { AnthropicInstrumentation, METRICS } = require('opentelemetry-instrumentation-anthropic');
console.log(new AnthropicInstrumentation().instrumentationName, 'anthropic.client.calls' in METRICS);
`;
const TYPES = `
import { AnthropicInstrumentation, createRedactor, type AnthropicInstrumentationConfig } from 'opentelemetry-instrumentation-anthropic';
const config: AnthropicInstrumentationConfig = { captureMessageContent: true, redact: { patterns: [/x/], censor: '***' } };
export const done: boolean = new AnthropicInstrumentation(config).manuallyInstrument({});
export const text: string = createRedactor().text('x');
// @ts-expect-error: an option of the wrong type
export const wrong: AnthropicInstrumentationConfig = { captureMessageContent: 'yes' };
`;
const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
  },
  files: ['types.mts', 'types.cts'],
};

let folder: string;
/** The paths of what was packed. */
let packed: readonly string[];
let api: FakeApi;
let receiver: Awaited<ReturnType<typeof startTestReceiver>>;

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
}

/** Packs the package as it is published and installs it, with the SDK, into an application of someone else's. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packed-'));
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
  });
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [
    { filename: string; files: { path: string }[] },
  ];
  packed = files.map(({ path }) => path);
  await write('package.json', JSON.stringify({ name: 'someones-application', private: true }));
  const packages = [`./${filename}`, `@anthropic-ai/sdk@${NEWEST_SDK}`, '@types/node@20'];
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: folder });
  [api, receiver] = await Promise.all([startFakeApi(), startTestReceiver()]);
}, 300_000);

afterAll(async () => {
  await Promise.all([api?.close(), receiver?.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function node(...args: string[]): Promise<string> {
  return nodeWith({}, ...args);
}

async function nodeWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, args, {
    cwd: folder,
    timeout: 60_000,
    env: {
      PATH: process.env['PATH'],
      ANTHROPIC_BASE_URL: api.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: args.join(' '),
      ...env,
    },
  });
  return stdout;
}

function spansOf(...args: string[]): string[] {
  const service = args.join(' ');
  return receiver
    .spans()
    .filter((span) => span.resource['service.name'] === service)
    .map((span) => span.name)
    .toSorted();
}

describe('the package, packed and installed', () => {
  it('holds what is needed to run and to read, and no more', () => {
    const strays = packed.filter(
      (path) =>
        !/^(?:dist|shims|collector|examples)\/|^(?:package\.json|LICENSE|(?:README|CHANGELOG|CONTRIBUTING|bench\/README|docs\/frameworks)\.md)$/.test(
          path,
        ) || /\.tsbuildinfo$|^collector\/build\//.test(path),
    );
    expect(strays).toEqual([]);
  });

  it('the links of its texts lead to its files, but those to pictures', async () => {
    const texts = packed.filter((path) => path.endsWith('.md'));
    expect(texts).toContain('collector/README.md');
    const broken = await Promise.all(
      texts.map(async (path) => {
        const text = await readFile(join(root, path), 'utf8');
        return [...text.matchAll(/(?<!!\[[^\]]*)\]\((?!https?:|#)([^)#\s]+)/g)]
          .map(([, link = '']) => posix.join(posix.dirname(path), link))
          .filter(
            (link) => !packed.some((file) => file === link || file.startsWith(link.replace(/\/?$/, '/'))),
          )
          .map((link) => `${path}: ${link}`);
      }),
    );
    expect(broken.flat()).toEqual([]);
  });

  it('has one OpenTelemetry API, and the tools of its development nowhere', async () => {
    const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const names = Object.keys(lock.packages);
    expect(names.filter((name) => name.endsWith('node_modules/@opentelemetry/api'))).toEqual([
      'node_modules/@opentelemetry/api',
    ]);
    expect(names.filter((name) => /\/(vitest|typescript|oxlint|prettier)$/.test(name))).toEqual([]);
  });

  it('comes with the line of OpenTelemetry that fits this Node', async () => {
    const file = join(folder, 'node_modules/@opentelemetry/sdk-node/package.json');
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const takesThree = major > 22 || (major === 22 && minor >= 15);
    expect(version).toMatch(takesThree ? /^0\.3\d\d\./ : /^0\.2\d\d\./);
  });

  it.each([
    ['--import', 'app.mjs', ESM_APP],
    ['--require', 'app.cjs', CJS_APP],
    ['--import', 'app.cjs', CJS_APP],
    ['--require', 'app.mjs', ESM_APP],
  ])('%s records %s', async (flag, name, source) => {
    await write(name, source);
    const args = [flag, 'opentelemetry-instrumentation-anthropic/register', name];
    expect(await node(...args)).toBe('assistant\n');
    expect(spansOf(...args)).toEqual(['POST /v1/messages', 'anthropic.messages.create']);
  });

  // AWS Lambda starts Node 20 and 22 with this flag.
  it.each([
    ['app.cjs', CJS_APP],
    ['app.mjs', ESM_APP],
  ])('--import records %s where no ES module can be required', async (name, source) => {
    await write(name, source);
    const register = 'opentelemetry-instrumentation-anthropic/register';
    const args = ['--no-experimental-require-module', '--import', register, name];
    expect(await node(...args)).toBe('assistant\n');
    expect(spansOf(...args)).toEqual(['POST /v1/messages', 'anthropic.messages.create']);
  });

  it('a retried call has both attempts', async () => {
    await write('app.mjs', ESM_APP);
    api.enqueue(reply.error(529, { headers: { 'retry-after-ms': '10' } }), reply.message());
    const args = ['--import=opentelemetry-instrumentation-anthropic/register', 'app.mjs'];
    expect(await node(...args)).toBe('assistant\n');
    expect(spansOf(...args)).toEqual(['POST /v1/messages', 'POST /v1/messages', 'anthropic.messages.create']);
  });

  it('Prometheus scrapes where the variables say, and no secret', async () => {
    await write('scraped.mjs', SCRAPED_APP);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const env = {
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_RESOURCE_ATTRIBUTES: 'note=Bearer hunter2',
    };
    const args = ['--import=opentelemetry-instrumentation-anthropic/register', 'scraped.mjs'];
    const scraped = await nodeWith(env, ...args);
    expect(scraped).toMatch(/^anthropic_client_calls_total\{.*http_response_status_code="200".* 1$/m);
    expect(scraped).toMatch(/^target_info\{.*\bnote="Bearer \[REDACTED\]"/m);
    expect(scraped).toMatch(/^counter_total\{note="Bearer \[REDACTED\]"/m);
    expect(scraped).not.toContain('hunter2');
  });

  it('can be required from CommonJS', async () => {
    await write('api.cjs', CJS_API);
    expect(await node('api.cjs')).toBe('opentelemetry-instrumentation-anthropic true\n');
  });

  it('has types for ES modules and CommonJS', async () => {
    await Promise.all([
      write('types.mts', TYPES),
      write('types.cts', TYPES),
      write('tsconfig.json', JSON.stringify(TSCONFIG)),
    ]);
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await expect(run(process.execPath, [tsc, '-p', folder], { cwd: folder })).resolves.toMatchObject({
      stdout: '',
    });
  });

  it('its doctor looks at where it is installed', async () => {
    const args = [
      '--no-install',
      'opentelemetry-instrumentation-anthropic',
      'doctor',
      '--no-requests',
      '--json',
    ];
    const { stdout } = await run('npx', args, {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        ANTHROPIC_API_KEY: 'no-key-needed',
        ANTHROPIC_BASE_URL: api.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      },
    }).catch((failed: unknown) => failed as { stdout: string });
    expect(JSON.stringify(JSON.parse(stdout))).toContain(NEWEST_SDK);
  });

  it('its demo runs as npx runs it: installed elsewhere than the SDK, whose OpenTelemetry API is newer', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await write('elsewhere/package.json', JSON.stringify({ name: 'has-the-sdk-alone', private: true }));
    const packages = [`@anthropic-ai/sdk@${NEWEST_SDK}`, '@opentelemetry/api@1.10.0'];
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], {
      cwd: elsewhere,
    });
    const command = join(folder, 'node_modules/opentelemetry-instrumentation-anthropic/dist/cli/main.js');
    const { stdout } = await run(process.execPath, [command, 'demo'], { cwd: elsewhere });
    expect(stdout).toContain('21 spans and 14 metrics arrived');
  }, 120_000);

  it('has its command', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    const { stdout } = await run(
      'npx',
      ['--no-install', 'opentelemetry-instrumentation-anthropic', '--version'],
      {
        cwd: folder,
      },
    );
    expect(stdout.trim()).toContain(version);
  });
});
