import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { closedPort } from '../../support/servers.ts';
import { application, CALL_SPANS, spanNames, withScene } from './scene.ts';

/** The one line that the preload says of a loss. */
const LINE = /^opentelemetry-instrumentation-anthropic: telemetry cannot be sent to \S+ \((\S+)\)\. .+\n$/;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A URL at which nobody listens. */
async function deadUrl(): Promise<string> {
  return `http://127.0.0.1:${await closedPort()}`;
}

describe('what cannot be sent', () => {
  it.each(['http/json', 'http/protobuf'])(
    'costs itself alone, and the application nothing: %s',
    async (protocol) => {
      await withScene(async ({ run, receiver }) => {
        const spans =
          "tracer.startSpan('bad', { startTime: new Date(NaN) }).end(); tracer.startSpan('good').end();";
        const env = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_BSP_SCHEDULE_DELAY: '1' };
        const result = await run(application(`${spans} await call(); console.log('goes on');`), { env });
        expect(result).toMatchObject({ code: 0, stdout: 'goes on\n', stderr: '' });
        expect(spanNames(receiver)).toEqual(expect.arrayContaining([...CALL_SPANS, 'good']));
      });
    },
  );
});

describe('with no backend', () => {
  it('the line shows of the address no part that may be a token', async () => {
    await withScene(async ({ run }) => {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${await deadUrl()}/receiver/v1/otlp/T0k3n` };
      const { stderr } = await run(application('await call();'), { env });
      expect(stderr).toMatch(/^\S+ telemetry cannot be sent to http:\/\/127\.0\.0\.1:\d+\/…\/v1\/traces \(/);
      expect(stderr).not.toContain('T0k3n');
    });
  });

  it.each(['logs', 'metrics'])(
    'the line says what a receiver that has no path for %s needs',
    async (signal) => {
      await withScene(async ({ run, receiver }) => {
        const SIGNAL = signal.toUpperCase();
        const env = {
          ANTHROPIC_BASE_URL: await deadUrl(),
          [`OTEL_EXPORTER_OTLP_${SIGNAL}_ENDPOINT`]: `${receiver.url}/none/v1/${signal}`,
        };
        const { stderr } = await run(application('await call().catch(() => {});'), { env });
        expect(LINE.exec(stderr)?.[1]).toBe('404');
        expect(stderr).toContain(`/…/v1/${signal} (404)`);
        expect(stderr).toContain(`OTEL_${SIGNAL}_EXPORTER=none`);
      });
    },
  );

  it.each([
    ['ends', ''],
    ['exits', 'process.exit();'],
  ])('of metrics, an application that drains at a signal and %s loses no span', async (_how, end) => {
    await withScene(async ({ run, receiver }) => {
      const env = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/none/v1/metrics` };
      const body = `
        await call();
        const alive = setInterval(() => {}, 1000);
        process.on('SIGTERM', async () => {
          await new Promise(setImmediate);
          tracer.startSpan('drained').end();
          clearInterval(alive);
          ${end}
        });
        process.kill(process.pid, 'SIGTERM');`;
      await run(application(body), { env });
      expect(spanNames(receiver)).toEqual([...CALL_SPANS, 'drained']);
    });
  });

  it('that answers nothing at a signal, and then does, an application loses nothing that it drains', async () => {
    const got: string[] = [];
    let isAwake = false;
    const receiver = createHttpServer((request, response) => {
      void readText(request).then((body) => {
        if (!isAwake) return;
        got.push(body);
        response.end();
      });
    });
    try {
      await withScene(async ({ run }) => {
        const env = {
          OTEL_ANTHROPIC_FLUSH_TIMEOUT: '300',
          OTEL_EXPORTER_OTLP_ENDPOINT: await listen(receiver),
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        };
        const body = `
          const alive = setInterval(() => {}, 1000);
          tracer.startSpan('early').end();
          process.once('SIGTERM', () => console.log('drains'));
          process.once('SIGUSR2', async () => {
            tracer.startSpan('middle').end();
            await trace.getTracerProvider().getDelegate().forceFlush();
            tracer.startSpan('late').end();
            clearInterval(alive);
          });
          process.kill(process.pid, 'SIGTERM');`;
        await run(application(body), {
          env,
          onStdout: (_text, kill) => {
            isAwake = true;
            kill('SIGUSR2');
          },
        });
      });
    } finally {
      receiver.close();
    }
    expect(got.join()).toContain('late');
  });

  it.each([
    [401, 'Are the credentials in OTEL_EXPORTER_OTLP_HEADERS right?'],
    [403, 'Are the credentials in OTEL_EXPORTER_OTLP_HEADERS allowed to write?'],
    [400, 'Its own log may say why.'],
  ])('but one that refuses everything with %d, the line says once what it needs', async (status, advice) => {
    await withScene(async ({ run, receiver }) => {
      receiver.setStatus(status);
      const flush = 'await trace.getTracerProvider().getDelegate().forceFlush();';
      const { stderr } = await run(application(`await call(); ${flush} await call(); ${flush}`));
      expect(receiver.requests.length).toBeGreaterThan(2);
      expect(LINE.exec(stderr)?.[1]).toBe(String(status));
      expect(stderr).toContain(`to ${receiver.url}/v1/`);
      expect(stderr).toContain(`(${status}). ${advice} `);
    });
  });

  it('the line names the headers where they cannot be sent', async () => {
    await withScene(async ({ run }) => {
      const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=hunter2%0A' };
      const { stderr } = await run(application('await call();'), { env });
      expect(LINE.exec(stderr)?.[1]).toBe('ERR_INVALID_CHAR');
      expect(stderr).toContain('Is OTEL_EXPORTER_OTLP_HEADERS right?');
      expect(stderr).not.toContain('hunter2');
    });
  });

  it.each([
    ['ends', '', 0],
    ['exits', 'process.exit(4);', 4],
    ['is terminated', "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');", null],
  ])('an application that %s is told in one line', async (_how, end, code) => {
    await withScene(async ({ run }) => {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: await deadUrl(), OTEL_LOG_LEVEL: 'error' };
      const result = await run(application(`await call(); await call(); ${end}`), { env });
      expect(result.code).toBe(code);
      expect(result.stdout).toBe('');
      expect(LINE.exec(result.stderr)?.[1]).toBe('ECONNREFUSED');
    });
  });

  // Each of the SDK's own bounds is longer than the test's patience with the child.
  const patient = {
    OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
    OTEL_BSP_EXPORT_TIMEOUT: '600000',
    OTEL_METRIC_EXPORT_INTERVAL: '600000',
    OTEL_METRIC_EXPORT_TIMEOUT: '600000',
    OTEL_BLRP_EXPORT_TIMEOUT: '600000',
    OTEL_ANTHROPIC_FLUSH_TIMEOUT: '300',
  };

  it.each([
    ['ends', '', 0],
    ['exits', 'process.exit(4);', 4],
    ['is terminated', "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');", null],
  ])('that answers nothing, an application that %s is not held up', async (_how, end, code) => {
    const hole = createServer(() => {});
    try {
      await withScene(async ({ run }) => {
        const env = { ...patient, OTEL_EXPORTER_OTLP_ENDPOINT: await listen(hole) };
        const result = await run(application(`await call(); ${end}`), { env });
        expect(result.code).toBe(code);
        expect(LINE.exec(result.stderr)?.[1]).toBe('timeout');
      });
    } finally {
      hole.close();
    }
  });

  it.each([
    ['ends', '', 0],
    ['is terminated', "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');", null],
  ])('that answers nothing, no timer of an application fires any more that %s', async (_how, end, code) => {
    const hole = createServer(() => {});
    try {
      await withScene(async ({ run }) => {
        const env = {
          ...patient,
          OTEL_ANTHROPIC_FLUSH_TIMEOUT: '2000',
          OTEL_EXPORTER_OTLP_ENDPOINT: await listen(hole),
        };
        const timer = "setTimeout(() => console.log('fired'), 500).unref();";
        const { stdout, ...result } = await run(application(`await call(); ${timer} ${end}`), { env });
        expect({ code: result.code, stdout }).toEqual({ code, stdout: '' });
      });
    } finally {
      hole.close();
    }
  });

  it('that does not even read, an application that ends is held up once', async () => {
    let connections = 0;
    const deaf = createServer({ pauseOnConnect: true }, () => {
      connections += 1;
    });
    try {
      await withScene(async ({ run }) => {
        const env = {
          ...patient,
          OTEL_EXPORTER_OTLP_ENDPOINT: await listen(deaf),
          OTEL_METRICS_EXPORTER: 'none',
          // So many bytes are made, and handed to the thread that sends them, in less.
          OTEL_ANTHROPIC_FLUSH_TIMEOUT: '4000',
        };
        // More than the operating system takes from it.
        const body = "tracer.startSpan('large', { attributes: { text: 'x'.repeat(20_000_000) } }).end();";
        const { code, stderr } = await run(application(body), { env });
        expect({ code, line: LINE.exec(stderr)?.[1] }).toEqual({ code: 0, line: 'timeout' });
      });
    } finally {
      deaf.close();
    }
    expect(connections).toBe(1);
  });

  describe('an application that flushes its providers', () => {
    /** Counts how often a flush is given all of its time; `flush()` flushes both providers. */
    const COUNTING = `
      const { metrics } = await import('@opentelemetry/api');
      const start = globalThis.setTimeout;
      let waits = 0;
      globalThis.setTimeout = (run, ms, ...rest) => {
        if (ms === ${patient.OTEL_ANTHROPIC_FLUSH_TIMEOUT}) waits += 1;
        return start(run, ms, ...rest);
      };
      const flush = async () => {
        await trace.getTracerProvider().getDelegate().forceFlush();
        await metrics.getMeterProvider().forceFlush();
      };`;

    it('waits once for a receiver that answers nothing', async () => {
      const hole = createServer(() => {});
      try {
        await withScene(async ({ run }) => {
          const env = { ...patient, OTEL_EXPORTER_OTLP_ENDPOINT: await listen(hole) };
          const body = `await call(); ${COUNTING} await flush(); console.log(waits); process.kill(process.pid, 'SIGKILL');`;
          expect((await run(application(body), { env })).stdout).toBe('1\n');
        });
      } finally {
        hole.close();
      }
    });

    it('waits again once the receiver has answered', async () => {
      const held: (() => void)[] = [];
      let isAwake = false;
      const receiver = createHttpServer((request, response) => {
        request.resume();
        if (isAwake) response.end();
        else held.push(() => response.end());
      });
      const wake = (): void => {
        isAwake = true;
        for (const answer of held.splice(0)) answer();
      };
      try {
        await withScene(async ({ run }) => {
          const env = { ...patient, OTEL_EXPORTER_OTLP_ENDPOINT: await listen(receiver) };
          const body = `
            await call(); ${COUNTING} await flush(); console.log('late');
            while (waits < 2) await flush();
            process.kill(process.pid, 'SIGKILL');`;
          const { signal } = await run(application(body), { env, onStdout: wake });
          expect(signal).toBe('SIGKILL');
        });
      } finally {
        receiver.close();
      }
    });
  });

  it('an export that is under way when the work ends does not hold it up', async () => {
    const hole = createServer(() => {});
    try {
      await withScene(async ({ run }) => {
        const env = {
          ...patient,
          OTEL_EXPORTER_OTLP_ENDPOINT: await listen(hole),
          OTEL_BSP_SCHEDULE_DELAY: '1',
        };
        const body = "tracer.startSpan('early').end(); await new Promise((done) => setTimeout(done, 100));";
        expect((await run(application(body), { env })).code).toBe(0);
      });
    } finally {
      hole.close();
    }
  });

  it('nor does one whose connection does not open', async () => {
    // It takes no connection, so that the operating system answers none once its queue is full.
    const script = `
      const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        require('node:fs').writeSync(1, String(server.address().port));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const full = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = (await once(full.stdout, 'data')) as [Buffer];
    const filling = Array.from({ length: 8 }, () => connect(Number(text), '127.0.0.1').on('error', () => {}));
    try {
      await withScene(async ({ run }) => {
        const env = {
          ...patient,
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${text.toString()}`,
        };
        const body =
          "tracer.startSpan('early').end(); void trace.getTracerProvider().getDelegate().forceFlush();";
        const { code, stderr } = await run(application(body), { env });
        expect({ code, line: LINE.exec(stderr)?.[1] }).toEqual({ code: 0, line: 'timeout' });
      });
    } finally {
      for (const socket of filling) socket.destroy();
      full.kill('SIGKILL');
    }
  });

  it('a timeout that no timer can be set to is a long one', async () => {
    await withScene(async ({ run, receiver }) => {
      const env = {
        OTEL_ANTHROPIC_FLUSH_TIMEOUT: '99999999999',
        OTEL_EXPORTER_OTLP_TIMEOUT: '99999999999',
        OTEL_METRIC_EXPORT_INTERVAL: '99999999999',
      };
      expect((await run(application('await call();'), { env })).stderr).toBe('');
      expect(spanNames(receiver)).toEqual(CALL_SPANS);
    });
  });

  it('the line shows no credentials and no query', async () => {
    await withScene(async ({ run }) => {
      const url = (await deadUrl()).replace('//', '//user:hunter2@');
      const env = {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/in?token=hunter2`,
        OTEL_METRICS_EXPORTER: 'none',
      };
      const { stderr } = await run(application('await call();'), { env });
      expect(stderr).toMatch(LINE);
      expect(stderr).not.toContain('hunter2');
      expect(stderr).not.toContain('user');
    });
  });

  it.each([
    ['ends', ''],
    ['exits', 'process.exit(0);'],
  ])('that refuses the credentials, the line says so (an application that %s)', async (_how, end) => {
    await withScene(async ({ run, receiver }) => {
      receiver.setStatus(401);
      const { stderr } = await run(application(`await call(); ${end}`));
      expect(LINE.exec(stderr)?.[1]).toBe('401');
      expect(stderr).toContain('OTEL_EXPORTER_OTLP_HEADERS');
    });
  });
});
