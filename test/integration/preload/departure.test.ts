import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { application, CALL_SPANS, countedCalls, spanNames, withScene } from './scene.ts';

/** The preload where CommonJS has another copy of the OpenTelemetry API than ES modules, as of API 1.10. */
const BESIDE_TWO_APIS = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    import { cpSync, mkdtempSync, rmSync } from 'node:fs';
    import { createRequire } from 'node:module';
    import { tmpdir } from 'node:os';
    import { dirname, join } from 'node:path';
    import { pathToFileURL } from 'node:url';
    const require = createRequire(join(process.cwd(), 'x.js'));
    const file = require.resolve('@opentelemetry/api');
    await import(pathToFileURL(file).href);
    const folder = mkdtempSync(join(tmpdir(), 'other-api-'));
    cpSync(dirname(file), folder, { recursive: true });
    const copy = join(folder, 'index.js');
    require(copy);
    rmSync(folder, { recursive: true });
    require.cache[file] = require.cache[copy];`)}`,
  '--import',
  new URL('../../../dist/register.js', import.meta.url).href,
];

/** Each way out of a process, after one call. */
const WAYS = [
  { way: 'the end of the work', body: '', code: 0 },
  { way: 'an exit code that was set', body: 'process.exitCode = 3;', code: 3 },
  { way: 'process.exit()', body: 'process.exit(4);', code: 4 },
  { way: 'an uncaught exception', body: "setImmediate(() => { throw new TypeError('crash'); });", code: 1 },
  { way: 'an unhandled rejection', body: "Promise.reject(new TypeError('crash'));", code: 1 },
  {
    way: 'the end of the work, which the application listens for',
    body: "process.on('beforeExit', () => console.log('over'));",
    code: 0,
  },
  {
    way: 'process.exit() at the end of the work',
    body: "process.on('beforeExit', () => process.exit(6));",
    code: 6,
  },
  { way: 'SIGTERM', body: hang('SIGTERM'), signal: 'SIGTERM' },
  { way: 'SIGINT', body: hang('SIGINT'), signal: 'SIGINT' },
  { way: 'SIGHUP', body: hang('SIGHUP'), signal: 'SIGHUP' },
  { way: 'SIGTERM, raised as the last thing', body: 'process.kill(process.pid);', signal: 'SIGTERM' },
  {
    way: 'SIGINT, raised by its number in the midst of work',
    body: "process.kill(process.pid, 2); console.log('not reached'); process.exit(9);",
    signal: 'SIGINT',
  },
  {
    way: 'SIGTERM, raised as the last thing by a handler that has drained',
    body: `
      const alive = setInterval(() => {}, 1000);
      process.once('SIGTERM', async () => {
        clearInterval(alive);
        await new Promise((resolve) => setTimeout(resolve, 5));
        process.kill(process.pid, 'SIGTERM');
      });
      process.kill(process.pid, 'SIGTERM');`,
    signal: 'SIGTERM',
  },
  {
    way: 'SIGTERM, at which a listener that hides itself exits',
    body: `${hiddenListener(7)} ${hang('SIGTERM')}`,
    code: 7,
  },
] as const;

function hang(signal: string): string {
  return `setInterval(() => {}, 1000); process.kill(process.pid, '${signal}');`;
}

/** As that of `tsx`: it ends the process where nobody else listens, and nobody sees it listen. */
function hiddenListener(code: number): string {
  return `
    const { listenerCount } = process;
    process.listenerCount = (...args) => listenerCount.apply(process, args) - (args[0] === 'SIGTERM' ? 1 : 0);
    process.on('SIGTERM', () => process.listenerCount('SIGTERM') === 0 && process.exit(${code}));`;
}

/** What a crash prints, without the script's name, which is its run's own, and without Node's own frames. */
function comparable(text: string): string {
  const lines = text.replace(/[\w-]+\.[mc]js/g, 'script').split('\n');
  return lines.filter((line) => !line.includes('node:internal/')).join('\n');
}

describe.each(['esm', 'cjs'] as const)('leaving (%s)', (build) => {
  it.each(WAYS)(
    'by $way sends what is left, and is as without the preload',
    async ({ body, ...expected }) => {
      await withScene(async ({ run, receiver }) => {
        const script = application(`await call(); ${body}`, build);
        const plain = await run(script, { build, preload: 'none' });
        const preloaded = await run(script, { build, preload: build === 'esm' ? 'import' : 'require' });
        const { code = null, signal = null } = expected as { code?: number; signal?: string };
        expect({ code: plain.code, signal: plain.signal }).toEqual({ code, signal });
        expect({ code: preloaded.code, signal: preloaded.signal }).toEqual({ code, signal });
        expect(comparable(preloaded.stderr)).toBe(comparable(plain.stderr));
        expect(preloaded.stdout).toBe(plain.stdout);
        expect(spanNames(receiver)).toEqual(CALL_SPANS);
        expect(countedCalls(receiver)).toBe(1);
      });
    },
  );
});

/** As releases are removed by those that follow them. */
const REMOVE_FOLDER = `
  const { mkdtempSync, rmdirSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  process.cwd();
  process.chdir(mkdtempSync(tmpdir() + '/release-'));
  rmdirSync(process.cwd());`;

describe('leaving a working directory that was removed, where no thread can start,', () => {
  it.each(['', hang('SIGTERM')])('sends what is left while the event loop turns (%j)', async (way) => {
    await withScene(async ({ run, receiver }) => {
      const { stderr } = await run(application(`${REMOVE_FOLDER} await call(); ${way}`));
      expect(stderr).toBe('');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
      expect(countedCalls(receiver)).toBe(1);
    });
  });

  it('keeps what is left, at a signal after which the application goes on', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        ${REMOVE_FOLDER}
        await call();
        const work = setInterval(() => {}, 1000);
        process.once('SIGTERM', () => clearInterval(work));
        process.kill(process.pid, 'SIGTERM');`;
      const { code, stderr } = await run(application(body));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
      expect(countedCalls(receiver)).toBe(1);
    });
  });

  it.each([
    ['process.exit()', 'process.exit(4);', 4],
    ['a crash', "setImmediate(() => { throw new TypeError('crash'); });", 1],
  ])('by %s waits for nothing, and says why', async (_way, body, status) => {
    await withScene(async ({ run, receiver }) => {
      const { code, stderr } = await run(application(`${REMOVE_FOLDER} await call(); ${body}`));
      expect(code).toBe(status);
      expect(stderr).toMatch(/^[^\n]*\(the working directory was removed\)\. No thread can start[^\n]*\n/);
      expect(stderr.match(/the working directory/g)).toHaveLength(1);
      expect(spanNames(receiver)).toEqual([]);
    });
  });

  it('starts there, too', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        if (process.argv[2] === 'there') {
          await call();
        } else {
          ${REMOVE_FOLDER}
          const { spawnSync } = await import('node:child_process');
          const args = [...process.execArgv, process.argv[1], 'there'];
          process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit', timeout: 10_000 }).status ?? 99;
        }`;
      const { code, stderr } = await run(application(body, 'cjs'), { build: 'cjs', preload: 'require' });
      expect(code).toBe(0);
      // Only where the hook is a thread.
      expect(stderr.replace(/^[^\n]*the loader hook could not start, because the working[^\n]*\n/, '')).toBe(
        '',
      );
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });
});

describe('leaving', () => {
  it('right after the first span, before the host is known', async () => {
    await withScene(async ({ run, receiver }) => {
      const { code } = await run(application("tracer.startSpan('only').end(); process.exit(5);"));
      expect(code).toBe(5);
      expect(spanNames(receiver)).toEqual(['only']);
    });
  });

  it('by a signal right after the first span, at which a listener that hides itself exits', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `${hiddenListener(7)} tracer.startSpan('only').end(); process.emit('SIGTERM', 'SIGTERM');`;
      const { code } = await run(application(body));
      expect(code).toBe(7);
      expect(spanNames(receiver)).toEqual(['only']);
    });
  });

  it.each([
    ['', 'import'],
    [', beside two copies of the API', BESIDE_TWO_APIS],
  ] as const)('by SIGKILL loses nothing that the application has flushed%s', async (_where, preload) => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        const { metrics } = await import('@opentelemetry/api');
        await call();
        await trace.getTracerProvider().getDelegate().forceFlush();
        await metrics.getMeterProvider().forceFlush();
        process.kill(process.pid, 'SIGKILL');`;
      expect((await run(application(body), { preload })).signal).toBe('SIGKILL');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
      expect(countedCalls(receiver)).toBe(1);
    });
  });

  it.each(['trace.getTracerProvider().getDelegate()', 'metrics.getMeterProvider()'])(
    'by SIGKILL loses no log record of a failed call where the application has flushed %s',
    async (provider) => {
      await withScene(async ({ run, receiver, api }) => {
        api.enqueue(reply.error(400));
        const body = `
          const { metrics } = await import('@opentelemetry/api');
          await call().catch(() => {});
          await ${provider}.forceFlush();
          process.kill(process.pid, 'SIGKILL');`;
        await run(application(body));
        expect(receiver.logs()).toHaveLength(1);
      });
    },
  );

  it.each([
    ['', "tracer.startSpan('only').end();"],
    [' where the application listens for the end', "process.on('beforeExit', () => {});"],
  ])('waits at the top level for a flush%s', async (_where, first) => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        ${first}
        tracer.startSpan('last').end();
        await trace.getTracerProvider().getDelegate().forceFlush();
        console.log('flushed');`;
      const { code, stdout } = await run(application(body));
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'flushed\n' });
      expect(spanNames(receiver)).toContain('last');
    });
  });

  it('is not by an event of the application that no signal is behind', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        await call();
        process.emit('SIGINT');
        process.emit('SIGTERM', 'SIGTERM');
        await new Promise(setImmediate);
        console.log(process.listenerCount('SIGTERM'), 'goes on');`;
      const { code, stdout } = await run(application(body));
      expect({ code, stdout }).toEqual({ code: 0, stdout: '1 goes on\n' });
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it.each([
    ['the end of the work waits for a gauge that takes its time', 'new Promise(setImmediate)', '', ['slow']],
    ['a signal does not wait for a gauge that hangs', 'new Promise(() => {})', hang('SIGTERM'), []],
  ])('by %s', async (_way, observed, end, gauges) => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        const { metrics } = await import('@opentelemetry/api');
        metrics.getMeter('application').createObservableGauge('slow').addCallback(async (result) => {
          await ${observed};
          result.observe(1);
        });
        await call(); ${end}`;
      await run(application(body));
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
      expect(receiver.metrics().flatMap(({ name }) => (name === 'slow' ? [name] : []))).toEqual(gauges);
    });
  });

  it('by a signal after an end of the work at which a gauge began some more', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        const { metrics } = await import('@opentelemetry/api');
        let alive;
        metrics.getMeter('application').createObservableGauge('slow').addCallback(async () => {
          if (alive) return;
          alive = setInterval(() => {}, 1000);
          await new Promise(setImmediate);
          setImmediate(() => process.kill(process.pid, 'SIGTERM'));
        });
        await call();`;
      expect((await run(application(body))).signal).toBe('SIGTERM');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it('loses nothing where it flushes, and exits at once', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = 'void trace.getTracerProvider().getDelegate().forceFlush(); process.exit(0);';
      await run(application(`tracer.startSpan('only').end(); ${body}`));
      expect(spanNames(receiver)).toEqual(['only']);
    });
  });

  it('knows the host also where nothing was sent before the exit', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        const span = tracer.startSpan('only');
        while (span.resource.asyncAttributesPending) await new Promise(setImmediate);
        span.end();
        process.exit(0);`;
      await run(application(body));
      expect(receiver.spans().map(({ resource }) => typeof resource['host.id'])).toEqual(['string']);
    });
  });

  it.each([
    ['is caught, and process.exit() called', '.catch(() => process.exit(4))'],
    ['is not caught', ''],
  ])('a failure that %s is logged, once', async (_how, end) => {
    await withScene(async ({ run, receiver, api }) => {
      api.setDefault(() => reply.error(401));
      await run(application(`await call()${end};`));
      expect(receiver.logs().map(({ eventName }) => eventName)).toEqual(['anthropic.call.failed']);
    });
  });

  it('a failure before a signal that the application handles is logged, once', async () => {
    await withScene(async ({ run, receiver, api }) => {
      api.setDefault(() => reply.error(401));
      const body = `
        const alive = setInterval(() => {}, 1000);
        process.on('SIGTERM', () => setImmediate(() => clearInterval(alive)));
        await call().catch(() => process.kill(process.pid, 'SIGTERM'));`;
      expect((await run(application(body))).code).toBe(0);
      expect(receiver.logs()).toHaveLength(1);
    });
  });

  it('sends what ends in the application’s own last handlers', async () => {
    await withScene(async ({ run, receiver }) => {
      const body =
        "await call(); process.once('beforeExit', () => { tracer.startSpan('last words').end(); });";
      expect((await run(application(body))).code).toBe(0);
      expect(spanNames(receiver)).toContain('last words');
    });
  });

  it('ends the spans of calls that are still open', async () => {
    await withScene(async ({ run, receiver, api }) => {
      api.setDefault(() => reply.hang());
      const body = `
        const fetchAndExit = (...request) => {
          setImmediate(() => process.exit(0));
          return fetch(...request);
        };
        void client.withOptions({ fetch: fetchAndExit }).models.list();`;
      expect((await run(application(body))).code).toBe(0);
      expect(spanNames(receiver)).toContain('anthropic.models.list');
    });
  });

  it('leaves a handler of the application in charge of the signal', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        await call();
        const alive = setInterval(() => {}, 1000);
        process.on('SIGTERM', () => {
          console.log('listeners', process.listenerCount('SIGTERM'));
          setImmediate(async () => {
            await call();
            clearInterval(alive);
            process.exitCode = 9;
          });
        });
        process.kill(process.pid, 'SIGTERM');`;
      const { code, signal, stdout } = await run(application(body));
      expect({ code, signal }).toEqual({ code: 9, signal: null });
      expect(stdout).toBe('listeners 1\n');
      expect(spanNames(receiver)).toEqual([...CALL_SPANS, ...CALL_SPANS].sort());
    });
  });

  it('sends what is there at each signal that the application handles, and ends no call that is open', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        process.on('SIGTERM', () => {});
        const open = call();
        tracer.startSpan('first').end();
        process.emit('SIGTERM', 'SIGTERM');
        await open;
        tracer.startSpan('second').end();
        process.emit('SIGTERM', 'SIGTERM');
        process.kill(process.pid, 'SIGKILL');`;
      expect((await run(application(body))).signal).toBe('SIGKILL');
      expect(spanNames(receiver)).toEqual([...CALL_SPANS, 'first', 'second']);
      for (const { attributes } of receiver.spans()) {
        expect(attributes).not.toHaveProperty('anthropic.call.ended_by');
      }
    });
  });

  it('by a signal ends the spans of calls that are still open', async () => {
    await withScene(async ({ run, receiver, api }) => {
      api.setDefault(() => reply.hang());
      const body = `
        const fetchAndLeave = (...request) => {
          setImmediate(() => process.kill(process.pid, 'SIGTERM'));
          return fetch(...request);
        };
        void client.withOptions({ fetch: fetchAndLeave }).models.list();`;
      expect((await run(application(body))).signal).toBe('SIGTERM');
      expect(spanNames(receiver)).toContain('anthropic.models.list');
    });
  });

  it('by a second signal, while it still sends, is at once', async () => {
    let child: number | undefined;
    const hole = createServer((socket) => {
      // The application says who it is, then what it recorded is on its way.
      if (child !== undefined) process.kill(child, 'SIGTERM');
      else socket.once('data', (text) => (child = Number(text)));
    }).listen(0, '127.0.0.1');
    await once(hole, 'listening');
    const { port } = hole.address() as AddressInfo;
    await withScene(async ({ run }) => {
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        // Each is longer than the test's patience with the child.
        OTEL_ANTHROPIC_FLUSH_TIMEOUT: '600000',
        OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
      };
      const body = `
        setInterval(() => {}, 1000);
        await call();
        const { connect } = process.getBuiltinModule('node:net');
        connect(${port}, '127.0.0.1').end(String(process.pid), () => process.kill(process.pid, 'SIGTERM'));`;
      expect((await run(application(body), { env })).signal).toBe('SIGTERM');
    });
    hole.close();
  });

  it.each([
    ['at the end of the work, which the application listens for,', "process.on('beforeExit', () => {});"],
    ['by SIGTERM', hang('SIGTERM')],
    ['by SIGTERM, raised as the last thing,', "process.kill(process.pid, 'SIGTERM');"],
    [
      'by SIGKILL after a flush',
      "await trace.getTracerProvider().getDelegate().forceFlush(); process.kill(process.pid, 'SIGKILL');",
    ],
  ])('%s sends what cannot be sent at once', async (_way, end) => {
    const sent: string[] = [];
    const zipkin = createHttpServer((request, response) => {
      void readText(request).then((body) => {
        sent.push(body);
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(zipkin, 'listening');
    await withScene(async ({ run }) => {
      const env = {
        OTEL_TRACES_EXPORTER: 'zipkin',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://127.0.0.1:${(zipkin.address() as AddressInfo).port}/api/v2/spans`,
      };
      await run(application(`await call(); ${end}`), { env });
    });
    zipkin.close();
    for (const name of CALL_SPANS) expect(sent.join()).toContain(name);
  });

  it('lets those raise the signal who do so only where nobody else listens', async () => {
    await withScene(async ({ run, receiver }) => {
      const body = `
        await call();
        setInterval(() => {}, 1000);
        const onSignal = () => {
          if (process.listenerCount('SIGTERM') === 1) {
            process.off('SIGTERM', onSignal);
            process.kill(process.pid, 'SIGTERM');
          }
        };
        process.on('SIGTERM', onSignal);
        process.kill(process.pid, 'SIGTERM');`;
      expect((await run(application(body))).signal).toBe('SIGTERM');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it.each([
    ['ends', ''],
    ['exits', 'process.exit();'],
  ])('a worker thread that %s sends its own', async (_how, end) => {
    await withScene(async ({ run, receiver }) => {
      const script = `
import { Worker, isMainThread } from 'node:worker_threads';
${application(`
if (isMainThread) {
  new Worker(new URL(import.meta.url));
} else {
  await call();
  ${end}
}`)}`;
      expect((await run(script)).code).toBe(0);
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
      expect(countedCalls(receiver)).toBe(1);
    });
  });
});
