import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redactorFor } from '../../../src/cli/shared/secrets.ts';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { PLACES, SHAPED, SHAPELESS, TELLING_PLACES } from '../../support/secrets.ts';
import { closedPort } from '../../support/servers.ts';
import { cli, startWorld, type World } from './support.ts';

/** A secret that no rule knows by its shape. */
const word = (name: string): string => `${name}Qq7`.repeat(3);

let world: World;
let folder: string;
beforeAll(async () => {
  world = await startWorld();
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

function expectNone(output: string, secrets: readonly string[]): void {
  expect(output.length).toBeGreaterThan(100);
  for (const secret of secrets) {
    const parts = [secret, secret.slice(0, 12), secret.slice(-12), JSON.stringify(secret).slice(1, -1)];
    expect(parts.filter((part) => part.length >= 7 && output.includes(part))).toEqual([]);
  }
}

const FORMATS = [
  { name: 'text', args: [] },
  { name: 'JSON', args: ['--json'] },
  { name: 'Markdown', args: ['--report'] },
] as const;

describe.each(FORMATS)('doctor, $name', ({ args }) => {
  const run = async (
    env: Readonly<Record<string, string>>,
    more: readonly string[] = [],
  ): Promise<string> => {
    const file = join(folder, 'report.md');
    const given = args.length === 0 ? ['--report', file] : args;
    const { stdout, stderr } = await cli(['doctor', '--timeout', '5', ...given, ...more], {
      cwd: world.cwd,
      env: { ...world.env, ...env },
    });
    return stdout + stderr + (args.length === 0 ? await readFile(file, 'utf8') : '');
  };

  // The text's run has the Markdown as well.
  test.each(args.length === 0 ? SHAPED : SHAPED.slice(0, 3))(
    'as key, echoed by the API: $kind',
    async ({ secret }) => {
      world.api.setDefault(() => reply.error(401, { message: `invalid x-api-key: ${secret}` }));
      const output = await run({ ANTHROPIC_API_KEY: secret });
      world.api.setDefault(() => undefined);
      expect(output).toContain('401 authentication_error');
      expectNone(output, [secret]);
    },
  );

  test('of no shape, as key, token and custom header, echoed by the API', async () => {
    const secrets = { key: word('Key'), token: word('Token'), header: word('Header') };
    const message = `invalid x-api-key ${Object.values(secrets).join(' and ')}`;
    world.api.setDefault(() => reply.error(401, { message }));
    const output = await run({
      ANTHROPIC_API_KEY: secrets.key,
      ANTHROPIC_AUTH_TOKEN: secrets.token,
      ANTHROPIC_CUSTOM_HEADERS: `X-Gateway: ${secrets.header}`,
    });
    world.api.setDefault(() => undefined);
    expectNone(output, Object.values(secrets));
  });

  test('in each kind of place in an error body', async () => {
    const secrets = [...SHAPED, ...SHAPELESS].map(({ secret }) => secret);
    const bodies = [
      ...PLACES.flatMap(([, put]) => SHAPED.map(({ secret }) => put(secret))),
      ...TELLING_PLACES.map(([, put]) => put(SHAPELESS[1]?.secret ?? '')),
    ];
    world.api.setDefault(() => reply.error(400, { message: bodies.slice(0, 40).join('\n') }));
    expectNone(await run({}), secrets);
    world.api.setDefault(() => reply.error(400, { message: bodies.slice(40).toReversed().join('\n') }));
    expectNone(await run({}), secrets);
    world.api.setDefault(() => undefined);
  });

  test('in a key that the client refuses to send', async () => {
    const secret = word('Line');
    expectNone(await run({ ANTHROPIC_API_KEY: `${secret}\n${word('Break')}` }), [secret, word('Break')]);
  });

  test('in a proxy’s address without a scheme', async () => {
    const port = await closedPort();
    const output = await run({ HTTP_PROXY: `user:${word('Bare')}@127.0.0.1:${port}` });
    expect(output).toContain('HTTP_PROXY');
    expectNone(output, [word('Bare')]);
  });

  test('in URLs: base URL, proxy, OTLP endpoint', async () => {
    const [base, proxy, otlp] = [word('Base'), word('Proxy'), word('Otlp')];
    const port = await closedPort();
    const output = await run(
      {
        HTTP_PROXY: `http://user:${proxy}@127.0.0.1:${port}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${otlp}@127.0.0.1:${port}/${'x'.repeat(8)}?api_key=${word('Query')}`,
      },
      ['--base-url', `http://user:${base}@127.0.0.1:${port}?token=${word('Param')}`],
    );
    expectNone(output, [base, proxy, otlp, word('Query'), word('Param')]);
    expect(output).toContain('REDACTED');
  });

  test('in OTLP headers, whether they can be read or not', async () => {
    const [good, bad] = [word('Good'), word('Bad')];
    world.receiver.setStatus(401);
    const output = await run({
      OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${good},Authorization: Bearer ${bad},authorization=Basic%20${Buffer.from(`u:${word('Basic')}`).toString('base64')}`,
    });
    world.receiver.setStatus(200);
    expectNone(output, [good, bad, word('Basic')]);
  });

  test('in the environment, echoed by anything', async () => {
    const env = {
      DATABASE_URL: `postgres://app:${word('Db')}@db/app`,
      DB_PASSWORD: word('Password'),
      AWS_SECRET_ACCESS_KEY: word('Aws'),
      GITHUB_TOKEN: word('Github'),
      OTEL_SERVICE_NAME: word('Password'),
    };
    const secrets = [word('Db'), word('Password'), word('Aws'), word('Github')];
    world.api.setDefault(() => reply.error(500, { message: secrets.join(' ') }));
    const output = await run(env, ['--model', word('Aws')]);
    world.api.setDefault(() => undefined);
    expectNone(output, secrets);
  });

  test('when the SDK is asked to print what it does', async () => {
    const secret = word('Debug');
    const output = await run({ ANTHROPIC_API_KEY: secret, ANTHROPIC_LOG: 'debug', DEBUG: 'true' });
    expectNone(output, [secret]);
    if (args[0] === '--json') expect(() => JSON.parse(output) as unknown).not.toThrow();
  });
});

describe.each([{ args: [] }, { args: ['--json'] }])('explain $args', ({ args }) => {
  const explainBodies = async (messages: readonly string[]): Promise<string> => {
    const file = join(folder, 'errors.jsonl');
    // Each has a field of its own, so that each is told.
    const bodies = messages.map((message, index) => ({
      type: 'error',
      error: { type: 'invalid_request_error', message: `messages.${index}.content: ${message}` },
    }));
    await writeFile(file, bodies.map((body) => JSON.stringify(body)).join('\n'));
    const { code, stdout, stderr } = await cli(['explain', file, ...args]);
    expect(code).toBe(0);
    expect(stdout).toContain(`messages.${messages.length - 1}.content`);
    return stdout + stderr;
  };

  test('secrets of every shape, in every place', async () => {
    const output = await explainBodies(PLACES.flatMap(([, put]) => SHAPED.map(({ secret }) => put(secret))));
    expectNone(
      output,
      SHAPED.map(({ secret }) => secret),
    );
  });

  test('secrets without a shape, in places that tell', async () => {
    for (const { secret } of SHAPELESS.slice(0, 2)) {
      expectNone(await explainBodies(TELLING_PLACES.map(([, put]) => put(secret))), [secret]);
    }
  });

  test('secrets of every shape in a stack trace, in a log line, and in an attribute', async () => {
    const secrets = SHAPED.map(({ secret }) => secret);
    const chain = secrets.map(
      (secret) => `  cause: TypeError: Headers.append: "Bearer ${secret}" is an invalid header value.\n`,
    );
    const text = `APIConnectionError: Connection error. ${secrets.join(' ')}\n    at x (/y.js:1:2) {\n${chain.join('')}}`;
    const logs = secrets.map((secret, index) => {
      const message = `messages.${index}.content: Field required ${secret}`;
      return JSON.stringify({
        level: 50,
        msg: secret,
        err: { type: 'Error', message, stack: `Error: ${message}`, status: 400 },
      });
    });
    const spans = secrets.map((secret) => ({
      name: 'anthropic.messages.create',
      traceId: secret,
      attributes: [{ key: 'error.type', value: { stringValue: secret } }],
      status: { code: 2, message: secret },
    }));
    const traces = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    for (const input of [text, logs.join('\n'), traces]) {
      const { code, stdout, stderr } = await cli(['explain', '-', ...args], { input });
      expect(code).toBe(0);
      expectNone(stdout + stderr, secrets);
    }
  });

  test('a secret that would be cut in half', async () => {
    const secret = SHAPED[0]?.secret ?? '';
    expectNone(await explainBodies([`${'x '.repeat(175)}${secret}`]), [secret]);
  });
});

test('in arguments that are wrong', async () => {
  const secret = SHAPED[0]?.secret ?? '';
  for (const args of [
    [secret],
    [`--${secret}`],
    ['doctor', secret],
    ['doctor', `--api-key=${secret}`],
    ['doctor', `--json=${secret}`],
    ['demo', `--${secret}`],
    ['demo', `--otlp=${secret}`],
    ['explain', 'a', `--${secret}`],
    ['explain', join(folder, secret)],
  ]) {
    const { code, stdout, stderr } = await cli(args);
    expect(code).toBeGreaterThan(0);
    expect(stdout + stderr).not.toContain(secret.slice(0, 30));
    expect(stdout + stderr).not.toContain(secret.slice(-12));
  }
});

test.each(['http://user:opaque-word@proxy:8080', 'user:opaque-word@proxy:8080'])(
  'the password of a proxy, %s, is no word of the output',
  (proxy) => {
    const redactor = redactorFor({ HTTPS_PROXY: proxy });
    expect(redactor.text('it said opaque-word to us')).not.toContain('opaque-word');
  },
);
