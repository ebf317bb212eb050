import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reply, startFakeApi } from '../../src/demo/fake-api/index.ts';
import { startTestReceiver } from '../support/otlp.ts';
import { runScript } from '../support/run.ts';
import { NEWEST_SDK } from '../support/sdks.ts';

const REGISTER = fileURLToPath(new URL('../../dist/register.js', import.meta.url));

const HELPERS = `
/** Collects garbage until \`refs\` are empty, or often enough to know that they never will be. */
async function alive(refs) {
  for (let round = 0; round < 40 && refs.some((ref) => ref.deref()); round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  return refs.filter((ref) => ref.deref()).length;
}

/** References to the messages of five calls, which nothing else of the script holds. */
async function callsOf(make) {
  const refs = [];
  for (let call = 0; call < 5; call += 1) {
    const messages = messagesOf(1000 + call);
    refs.push(new WeakRef(messages));
    await make({ ...request, messages });
  }
  return refs;
}
`;

/** Runs `body` where `client`, `request`, `messagesOf(size)`, `callsOf(make)` and `alive(refs)` are known, and gives what it prints. */
async function printed(body: string, prepare: (api: Awaited<ReturnType<typeof startFakeApi>>) => void) {
  const [api, receiver] = await Promise.all([startFakeApi(), startTestReceiver()]);
  try {
    prepare(api);
    const { code, stdout, stderr } = await runScript({
      script: `
import Anthropic from '@anthropic-ai/sdk';
${HELPERS}
const client = new Anthropic({ apiKey: 'no-key-needed', maxRetries: 0 });
const messagesOf = (size) => [{ role: 'user', content: 'x'.repeat(size) }];
const request = { model: 'claude-haiku-4-5', max_tokens: 8 };
${body}
process.exit(0);
`,
      sdk: NEWEST_SDK,
      build: 'esm',
      preload: ['--expose-gc', '--import', REGISTER],
      env: { ANTHROPIC_BASE_URL: api.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  } finally {
    await Promise.all([api.close(), receiver.close()]);
  }
}

test('a stream that is dropped half-way is let go of, with the request that it answers', async () => {
  const out = await printed(
    `
const refs = await callsOf(async (body) => {
  const stream = await client.messages.create({ ...body, stream: true });
  await stream[Symbol.asyncIterator]().next();
});
console.log(await alive(refs));
`,
    (api) => {
      for (let call = 0; call < 5; call += 1)
        api.enqueue(reply.stream({}, { ending: { kind: 'stall', after: 4 } }));
    },
  );
  expect(out).toBe('0');
});

test('a request is let go of when its call has ended, though its connection lives on', async () => {
  const out = await printed(
    `
const refs = await callsOf((body) => client.messages.create(body));
const keepsBusy = setInterval(() => client.messages.create({ ...request, messages: messagesOf(1) }).catch(() => {}), 20);
console.log(await alive(refs));
clearInterval(keepsBusy);
`,
    () => {},
  );
  expect(out).toBe('0');
});
