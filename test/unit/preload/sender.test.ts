import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Letter } from '../../../src/preload/otlp/letter.ts';
import { Sender } from '../../../src/preload/otlp/sender.ts';
import { openable } from '../../support/behaviour.ts';
import { closedPort } from '../../support/servers.ts';

type Answer = (response: ServerResponse) => void;

/** Longer than any test: what waits for it waits for ever. */
const LONG_MS = 1_000_000;

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end();
/** A retry of it waits for longer than any test. */
const LATER = status(503, { 'retry-after': '600' });
const AT_ONCE = status(503, { 'retry-after': '0' });

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

describe('the sender', () => {
  /** What is answered, in order; 200 after that. */
  const answers: Answer[] = [];
  const bodies: Buffer[] = [];
  const encodings: unknown[] = [];
  let url = '';
  let sender: Sender;
  let lost: string[] = [];
  let arrived = 0;

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    encodings.push(request.headers['content-encoding']);
    bodies.push(Buffer.concat(chunks));
    (answers.shift() ?? status(200))(response);
  };
  const server = createServer((request, response) => void receive(request, response));
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    answers.length = 0;
    bodies.length = 0;
    encodings.length = 0;
    lost = [];
    arrived = 0;
    sender = new Sender(
      (_letter, { reason }) => lost.push(reason),
      () => void (arrived += 1),
    );
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  const letter = (more: Partial<Letter> = {}): Letter => ({
    url,
    headers: {},
    gzip: false,
    tls: {},
    body: Buffer.from('batch'),
    ...more,
  });
  const received = (count: number): Promise<void> => until(() => bodies.length === count);
  /** Resolves when a letter waits for its retry. */
  const waiting = async (): Promise<void> => {
    await received(1);
    await until(() => sender.unsent().length === 1);
  };

  it('tells that a letter has arrived', async () => {
    const delivery = sender.send(letter(), LONG_MS);
    expect([sender.isBusy, sender.underway().length]).toEqual([true, 1]);
    expect(await delivery).toEqual({ ok: true });
    expect([sender.isBusy, arrived, lost]).toEqual([false, 1, []]);
  });

  it('compresses a letter that asks for it', async () => {
    await sender.send(letter({ gzip: true }), LONG_MS);
    expect(bodies.map((body) => gunzipSync(body).toString())).toEqual(['batch']);
    expect(encodings).toEqual(['gzip']);
  });

  it('has one connection for letters that follow each other', async () => {
    let connections = 0;
    const count = (): void => void (connections += 1);
    server.on('connection', count);
    for (let sent = 0; sent < 3; sent += 1) await sender.send(letter(), LONG_MS);
    server.off('connection', count);
    expect(connections).toBeLessThanOrEqual(1);
  });

  it('keeps no process alive, and no timer once it has sent', async () => {
    const start = vi.spyOn(globalThis, 'setTimeout');
    const clear = vi.spyOn(globalThis, 'clearTimeout');
    answers.push(LATER);
    const delivery = sender.send(letter(), LONG_MS);
    await waiting();
    const timers = start.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timers.map((timer) => timer.hasRef())).toEqual([false, false]);
    sender.hurry();
    await delivery;
    const cleared = clear.mock.calls.map(([timer]) => timer);
    for (const timer of timers) expect(cleared).toContain(timer);
  });

  it.each([429, 502, 503, 504])(
    'repeats a letter that is answered with %d, when it is asked to',
    async (code) => {
      answers.push(status(code, { 'retry-after': '0' }), AT_ONCE);
      expect(await sender.send(letter(), LONG_MS)).toEqual({ ok: true });
      expect([bodies.length, arrived, lost]).toEqual([3, 1, []]);
    },
  );

  it('repeats it at the date that it is asked to', async () => {
    answers.push(status(503, { 'retry-after': new Date(0).toUTCString() }));
    expect(await sender.send(letter(), LONG_MS)).toEqual({ ok: true });
  });

  it.each([302, 400, 401, 500, 501])('does not repeat one that is answered with %d', async (code) => {
    answers.push(status(code, { 'retry-after': '0' }));
    await sender.send(letter(), LONG_MS);
    expect([bodies.length, arrived, lost]).toEqual([1, 0, [`${code}`]]);
  });

  it('loses a letter at once whose retry would come too late', async () => {
    answers.push(LATER);
    await sender.send(letter(), 599_000);
    expect(lost).toEqual(['503']);
  });

  it('goes by its own waits where it is asked for one that is none', async () => {
    answers.push(status(503, { 'retry-after': 'soon' }));
    await sender.send(letter(), 500);
    expect(lost).toEqual(['503']);
  });

  it('loses one at once that cannot be written', async () => {
    await sender.send(letter({ headers: { 'x-token': 'a\nb' } }), LONG_MS);
    expect(lost).toEqual(['ERR_INVALID_CHAR']);
  });

  it('loses one that finds nobody, and one that is not answered in time', async () => {
    await sender.send(letter({ url: `http://127.0.0.1:${await closedPort()}` }), 500);
    const { opened: closed, open: close } = openable();
    answers.push((response) => response.once('close', close));
    await sender.send(letter(), 20);
    expect(lost).toEqual(['ECONNREFUSED', 'timeout']);
    await closed;
  });

  it('that hurries repeats once, at once, what waits for its retry', async () => {
    answers.push(LATER, AT_ONCE);
    const delivery = sender.send(letter(), LONG_MS);
    await waiting();
    sender.hurry();
    expect(await delivery).toMatchObject({ ok: false, reason: '503' });
    expect([bodies.length, lost]).toEqual([2, ['503']]);
  });

  it('that hurries does not wait either for what is answered only then', async () => {
    const held: ServerResponse[] = [];
    answers.push((response) => held.push(response), AT_ONCE);
    const delivery = sender.send(letter(), LONG_MS);
    await received(1);
    sender.hurry();
    for (const response of held) LATER(response);
    expect(await delivery).toMatchObject({ ok: false, reason: '503' });
    expect(bodies.length).toBe(2);
  });

  it('breaks off what is on its way', async () => {
    const { opened: closed, open: close } = openable();
    answers.push((response) => response.once('close', close));
    sender.hurry();
    const delivery = sender.send(letter(), LONG_MS);
    await received(1);
    sender.breakOff();
    expect(await delivery).toEqual({ ok: false, reason: 'ABORT_ERR', retryable: true });
    await closed;
  });

  it('that has relaxed repeats again', async () => {
    sender.hurry();
    sender.relax();
    answers.push(AT_ONCE, AT_ONCE);
    expect(await sender.send(letter(), LONG_MS)).toEqual({ ok: true });
  });

  it.each([
    ['what others send', true],
    ['what is sent here', false],
  ])('is idle when everything on its way has arrived, %s last', async (_what, isOthersLast) => {
    let isIdle = false;
    const [own, others] = [openable(), openable()];
    answers.push((response) => void own.opened.then(() => response.end()));
    const delivery = sender.send(letter(), LONG_MS);
    sender.remember(() => {}, others.opened);
    const idle = sender.idle().then(() => (isIdle = true));
    if (isOthersLast) {
      own.open();
      await delivery;
    } else {
      others.open();
    }
    await new Promise(setImmediate);
    expect([sender.isBusy, isIdle]).toEqual([true, false]);
    own.open();
    others.open();
    await idle;
    await delivery;
    expect(sender.isBusy).toBe(false);
  });

  it('gives out, as unsent, what waits for its retry, and not what the operating system has', async () => {
    answers.push(LATER, () => {});
    const waits = letter();
    void sender.send(waits, LONG_MS);
    await waiting();
    void sender.send(letter(), LONG_MS);
    await received(2);
    expect(sender.unsent()).toEqual([waits]);
    sender.hurry();
  });

  it('gives out what cannot be written yet', async () => {
    const deaf = createTcpServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    const connected = once(deaf, 'connection');
    await once(deaf, 'listening');
    const large = letter({
      url: `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`,
      body: Buffer.alloc(50_000_000),
    });
    const delivery = sender.send(large, LONG_MS);
    const [socket] = (await connected) as [{ destroy(): void }];
    expect(sender.unsent()).toEqual([large]);
    sender.hurry();
    socket.destroy();
    deaf.close();
    await delivery;
  });

  it('holds what is sent meanwhile, and nothing after that', async () => {
    const kept = letter();
    expect(sender.isHolding).toBe(false);
    const hold = () =>
      sender.hold(() => {
        expect(sender.isHolding).toBe(true);
        void sender.send(kept, LONG_MS);
      });
    expect(hold()).toEqual([kept]);
    expect(hold()).toEqual([kept]);
    expect(() =>
      sender.hold(() => {
        throw new EvalError('broken');
      }),
    ).toThrow(EvalError);
    await sender.send(letter(), LONG_MS);
    expect(bodies).toHaveLength(1);
  });

  it('gives out once what others have not sent', () => {
    const theirs = letter();
    sender.remember(() => void sender.send(theirs, LONG_MS), new Promise(() => {}));
    expect(sender.unsent()).toEqual([theirs]);
    expect(sender.unsent()).toEqual([]);
  });
});
