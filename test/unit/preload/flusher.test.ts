import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as FlusherModule from '../../../src/preload/end/flusher.ts';
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
const { Sender } = await built<typeof SenderModule>('preload/otlp/sender.js');
const { createPipeline } = await built<typeof PipelineModule>('preload/pipeline/pipeline.js');
const { createRedactor } = await built<typeof RedactionModule>('redaction/index.js');

/** Answers while the test's own thread stands still. Below /busy a retry waits for longer than any test, below /deaf nothing is answered. */
const RECEIVER = `
  const { parentPort } = require('node:worker_threads');
  const paths = [];
  const server = require('node:http').createServer((request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify(paths.splice(0)));
    request.resume().on('end', () => {
      paths.push(request.url);
      if (request.url.startsWith('/deaf')) return;
      const isBusy = request.url.startsWith('/busy');
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
  let url: string;
  const told: string[] = [];
  const notice = { give: (where: string, reason: string) => told.push(`${where} ${reason}`) };
  let openCallsEnded: number;
  beforeAll(async () => {
    receiver = new Worker(RECEIVER, { eval: true });
    const [port] = (await once(receiver, 'message')) as [number];
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await receiver.terminate();
  });
  beforeEach(() => {
    told.length = 0;
    openCallsEnded = 0;
  });
  afterEach(async () => {
    await received();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  /** The paths of what came since the last time. */
  async function received(): Promise<readonly string[]> {
    const answer = await fetch(url);
    return (await answer.json()) as string[];
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
      (flusher: FlusherModule.Flusher) => flusher.flushSynchronously(true),
    ],
    ['takes over, at a signal,', true, 1, (flusher: FlusherModule.Flusher) => flusher.flush()],
    [
      'leaves alone, while the application may go on,',
      false,
      0,
      (flusher: FlusherModule.Flusher) => flusher.flushSynchronously(false),
    ],
  ] as const)(
    '%s what waits for its retry, and the calls that are open',
    async (what, takesOver, ended, leave) => {
      const { flusher, sender, span } = setUp();
      const path = `/busy/${encodeURIComponent(what)}`;
      const waits: Letter = {
        url: `${url}${path}`,
        headers: {},
        gzip: false,
        tls: {},
        body: Buffer.from('batch'),
      };
      const delivery = sender.send(waits, 1_000_000);
      let paths: readonly string[] = [];
      while (paths.length === 0) paths = await received();
      while (sender.unsent().length === 0) await new Promise(setImmediate);
      span();
      await leave(flusher);
      expect([...(await received())].sort()).toEqual(
        takesOver ? [path, '/v1/traces'].sort() : ['/v1/traces'],
      );
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
      const { flusher, span } = setUp({ env: zipkinAt(url) });
      expect(flusher.canFlushSynchronously()).toBe(false);
      span();
      await flusher[way]();
      expect([...(await received())].sort()).toEqual(['/v1/traces', '/zipkin']);
      await flusher[way]();
      expect(await received()).toEqual([]);
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
      expect(await flusher.deliver(() => pipeline.flush())).toBe(true);
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
      for (let count = 0; count < 2; count += 1) {
        expect(await flusher.deliver(() => new Promise(() => {}))).toBe(false);
      }
      expect(waited()).toEqual([300, 300]);
    });
  });
});
