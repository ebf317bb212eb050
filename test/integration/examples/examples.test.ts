import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeApi } from '../../../src/demo/fake-api/index.ts';
import { FAKE_KEY } from '../../support/behaviour.ts';
import { startTestReceiver } from '../../support/otlp.ts';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

let receiver: Awaited<ReturnType<typeof startTestReceiver>>;
beforeAll(async () => {
  receiver = await startTestReceiver();
});
afterAll(async () => {
  await receiver.close();
});

/** Runs an example as its README says, and gives what it printed and the names of the spans that arrived. */
function runExample(service: string, ...args: string[]): Promise<{ stdout: string; names: string[] }> {
  return runIn({}, service, ...args);
}

async function runIn(
  env: Readonly<Record<string, string>>,
  service: string,
  ...args: string[]
): Promise<{ stdout: string; names: string[] }> {
  const { stdout } = await run(process.execPath, args, {
    cwd: root,
    env: {
      ...env,
      PATH: process.env['PATH'],
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    },
    timeout: 30_000,
  });
  const names = receiver
    .spans()
    .filter((span) => span.resource['service.name'] === service)
    .map((span) => span.name);
  return { stdout, names: names.toSorted() };
}

const PRELOAD = ['--import', 'opentelemetry-instrumentation-anthropic/register'];
const EXAMPLES = [
  [...PRELOAD, 'examples/quickstart.mjs'],
  [...PRELOAD, 'examples/streaming.mjs'],
  [...PRELOAD, 'examples/retries-and-errors.mjs'],
  ['--import', './examples/own-sdk/instrumentation.mjs', 'examples/own-sdk/app.mjs'],
  ['examples/bundled.mjs'],
];

describe('the examples', () => {
  it('quickstart', async () => {
    const { stdout, names } = await runExample('quickstart', ...PRELOAD, 'examples/quickstart.mjs');
    expect(stdout).toMatch(/tokens in, \d+ out/);
    expect(names).toEqual(['POST /v1/messages', 'anthropic.messages.create']);
  });

  it('streaming', async () => {
    const { stdout, names } = await runExample('streaming', ...PRELOAD, 'examples/streaming.mjs');
    expect(stdout).toContain('broken off after the first piece');
    expect(names.filter((name) => name === 'anthropic.messages.create')).toHaveLength(2);
    const canceled = receiver.spans().filter((span) => span.attributes['anthropic.call.canceled'] === true);
    expect(canceled).toHaveLength(1);
  });

  it('retries and errors', async () => {
    const { stdout, names } = await runExample('retries', ...PRELOAD, 'examples/retries-and-errors.mjs');
    expect(stdout).toContain('a 429 that a retry recovers: answered');
    expect(stdout).toMatch(/a 529 that no retry recovers: 529 \w+, request req_/);
    expect(stdout).toMatch(/a refused key: 401 AuthenticationError/);
    expect(names.filter((name) => name === 'POST /v1/messages')).toHaveLength(6);
  });

  it('an OpenTelemetry set-up of one’s own', async () => {
    const { stdout } = await runExample(
      'own',
      '--import',
      './examples/own-sdk/instrumentation.mjs',
      'examples/own-sdk/app.mjs',
    );
    expect(stdout).toMatch(/^\d+ tokens$/m);
    expect(stdout).toContain("name: 'anthropic.messages.count_tokens'");
    expect(stdout).toContain("name: 'POST /v1/messages/count_tokens'");
  });

  it('a bundled copy, instrumented by hand', async () => {
    const { stdout } = await runExample('bundled', 'examples/bundled.mjs');
    expect(stdout).toContain('first model: claude-');
    expect(stdout).toContain("name: 'GET /v1/models'");
    expect(stdout).toContain("name: 'anthropic.models.list'");
  });

  it.each(EXAMPLES.map((args) => [args.at(-1), args] as const))(
    '%s, against an API of one’s own',
    async (name = '', args) => {
      const api = await startFakeApi();
      try {
        await runIn(
          { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: FAKE_KEY },
          `${name} with a key`,
          ...args,
        );
        expect(api.requests.length).toBeGreaterThan(0);
        const senders = api.requests.map(({ headers }) => Object.values(headers).join());
        expect(senders.filter((sent) => !sent.includes(FAKE_KEY))).toEqual([]);
      } finally {
        await api.close();
      }
    },
  );
});
