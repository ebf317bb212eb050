import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reply, startFakeApi } from '../../src/demo/fake-api/index.ts';
import { startTestReceiver } from '../support/otlp.ts';
import { runScript } from '../support/run.ts';
import { NEWEST_SDK, type SdkVersion } from '../support/sdks.ts';

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
async function printed(
  body: string,
  prepare: (api: Awaited<ReturnType<typeof startFakeApi>>) => void,
  { sdk = NEWEST_SDK, preloads = true }: { sdk?: SdkVersion; preloads?: boolean } = {},
) {
  const [api, receiver] = await Promise.all([startFakeApi(), startTestReceiver()]);
  try {
    prepare(api);
    const { code, stdout, stderr } = await runScript({
      script: `
import { getHeapSpaceStatistics } from 'node:v8';
import Anthropic from '@anthropic-ai/sdk';
${HELPERS}
const client = new Anthropic({ apiKey: 'no-key-needed', maxRetries: 0 });
const messagesOf = (size) => [{ role: 'user', content: 'x'.repeat(size) }];
const request = { model: 'claude-haiku-4-5', max_tokens: 8 };
${body}
process.exit(0);
`,
      sdk,
      build: 'esm',
      preload: ['--expose-gc', ...(preloads ? ['--import', REGISTER] : [])],
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
      for (let call = 0; call < 5; call += 1) {
        api.enqueue(reply.stream({}, { ending: { kind: 'stall', after: 4 } }));
      }
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

/** Makes twenty large calls by `make`, and prints how many kB of what they allocated outlive the young generation. */
const PRINT_OUTLIVING = `
const usedOld = () => getHeapSpaceStatistics()
  .filter(({ space_name: name }) => name === 'old_space' || name === 'large_object_space')
  .reduce((sum, { space_used_size: used }) => sum + used, 0);
const blocks = (count) => [{ role: 'user', content: Array.from({ length: count }, () => ({ type: 'text', text: '' })) }];

async function collected(collect) {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
  }
}

for (let call = 0; call < 20; call += 1) await make(blocks(1));
await collected(() => gc());
const before = usedOld();
for (let call = 0; call < 20; call += 1) await make(blocks(2000));
await collected(() => gc({ type: 'minor' }));
console.log(Math.round((usedOld() - before) / 1000));
`;

const READ = {
  call: 'await client.messages.create({ ...request, messages });',
  stream: 'for await (const event of await client.messages.create({ ...request, messages, stream: true }));',
};

test.for(
  (Object.keys(READ) as (keyof typeof READ)[]).flatMap((what) =>
    ([NEWEST_SDK, '0.91.1'] as const).map((sdk) => [what, sdk] as const),
  ),
)('what a %s of SDK %s held is garbage while it is young', async ([what, sdk]) => {
  const script = `const make = async (messages) => { ${READ[what]} };\n${PRINT_OUTLIVING}`;
  const without = Number(await printed(script, () => {}, { sdk, preloads: false }));
  const withUs = Number(await printed(script, () => {}, { sdk }));
  // What the SDK alone leaves is the text of the bodies; the requests would be as much again.
  expect(without).toBeGreaterThan(1000);
  expect(withUs).toBeLessThan(without * 1.4);
});
