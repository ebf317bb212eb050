import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type * as FlusherModule from '../../../src/preload/end/flusher.ts';
import type * as PostModule from '../../../src/preload/otlp/post-synchronously.ts';
import type * as SenderModule from '../../../src/preload/otlp/sender.ts';
import type { Letter } from '../../../src/preload/otlp/letter.ts';
import type { LossNotice } from '../../../src/preload/pipeline/loss-notice.ts';
import type * as PipelineModule from '../../../src/preload/pipeline/pipeline.ts';
import type * as RedactionModule from '../../../src/redaction/index.ts';
import { openable } from '../../support/behaviour.ts';

/** As it is built: it starts a thread from a file beside it. */
async function built<Module>(file: string): Promise<Module> {
  return (await import(new URL(`../../../dist/${file}`, import.meta.url).href)) as Module;
}
const { Flusher } = await built<typeof FlusherModule>('preload/end/flusher.js');
const { postSynchronously } = await built<typeof PostModule>('preload/otlp/post-synchronously.js');
const { Sender } = await built<typeof SenderModule>('preload/otlp/sender.js');
const { createPipeline } = await built<typeof PipelineModule>('preload/pipeline/pipeline.js');
const { createRedactor } = await built<typeof RedactionModule>('redaction/index.js');

/** Answers while the test's own thread stands still: nothing below /deaf, and at /busy that a retry is to wait for longer than any test. */
const RECEIVER = `
  const { parentPort } = require('node:worker_threads');
  const paths = [];
  const server = require('node:http').createServer((request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify(paths.splice(0)));
    request.resume().on('end', () => {
      paths.push(request.url);
      if (request.url.includes('/deaf/')) return;
      const isBusy = request.url.endsWith('/busy');
      response.writeHead(isBusy ? 503 : 200, isBusy ? { 'retry-after': '600' } : {}).end();
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const LONG_MS = 60_000;

/** For how long a flush waits, of those up to 300 ms, each time. */
function patience() {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  return () => timers.mock.calls.map(([, ms]) => ms).filter((ms) => ms !== undefined && ms <= 300);
}

describe('the flusher', () => {
  let receiver: Worker;
  let origin: string;
  /** Of this test alone: what an earlier one has lost may arrive late. */
  let url: string;
  let count = 0;
  const told: string[] = [];
  const notice = { give: (where: string, reason: string) => told.push(`${where} ${reason}`) };
  let openCallsEnded: number;
  beforeAll(async () => {
    receiver = new Worker(RECEIVER, { eval: true });
    const [port] = (await once(receiver, 'message')) as [number];
    origin = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await receiver.terminate();
  });
  beforeEach(() => {
    count += 1;
    url = `${origin}/${count}`;
    told.length = 0;
    openCallsEnded = 0;
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  /** The paths of what came since the last time. */
  async function received(): Promise<readonly string[]> {
    const answer = await fetch(origin);
    const paths = (await answer.json()) as string[];
    const own = `/${count}`;
    return paths.filter((path) => path.startsWith(`${own}/`)).map((path) => path.slice(own.length));
  }

  const letterTo = (path: string): Letter => ({
    url: `${url}${path}`,
    headers: {},
    gzip: false,
    tls: {},
    body: Buffer.from('batch'),
  });

  /** Resolves when the sender's one letter waits for its retry. */
  async function waiting(sender: SenderModule.Sender): Promise<void> {
    while ((await received()).length === 0);
    while (sender.unsent().length === 0) await new Promise(setImmediate);
  }

  function setUp({ env = {}, base = url, timeoutMs = LONG_MS }: SetUp = {}) {
    const all = {
      OTEL_EXPORTER_OTLP_ENDPOINT: base,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      ...env,
    };
    for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
    const sender = new Sender(
      () => {},
      () => flusher.arrived(),
    );
    const pipeline = createPipeline({
      env: all,
      redactor: createRedactor(),
      sender,
      notice: notice as unknown as LossNotice,
    });
    const tracer = new BasicTracerProvider({ spanProcessors: pipeline.spanProcessors }).getTracer('test');
    let spans = 0;
    const state: {
      running: PipelineModule.Pipeline | undefined;
      retiring: FlusherModule.Retiring | undefined;
    } = {
      running: pipeline,
      retiring: undefined,
    };
    const flusher = new Flusher(
      {
        running: () => state.running,
        retiring: () => state.retiring,
        spans: () => spans,
        endOpenCalls: () => void (openCallsEnded += 1),
      },
      sender,
      notice as unknown as LossNotice,
      timeoutMs,
    );
    const span = (): void => {
      spans += 1;
      tracer.startSpan('span').end();
    };
    return { flusher, sender, pipeline, span, state };
  }
  interface SetUp {
    readonly env?: Readonly<Record<string, string>>;
    readonly base?: string;
    readonly timeoutMs?: number;
  }

  it('has sent what there is when it has flushed, and does nothing where there is no news', async () => {
    const { flusher, pipeline, span } = setUp();
    span();
    await flusher.flush();
    expect(await received()).toEqual(['/v1/traces']);
    const asked = [vi.spyOn(pipeline, 'flush'), vi.spyOn(pipeline, 'flushAtOnce')];
    await flusher.flush();
    await flusher.collect();
    flusher.flushSynchronously(true);
    for (const flush of asked) expect(flush).not.toHaveBeenCalled();
    expect(openCallsEnded).toBe(4);
    span();
    await flusher.flush();
    expect(await received()).toEqual(['/v1/traces']);
  });

  it.each([
    ['at the exit', async (flusher: FlusherModule.Flusher) => flusher.flushSynchronously(true)],
    ['at a signal', (flusher: FlusherModule.Flusher) => flusher.flush()],
  ])('keeps what it collects, and sends it once, %s', async (_when, leave) => {
    const { flusher, span } = setUp();
    span();
    await flusher.collect();
    await flusher.collect();
    expect(await received()).toEqual([]);
    await leave(flusher);
    await leave(flusher);
    expect(await received()).toEqual(['/v1/traces']);
    expect(openCallsEnded).toBe(4);
  });

  it.each([
    [
      'takes over, the last time,',
      true,
      1,
      async (flusher: FlusherModule.Flusher) => flusher.flushSynchronously(true),
    ],
    ['takes over, at a signal,', true, 1, (flusher: FlusherModule.Flusher) => flusher.flush()],
    [
      'leaves alone, while the application may go on,',
      false,
      0,
      async (flusher: FlusherModule.Flusher) => flusher.flushSynchronously(false),
    ],
  ] as const)(
    '%s what waits for its retry, and the calls that are open',
    async (_what, takesOver, ended, leave) => {
      const { flusher, sender, span } = setUp();
      const delivery = sender.send(letterTo('/busy'), 1_000_000);
      await waiting(sender);
      span();
      await leave(flusher);
      expect([...(await received())].sort()).toEqual(takesOver ? ['/busy', '/v1/traces'] : ['/v1/traces']);
      expect(openCallsEnded).toBe(ended);
      sender.hurry();
      await delivery;
    },
  );

  it('tells where it could not send in time, and holds nothing up again until something arrives', async () => {
    const { flusher, span } = setUp({ base: `${url}/deaf`, timeoutMs: 20 });
    const line = `${url}/deaf/v1/traces timeout`;
    span();
    await flusher.flush();
    expect(told).toEqual([line]);
    span();
    flusher.flushSynchronously(true);
    expect(told).toEqual([line]);
    flusher.arrived();
    flusher.flushSynchronously(true);
    expect(told).toEqual([line, line]);
  });

  it('tries again at once where nobody listened', async () => {
    const { flusher, span } = setUp({ base: 'http://127.0.0.1:1' });
    for (const expected of [1, 2]) {
      span();
      flusher.flushSynchronously(true);
      expect(told).toEqual(Array<string>(expected).fill('http://127.0.0.1:1/v1/traces ECONNREFUSED'));
    }
  });

  it('sends what one part of the SDK hands on, in the time that is left, where another part hangs', async () => {
    const { flusher, pipeline, span } = setUp({ timeoutMs: 2000 });
    const flush = pipeline.flush.bind(pipeline);
    vi.spyOn(pipeline, 'flush').mockImplementation(async () => {
      await flush();
      await new Promise(() => {});
    });
    const wait = vi.spyOn(Atomics, 'wait');
    span();
    await flusher.flush();
    expect(await received()).toEqual(['/v1/traces']);
    span();
    flusher.flushSynchronously(true);
    const [left, whole] = wait.mock.calls.map(([, , , ms]) => ms);
    expect(left).toBeLessThan(1500);
    expect([whole, told]).toEqual([2000, []]);
  });

  it('sends what one part of the SDK hands on where another fails', async () => {
    const { flusher, pipeline, span } = setUp();
    const flush = pipeline.flush.bind(pipeline);
    vi.spyOn(pipeline, 'flush').mockImplementation(async () => {
      await flush();
      throw new EvalError('broken');
    });
    span();
    await flusher.flush();
    expect(await received()).toEqual(['/v1/traces']);
  });

  it('where no thread may start, sends in turns, and takes nothing from an application that goes on', async () => {
    const { flusher, span } = setUp();
    Object.assign(process, { permission: { has: (scope: string) => scope !== 'worker' } });
    onTestFinished(() => void Reflect.deleteProperty(process, 'permission'));
    span();
    expect(flusher.canFlushSynchronously()).toBe(false);
    const wait = vi.spyOn(Atomics, 'wait');
    flusher.flushSynchronously(false);
    await flusher.flush();
    expect(wait).not.toHaveBeenCalled();
    expect([await received(), told]).toEqual([['/v1/traces'], []]);
  });

  it('tells which of several was lost', () => {
    const [first, second] = [letterTo('/v1/traces'), letterTo('/busy')];
    expect(postSynchronously([first, second], LONG_MS)).toEqual({ letter: second, reason: '503' });
  });

  it('sends what an SDK holds that stepped back, until it is shut down', async () => {
    const { flusher, pipeline, span, state } = setUp();
    state.running = undefined;
    const { opened: done } = openable();
    state.retiring = { pipeline, done };
    span();
    expect(flusher.canFlushSynchronously()).toBe(true);
    flusher.flushSynchronously(true);
    expect(await received()).toEqual(['/v1/traces']);
    state.retiring.pipeline = undefined;
    expect(flusher.canFlushSynchronously()).toBe(false);
  });

  it('waits, at a signal, for an SDK that stepped back', async () => {
    const { flusher, state } = setUp();
    state.running = undefined;
    const { opened: done, open } = openable();
    state.retiring = { pipeline: undefined, done };
    let isFlushed = false;
    const flushed = flusher.flush().then(() => (isFlushed = true));
    await new Promise(setImmediate);
    expect(isFlushed).toBe(false);
    open();
    await flushed;
  });

  describe('where an exporter sends in its own way', () => {
    const ZIPKIN = { OTEL_TRACES_EXPORTER: 'zipkin,otlp' };
    const zipkinAt = (base: string) => ({ ...ZIPKIN, OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${base}/zipkin` });

    it.each(['flush', 'collect'] as const)('has sent by its %s what there is, once', async (way) => {
      const { flusher, pipeline, span } = setUp({ env: zipkinAt(url) });
      const flush = vi.spyOn(pipeline, 'flush');
      expect(flusher.canFlushSynchronously()).toBe(false);
      span();
      await flusher[way]();
      expect([...(await received())].sort()).toEqual(['/v1/traces', '/zipkin']);
      await flusher[way]();
      expect(await received()).toEqual([]);
      expect(flush).toHaveBeenCalledOnce();
    });

    it('has what waits for its retry sent at once', async () => {
      const { flusher, sender, span } = setUp({ env: zipkinAt(url) });
      const delivery = sender.send(letterTo('/busy'), 1_000_000);
      await waiting(sender);
      span();
      await flusher.flush();
      expect([...(await received())].sort()).toEqual(['/busy', '/v1/traces', '/zipkin']);
      await delivery;
    });

    it('tells of what is late, breaks it off, and repeats it if the process goes on', async () => {
      const { flusher, sender, span } = setUp({ env: zipkinAt(url), base: `${url}/deaf`, timeoutMs: 50 });
      const breakOff = vi.spyOn(sender, 'breakOff');
      span();
      await flusher.flush();
      expect(told).toEqual([`${url}/deaf/v1/traces timeout`]);
      expect(breakOff).toHaveBeenCalledOnce();
      expect(sender.isHurrying).toBe(false);
    });
  });

  describe('that the application asks for', () => {
    it('waits until what it sends has arrived', async () => {
      const { flusher, pipeline, span } = setUp();
      span();
      const start = vi.spyOn(globalThis, 'setTimeout');
      const clear = vi.spyOn(globalThis, 'clearTimeout');
      expect(await flusher.deliver(() => pipeline.flush())).toBe(true);
      expect(await received()).toEqual(['/v1/traces']);
      // It would keep the process alive.
      const timer = start.mock.results[start.mock.calls.findIndex(([, ms]) => ms === LONG_MS)];
      expect(clear).toHaveBeenCalledWith(timer?.value);
    });

    it('is over when it fails, and what there is has arrived', async () => {
      const { flusher, pipeline, span } = setUp();
      span();
      const flush = async (): Promise<void> => {
        await pipeline.flush();
        throw new EvalError('broken');
      };
      expect(await flusher.deliver(flush)).toBe(true);
      expect(await received()).toEqual(['/v1/traces']);
    });

    it('waits for less after one that was in vain, until something arrives', async () => {
      const { flusher, pipeline, span } = setUp({ base: `${url}/deaf`, timeoutMs: 300 });
      const waited = patience();
      span();
      expect(await flusher.deliver(() => pipeline.flush())).toBe(false);
      expect(await flusher.deliver(() => pipeline.flush())).toBe(false);
      flusher.arrived();
      expect(await flusher.deliver(() => pipeline.flush())).toBe(false);
      expect(waited()).toEqual([300, 250, 300]);
    });

    it('takes what has not been handed on for no word on the receiver', async () => {
      const { flusher } = setUp({ timeoutMs: 300 });
      const waited = patience();
      for (const _time of [1, 2]) {
        expect(await flusher.deliver(() => new Promise(() => {}))).toBe(false);
      }
      expect(waited()).toEqual([300, 300]);
    });
  });
});
