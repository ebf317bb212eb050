import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../../src/version.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { closedPort } from '../../support/servers.ts';
import { startTestReceiver } from '../../support/otlp.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';
import { application, CALL_SPANS, countedCalls, spanNames, withScene } from './scene.ts';
import { moved } from '../../support/moved.ts';

const CALL = application('await call();');
const REGISTER = new URL('../../../dist/register.js', import.meta.url).href;
const SHIM = fileURLToPath(new URL('../../../shims/register.cjs', import.meta.url));
/** The flag by which Node refuses connections: before 25 its permission model leaves the network alone. */
const REFUSES_CONNECTIONS = Number(process.versions.node.split('.')[0]) >= 25 ? ['--permission'] : [];
const FAKE_KEY = ['sk', 'ant', 'api03', 'A'.repeat(95)].join('-');

describe('the standard variables', () => {
  it.each([
    [undefined, 'application/x-protobuf'],
    ['http/protobuf', 'application/x-protobuf'],
    ['http/json', 'application/json'],
  ])('OTEL_EXPORTER_OTLP_PROTOCOL %s sends %s', async (protocol, contentType) => {
    await withScene(async ({ run, receiver }) => {
      await run(CALL, { env: protocol === undefined ? {} : { OTEL_EXPORTER_OTLP_PROTOCOL: protocol } });
      expect(new Set(receiver.requests.map(({ headers }) => headers['content-type']))).toEqual(
        new Set([contentType]),
      );
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
      expect(countedCalls(receiver)).toBe(1);
    });
  });

  it('name, label and authenticate what is sent, and compress it', async () => {
    await withScene(async ({ run, receiver }) => {
      const env = {
        OTEL_SERVICE_NAME: 'shop',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test,service.instance.id=one',
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-signal=traces',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      };
      for (const script of [CALL, application('await call(); process.exit(0);')]) await run(script, { env });
      expect(spanNames(receiver)).toHaveLength(4);
      for (const { resource } of [...receiver.spans(), ...receiver.metrics()]) {
        expect(resource).toMatchObject({
          'service.name': 'shop',
          'deployment.environment': 'test',
          'service.instance.id': 'one',
        });
      }
      for (const { headers, path } of receiver.requests) {
        expect(headers).toMatchObject({ 'x-tenant': 'a b', 'content-encoding': 'gzip' });
        expect(headers['x-signal']).toBe(path === '/v1/traces' ? 'traces' : undefined);
      }
    });
  });

  it('a Zipkin that is away is named in one line, with its own variable', async () => {
    await withScene(async ({ run }) => {
      const env = {
        OTEL_TRACES_EXPORTER: 'zipkin',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_EXPORTER_ZIPKIN_ENDPOINT: 'http://127.0.0.1:1/api/v2/spans',
      };
      const { stderr } = await run(CALL, { env });
      expect(stderr).toMatch(/^[^\n]+ OTEL_EXPORTER_ZIPKIN_ENDPOINT [^\n]+\n$/);
      expect(stderr).not.toContain('OTEL_EXPORTER_OTLP_');
    });
  });

  it('nobody listens for errors of the application’s output', async () => {
    await withScene(async ({ run }) => {
      const count =
        "console.log(process.stdout.listenerCount('error'), process.stderr.listenerCount('error'));";
      for (const preload of ['none', 'import', 'require'] as const) {
        expect((await run(application(count), { preload })).stdout).toBe('0 0\n');
      }
    });
  });

  it('the resource says what a support case asks for', async () => {
    await withScene(async ({ run, receiver }) => {
      await run(CALL);
      for (const { resource } of [...receiver.spans(), ...receiver.metrics()]) {
        expect(resource).toMatchObject({
          'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          'anthropic.sdk.name': '@anthropic-ai/sdk',
          'anthropic.sdk.version': NEWEST_SDK,
          'telemetry.distro.name': PACKAGE_NAME,
          'telemetry.distro.version': PACKAGE_VERSION,
          'process.runtime.version': process.versions.node,
          'os.type': platform() === 'win32' ? 'windows' : platform(),
        });
      }
    });
  });

  it('send each signal to a place of its own', async () => {
    const traces = await startTestReceiver();
    try {
      await withScene(async ({ run, receiver }) => {
        await run(CALL, { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${traces.url}/v1/traces` } });
        expect(spanNames(traces)).toEqual(CALL_SPANS);
        expect(receiver.spans()).toEqual([]);
        expect(countedCalls(receiver)).toBe(1);
      });
    } finally {
      await traces.close();
    }
  });

  it.each([
    [{ OTEL_TRACES_EXPORTER: 'none' }, 0, 1],
    [{ OTEL_METRICS_EXPORTER: 'none' }, 2, 0],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0, 1],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http,anthropic' }, 1, 0],
    [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' }, 1, 0],
    [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http, anthropic' }, 2, 1],
    [{ OTEL_ANTHROPIC_ENABLED: 'false' }, 0, 0],
    [{ OTEL_SDK_DISABLED: 'True' }, 0, 0],
  ])('%j', async (env, spans, calls) => {
    await withScene(async ({ run, receiver, api }) => {
      const { code, stderr } = await run(CALL, { env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(api.requests).toHaveLength(1);
      expect(receiver.spans()).toHaveLength(spans);
      expect(countedCalls(receiver)).toBe(calls);
    });
  });

  it('OTEL_SDK_DISABLED leaves the API of OpenTelemetry and the process alone', async () => {
    await withScene(async ({ run }) => {
      const body = `console.log(
        globalThis[Symbol.for('opentelemetry.js.api.1')],
        process.listenerCount('exit') + process.listenerCount('beforeExit'),
      );`;
      const plain = await run(application(body), { preload: 'none' });
      const disabled = await run(application(body), { env: { OTEL_SDK_DISABLED: 'true' } });
      expect(disabled.stdout).toMatch(/^undefined /);
      expect(disabled.stdout).toBe(plain.stdout);
    });
  });

  it('OTEL_CONFIG_FILE is not read: one line says so, and the other variables count', async () => {
    await withScene(async ({ run, receiver }) => {
      const { code, stderr } = await run(CALL, { env: { OTEL_CONFIG_FILE: '/etc/hunter2.yaml' } });
      expect(code).toBe(0);
      expect(stderr).toMatch(/^[^\n]*OTEL_CONFIG_FILE is not read[^\n]*startNodeSDK[^\n]*\n$/);
      expect(stderr).not.toContain('hunter2');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it.each([
    ['right after its imports', ''],
    ['after a wait', 'await new Promise((resolve) => setTimeout(resolve, 20));'],
  ])('an application that reads OTEL_CONFIG_FILE itself, %s, hears nothing of it', async (_when, wait) => {
    const folder = await mkdtemp(join(tmpdir(), 'otel-file-'));
    const file = join(folder, 'otel.yaml');
    await writeFile(
      file,
      'file_format: "1.0"\ntracer_provider:\n  processors:\n    - simple:\n        exporter:\n          console:\n',
    );
    await withScene(async ({ run, receiver }) => {
      const start = `import { startNodeSDK } from '@opentelemetry/sdk-node';\n${wait}\nstartNodeSDK();\n`;
      const script = start + CALL;
      const { code, stdout, stderr } = await run(script, { env: { OTEL_CONFIG_FILE: file } });
      expect(code).toBe(0);
      for (const name of CALL_SPANS) expect(stdout).toContain(`name: '${name}'`);
      expect(stderr).not.toContain('OTEL_CONFIG_FILE');
      expect(receiver.spans()).toEqual([]);
    });
    await rm(folder, { recursive: true });
  });

  it('a name that is not known is told by its variable, and the rest works', async () => {
    await withScene(async ({ run, receiver }) => {
      const { stderr } = await run(CALL, { env: { OTEL_TRACES_EXPORTER: 'otlp,hunter2' } });
      expect(stderr).toMatch(/^[^\n]*OTEL_TRACES_EXPORTER[^\n]*\n$/);
      expect(stderr).not.toContain('hunter2');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });
});

/** A receiver behind TLS that keeps the paths of what it is sent. */
async function startTlsReceiver(identity: ReturnType<typeof selfSigned>, host: string) {
  const paths: unknown[] = [];
  const server = createTlsServer(identity, (request, response) => {
    paths.push(request.url);
    request.resume().once('end', () => response.end());
  });
  server.listen(0, host);
  await once(server, 'listening');
  const url = `https://${host}:${(server.address() as AddressInfo).port}`;
  return { url, paths, close: () => void server.close() };
}

describe('Node’s own variables for TLS', () => {
  it.each([
    ['ends', ''],
    ['exits', 'process.exit(0);'],
  ])('hold for what an application sends that %s', async (_how, end) => {
    const { url, paths, close } = await startTlsReceiver(selfSigned(), '127.0.0.1');
    await withScene(async ({ run }) => {
      const env = {
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
      };
      const preload = ['--no-warnings', '--import', REGISTER];
      expect((await run(application(`await call(); ${end}`), { env, preload })).stderr).toBe('');
    });
    close();
    expect(new Set(paths)).toEqual(new Set(['/v1/traces', '/v1/metrics']));
  });
});

describe('a receiver behind TLS that is not spoken to', () => {
  it.each([
    ['http/protobuf', 'SELF_SIGNED_CERT', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
    ['grpc', 'NO_APPLICATION_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
  ])('over %s is told with its reason (%s) and %s', async (protocol, reason, variable) => {
    const { url, close } = await startTlsReceiver(selfSigned(), '127.0.0.1');
    await withScene(async ({ run }) => {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
      const { stderr } = await run(CALL, { env });
      expect(stderr).toMatch(new RegExp(`^[^\\n]+${reason}[^\\n]+ ${variable} [^\\n]+\\n$`));
    });
    close();
  });
});

/** What a process trusts may come from more than the variables that a thread is started with. */
describe('a certificate that the process trusts', () => {
  /** Node 20 knows neither. */
  const ofNewerNode = 'setDefaultCACertificates' in tls;
  const TRUST = `
    const { getCACertificates, setDefaultCACertificates } = await import('node:tls');
    setDefaultCACertificates([...getCACertificates('default'), process.env.TRUSTED]);`;

  it.each([
    ...(ofNewerNode
      ? ([
          ['as one of the system', ['--use-system-ca'], '', ''],
          ['as one of the system', ['--use-system-ca'], '', 'process.exit(0);'],
          ['because the application says so', [], TRUST, ''],
          ['because the application says so', [], TRUST, 'process.exit(0);'],
        ] as const)
      : []),
    ['as one of OpenSSL', ['--use-openssl-ca'], '', 'process.exit(0);'] as const,
  ])('%s, with %j, %s %s', async (_why, flags, before, end) => {
    const folder = await mkdtemp(join(tmpdir(), 'trust-'));
    const file = join(folder, 'ca.pem');
    const identity = selfSigned();
    await writeFile(file, identity.cert);
    const { url, paths, close } = await startTlsReceiver(identity, 'localhost');
    await withScene(async ({ run }) => {
      const env = {
        SSL_CERT_FILE: file,
        TRUSTED: identity.cert,
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
      };
      const preload = [...flags, '--import', REGISTER];
      const { stderr } = await run(application(`${before} await call(); ${end}`), { env, preload });
      expect(stderr).toBe('');
    });
    close();
    await rm(folder, { recursive: true });
    expect(new Set(paths)).toEqual(new Set(['/v1/traces', '/v1/metrics']));
  });
});

describe('a standard variable with a value that cannot be used', () => {
  it.each([
    ['OTEL_SDK_DISABLED', 'yes', 'true, false'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'parentbased_always_on'],
    ['OTEL_TRACES_SAMPLER_ARG', '50%', 'a number from 0 to 1'],
    ['OTEL_PROPAGATORS', 'tracecontext,bogus', 'tracecontext, baggage'],
    ['OTEL_NODE_RESOURCE_DETECTORS', 'env,hunter2', 'all, env, host, os, process, serviceinstance, none'],
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/hunter2/ca.pem', 'the path of a file that can be read'],
    ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY', '/hunter2/key.pem', 'the path of a file that can be read'],
    ['OTEL_LOG_LEVEL', 'loud', 'none, error, warn, info, debug, verbose, all'],
    ['OTEL_EXPORTER_OTLP_METRICS_COMPRESSION', 'brotli', 'gzip, none'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'a number above 0'],
    ['OTEL_BSP_SCHEDULE_DELAY', 'soon', 'a number above 0'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '-1', 'a number above 0'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http', 'http/protobuf, http/json and grpc'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=claude,labels=app=hunter2', 'equals signs and percent signs'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=claude,share=100%', 'percent-encoded'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team', 'name=value'],
    ['OTEL_RESOURCE_ATTRIBUTES', `team=${'x'.repeat(256)}`, 'at most 255 characters'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'x-team=claude,x-dataset=', 'only the pairs that can be read are used'],
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '0', 'a number above 0'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization: Bearer hunter2', 'name=value'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x-token=hunter2;more', 'semicolons'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'x-token=hunter2%', 'percent-encoded'],
    ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'deltas', 'cumulative, delta, lowmemory'],
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'many', 'a number, 0 or more'],
    ['OTEL_SPAN_LINK_COUNT_LIMIT', '-1', 'leaves nothing where it is below 0'],
  ])('%s is told in one line, and the rest works', async (variable, value, allowed) => {
    await withScene(async ({ run, receiver }) => {
      const { stderr } = await run(CALL, { env: { [variable]: value } });
      expect(stderr).toMatch(/^[^\n]+\n$/);
      expect(stderr).toContain(` ${variable} `);
      expect(stderr).toContain(allowed);
      expect(stderr).not.toContain('hunter2');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it.each([
    {
      OTEL_TRACES_SAMPLER_ARG: '1.5',
      OTEL_EXPORTER_OTLP_HEADERS: '=name=hunter2',
      OTEL_RESOURCE_ATTRIBUTES: `${'x'.repeat(256)}=claude`,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'lowdelta',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '-1',
    },
    { OTEL_TRACES_SAMPLER_ARG: '-0.5', OTEL_EXPORTER_OTLP_HEADERS: 'x-a=b,=,x-c=d' },
  ])('several are told in a line each: %j', async (env) => {
    await withScene(async ({ run }) => {
      const { stderr } = await run(application("tracer.startSpan('only').end();"), { env });
      expect(stderr.match(/(?<= )\w+(?= has a text that cannot be used)/g)?.sort()).toEqual(
        Object.keys(env).sort(),
      );
      expect(stderr).not.toContain('hunter2');
    });
  });

  it.each(['collector:4318', '127.0.0.1:4318', 'grpc://collector'])(
    'an endpoint that is no URL of HTTP is told: %s',
    async (endpoint) => {
      await withScene(async ({ run }) => {
        const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint };
        const [line] = (await run(CALL, { env })).stderr.split('\n');
        expect(line).toContain(
          'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no URL that begins with http:// or https://',
        );
      });
    },
  );

  it.each([
    {
      OTEL_TRACES_SAMPLER_ARG: '0',
      OTEL_PROPAGATORS: 'b3, , none',
      OTEL_NODE_RESOURCE_DETECTORS: 'env, host,os,process,serviceinstance',
      OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: import.meta.filename,
      OTEL_LOG_LEVEL: 'None',
      OTEL_RESOURCE_ATTRIBUTES: `team=${'x'.repeat(255)}, ,note= ${'y'.repeat(255)}`,
    },
    {
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '1',
      OTEL_PROPAGATORS: 'b3, tracecontext',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TIMEOUT: '10000',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BLRP_SCHEDULE_DELAY: '',
      OTEL_RESOURCE_ATTRIBUTES: 'team=claude,,empty=, labels=app%3Dx%25,',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic dXNlcjp3b3Jk==, x-note=a%3Bb,x-end=b;',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '0',
    },
  ])('is not told where the value is right: %j', async (env) => {
    await withScene(async ({ run }) => {
      expect((await run(CALL, { env })).stderr).toBe('');
    });
  });
});

describe('the preload', () => {
  it.each([
    ['--import and --require', ['--require', SHIM, '--import', REGISTER], {}],
    ['--import twice', ['--import', REGISTER, '--import', REGISTER], {}],
    ['NODE_OPTIONS and --import', ['--import', REGISTER], { NODE_OPTIONS: `--import ${REGISTER}` }],
    ['NODE_OPTIONS and --require', ['--require', SHIM], { NODE_OPTIONS: `--require ${SHIM}` }],
  ])('starts once with %s', async (_how, preload, env) => {
    await withScene(async ({ run, receiver }) => {
      const { stderr } = await run(CALL, { preload, env });
      expect(stderr).toBe('');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it.each([
    ['--import', REGISTER],
    ['--require', SHIM],
  ])('with %s in NODE_OPTIONS leaves a child alone that has other work', async (flag, path) => {
    await withScene(async ({ run, receiver }) => {
      const script = `
        import { execFileSync } from 'node:child_process';
        const node = (...args) => execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' });
        console.log(node('-p', '1 + 1') + node('-e', 'console.log(require("module").builtinModules.length > 0)'));`;
      const { stdout, stderr } = await run(script, {
        preload: 'none',
        env: { NODE_OPTIONS: `${flag} ${path}` },
      });
      expect({ stdout, stderr }).toEqual({ stdout: '2\ntrue\n\n', stderr: '' });
      expect(receiver.requests).toEqual([]);
    });
  });

  it('starts no SDK, and listens for no signal, where nothing is asked of it', async () => {
    await withScene(async ({ run, receiver }) => {
      const script = "console.log(process.listenerCount('SIGTERM'), process.listenerCount('SIGINT'));";
      expect((await run(script)).stdout).toBe('0 0\n');
      expect(receiver.requests).toEqual([]);
    });
  });

  it('takes secrets out of everybody’s spans, metrics and resource', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        const key = ['sk', 'ant', 'api03', 'A'.repeat(95)].join('-');
        const span = tracer.startSpan('with ' + key, { attributes: { note: key } });
        span.addEvent('event', { note: key });
        span.setStatus({ code: 2, message: key });
        span.end();
        metrics.getMeter('application').createCounter('counter').add(1, { note: key });`;
      const script = `import { metrics } from '@opentelemetry/api';${application(body)}`;
      const env = { OTEL_RESOURCE_ATTRIBUTES: `note=${FAKE_KEY}`, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
      for (const end of ['', 'process.exit(0);']) await run(script + end, { env });
      expect(receiver.spans()).toHaveLength(2);
      expect(receiver.metrics().filter(({ name }) => name === 'counter')).toHaveLength(2);
      const sent = JSON.stringify([receiver.spans(), receiver.metrics()], (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      expect(sent).toContain('REDACTED');
      expect(sent).not.toContain('AAAA');
    });
  });

  it('takes secrets, and limits that have reset, out of what Prometheus scrapes', async () => {
    await withScene(async ({ run }) => {
      const body = `
        await call();
        const note = ['sk', 'ant', 'api03', 'A'.repeat(95)].join('-');
        metrics.getMeter('application').createCounter('counter').add(1, { note });
        const scrape = async () => (await fetch(process.env.SCRAPED)).text();
        const before = await scrape();
        Date.now = () => new Date().getTime() + 7 * 24 * 3_600_000;
        console.log(JSON.stringify([before, await scrape()]));`;
      const port = await closedPort();
      const { stdout } = await run(`import { metrics } from '@opentelemetry/api';${application(body)}`, {
        env: {
          OTEL_METRICS_EXPORTER: 'prometheus',
          OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
          OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
          OTEL_RESOURCE_ATTRIBUTES: `note=${FAKE_KEY}`,
          SCRAPED: `http://127.0.0.1:${port}/metrics`,
        },
      });
      const [before, after] = JSON.parse(stdout) as [string, string];
      expect(before).not.toContain('AAAA');
      expect(before).toMatch(/^target_info\{.*\bnote="\[REDACTED\]"/m);
      expect(before).toMatch(/^counter_total\{note="\[REDACTED\]"/m);
      expect(before).toMatch(/^anthropic_client_ratelimit_remaining\{.*bucket="requests".* \d+$/m);
      expect(after).toMatch(/^anthropic_client_calls_total\{/m);
      expect(after).not.toMatch(/^anthropic_client_ratelimit_remaining\{/m);
    });
  });

  it.each([
    ['preload/load-safely.js', 'loadSafely', 'could not start, because it is in a bundle: '],
    [
      'loader/register.js',
      'registerLoaderHook',
      'the loader hook could not start, because it is in a bundle: ',
    ],
  ])('where %s is in a bundle, one line says so', async (file, start, line) => {
    await withScene(async ({ run }) => {
      const script = `${moved(file)}\n${start}(); console.log('runs');`;
      const { code, stdout, stderr } = await run(script, { preload: 'none' });
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'runs\n' });
      expect(stderr).toMatch(new RegExp(`^opentelemetry-instrumentation-anthropic: ${line}[^\\n]*\\n$`));
    });
  });

  it('that cannot be loaded is told in one line, and the application runs', async () => {
    await withScene(async ({ run, api }) => {
      // Stands in for a dependency that is absent.
      const breakIt = `
        import Module from 'node:module';
        const resolve = Module._resolveFilename;
        Module._resolveFilename = function (request, ...rest) {
          if (request.endsWith('/start.js')) throw Object.assign(new Error('absent'), { code: 'MODULE_NOT_FOUND' });
          return resolve.call(this, request, ...rest);
        };`;
      const preload = [
        '--import',
        `data:text/javascript,${encodeURIComponent(breakIt)}`,
        '--import',
        REGISTER,
      ];
      const { code, stderr } = await run(CALL, { preload });
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^opentelemetry-instrumentation-anthropic: could not start \(MODULE_NOT_FOUND\)[^\n]*\n$/,
      );
      expect(api.requests).toHaveLength(1);
    });
  });

  it('that cannot be required as an ES module is told in one line, and the application runs', async () => {
    await withScene(async ({ run, api }) => {
      // Stands in for what lets no ES module be required, such as a package manager that keeps packages in zip files.
      const breakIt = `
        const Module = require('node:module');
        const resolve = Module._resolveFilename;
        Module._resolveFilename = function (request, ...rest) {
          if (request.endsWith('/dist/register.js')) throw Object.assign(new Error(), { code: 'ERR_REQUIRE_ESM' });
          return resolve.call(this, request, ...rest);
        };`;
      const file = join(await mkdtemp(join(tmpdir(), 'preload-')), 'break.cjs');
      await writeFile(file, breakIt);
      const { code, stderr } = await run(CALL, { preload: ['--require', file, '--require', SHIM] });
      await rm(dirname(file), { recursive: true });
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr:
          'opentelemetry-instrumentation-anthropic: could not start (ERR_REQUIRE_ESM): ' +
          'preload with --import, or with --experimental-require-module too; the application runs without it\n',
      });
      expect(api.requests).toHaveLength(1);
    });
  });

  it.each([
    ['ends', '', CALL_SPANS, /^$/],
    [
      'exits',
      'process.exit(0);',
      [],
      /^\S+ telemetry cannot be sent to [^\n]*ERR_ACCESS_DENIED[^\n]*--allow-worker[^\n]*\n$/,
    ],
  ])('works under the permission model (an application that %s)', async (_how, end, spans, line) => {
    await withScene(async ({ run, receiver }) => {
      const [major = 0] = process.versions.node.split('.').map(Number);
      const preload = [
        '--no-warnings',
        major < 22 ? '--experimental-permission' : '--permission',
        '--allow-fs-read=*',
        ...(major < 25 ? [] : ['--allow-net']),
        '--require',
        SHIM,
      ];
      const { code, stderr } = await run(application(`await call(); ${end}`, 'cjs'), {
        preload,
        build: 'cjs',
      });
      // Node 20 runs loader hooks in a thread.
      const rest = stderr.replace(/^.* the loader hook could not start \(ERR_ACCESS_DENIED\).*\n/, '');
      expect(code).toBe(0);
      expect(rest).toMatch(line);
      expect(spanNames(receiver)).toEqual(spans);
    });
  });

  it.each(REFUSES_CONNECTIONS)('names the permission that connections need, with %s', async (flag) => {
    await withScene(async ({ run }) => {
      const preload = [flag, '--allow-fs-read=*', '--import', REGISTER];
      const { stderr } = await run(application('await call().catch(() => {});'), { preload });
      expect(stderr).toMatch(
        /^\S+ telemetry cannot be sent to [^\n]*ERR_ACCESS_DENIED[^\n]*--allow-net[^\n]*\n$/,
      );
    });
  });
});
