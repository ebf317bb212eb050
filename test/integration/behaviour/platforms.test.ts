import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SpanStatusCode, type Attributes } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { CLOSED_ERROR_TYPES } from '../../../src/diagnosis/index.ts';
import { reply, type Reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, FAKE_KEY, readAll, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { NEWEST, type Anthropic, type Build } from '../../support/sdk-builds.ts';
import { sdkFolder } from '../../support/sdks.ts';

const stage = setStage();

interface Platform {
  readonly name: string;
  readonly exported: string;
  readonly options: (url: string) => object;
  readonly provider: string;
  readonly template: string;
  readonly streamTemplate: string;
}

const PLATFORMS: readonly Platform[] = [
  {
    name: 'bedrock-sdk',
    exported: 'AnthropicBedrock',
    options: (url) => ({
      baseURL: url,
      awsRegion: 'us-east-1',
      awsAccessKey: 'AKIA',
      awsSecretKey: 'secret',
    }),
    provider: 'aws.bedrock',
    template: '/model/{model}/invoke',
    streamTemplate: '/model/{model}/invoke-with-response-stream',
  },
  {
    name: 'bedrock-sdk',
    exported: 'AnthropicBedrockMantle',
    options: (url) => ({ baseURL: `${url}/anthropic`, awsRegion: 'us-east-1', apiKey: FAKE_KEY }),
    provider: 'aws.bedrock',
    template: '/v1/messages',
    streamTemplate: '/v1/messages',
  },
  {
    name: 'vertex-sdk',
    exported: 'AnthropicVertex',
    options: (url) => ({
      baseURL: `${url}/v1`,
      region: 'us-east5',
      projectId: 'my-project',
      accessToken: 'token',
      authClient: {
        getRequestHeaders: async () => new Headers({ authorization: 'Bearer token' }),
        projectId: 'my-project',
      },
    }),
    provider: 'gcp.vertex_ai',
    template: '/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:rawPredict',
    streamTemplate:
      '/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:streamRawPredict',
  },
  {
    name: 'foundry-sdk',
    exported: 'AnthropicFoundry',
    options: (url) => ({ baseURL: `${url}/anthropic/`, apiKey: FAKE_KEY }),
    provider: 'azure.ai.inference',
    template: '/v1/messages',
    streamTemplate: '/v1/messages',
  },
];

const MESSAGE = { id: 'msg_1', usage: { input_tokens: 3, output_tokens: 4 } } as const;
const IDENTITY = { 'request-id': 'req_1', 'anthropic-organization-id': 'org_1' } as const;

/** What is equal from run to run. */
function comparable(attributes: Attributes): Attributes {
  const times = ['gen_ai.response.time_to_first_chunk', 'anthropic.stream.longest_gap'];
  const known = Object.entries(attributes).map(([name, value]) => [name, times.includes(name) ? '' : value]);
  return Object.fromEntries(known) as Attributes;
}

/** Calls on all platforms. */
const SAME: readonly (readonly [
  what: string,
  answer: Reply,
  run: (client: Anthropic) => Promise<unknown>,
])[] = [
  ['a message', reply.message(MESSAGE, IDENTITY), (client) => client.messages.create(REQUEST)],
  [
    'a message with a request ID of the platform alone',
    reply.message(MESSAGE, { ...IDENTITY, 'request-id': '', 'x-amzn-requestid': 'of-the-platform' }),
    (client) => client.messages.create(REQUEST),
  ],
  [
    'a stream',
    reply.stream(MESSAGE, { headers: IDENTITY }),
    async (client) => readAll(await client.messages.create({ ...REQUEST, stream: true })),
  ],
  [
    'a stream that fails',
    reply.stream(MESSAGE, { headers: IDENTITY, ending: reply.streamError(4) }),
    async (client) => rejection(readAll(await client.messages.create({ ...REQUEST, stream: true }))),
  ],
  [
    'the tool runner’s stream',
    reply.stream(MESSAGE, { headers: IDENTITY }),
    (client) => client.beta.messages.toolRunner({ ...REQUEST, tools: [], stream: true }).runUntilDone(),
  ],
  [
    'a refusal',
    reply.error(429, { headers: { ...IDENTITY, 'x-should-retry': 'false' } }),
    (client) => rejection(client.messages.create(REQUEST)),
  ],
];

const BUILDS: readonly Build[] = ['esm', 'cjs'];

describe.each(PLATFORMS)('$exported', (platform) => {
  describe.each(BUILDS)('%s', (build) => {
    let client: Anthropic;
    let unsaid: Anthropic;
    beforeAll(async () => {
      await stage.load(NEWEST, false);
      const folder = join(sdkFolder(NEWEST.version), 'node_modules', '@anthropic-ai', platform.name);
      const module = (
        build === 'esm'
          ? await import(pathToFileURL(join(folder, 'index.mjs')).href)
          : createRequire(import.meta.url)(join(folder, 'index.js'))
      ) as Record<string, new (options: object) => Anthropic>;
      const Client = module[platform.exported];
      if (!Client) throw new Error(platform.exported);
      stage.instrumentation.manuallyInstrument(Client);
      const make = (more: object): Anthropic =>
        Object.assign(new Client({ ...platform.options(stage.api.url), maxRetries: 2, ...more }), {
          calculateDefaultRetryTimeoutMillis: () => 2,
        });
      client = make({});
      unsaid = make({ openTelemetry: false });
    });

    test.each(SAME)('%s gives the same span where the SDK makes none', async (_what, answer, run) => {
      const shapes = [];
      for (const one of [client, unsaid]) {
        stage.api.enqueue(answer);
        await run(one);
        const { span } = await stage.telemetry.call();
        stage.telemetry.reset();
        shapes.push({ name: span.name, status: span.status, attributes: comparable(span.attributes) });
      }
      expect(shapes[1]).toEqual(shapes[0]);
      expect(shapes[0]?.attributes['gen_ai.provider.name']).toBe(platform.provider);
    });

    test('a message: one call of the platform, one attempt with the platform’s template', async () => {
      stage.api.enqueue(reply.message({ usage: { input_tokens: 3, output_tokens: 4 } }));
      await client.messages.create(REQUEST);
      const { span, attempts } = await stage.telemetry.call();
      expect(span.name).toBe('anthropic.messages.create');
      expect(span.attributes).toMatchObject({
        'gen_ai.provider.name': platform.provider,
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': REQUEST.model,
        'gen_ai.usage.input_tokens': 3,
        'gen_ai.usage.output_tokens': 4,
      });
      expect(span.status.code).toBe(SpanStatusCode.OK);
      expect(attempts.map(({ name }) => name)).toEqual([`POST ${platform.template}`]);
      expect(attempts[0]?.attributes['url.template']).toBe(platform.template);
    });

    test('a stream', async () => {
      stage.api.enqueue(reply.stream({ usage: { input_tokens: 3, output_tokens: 4 } }));
      await readAll(await client.messages.create({ ...REQUEST, stream: true }));
      const { span, attempts } = await stage.telemetry.call();
      expect(span.attributes).toMatchObject({
        'gen_ai.provider.name': platform.provider,
        'gen_ai.usage.input_tokens': 3,
        'gen_ai.usage.output_tokens': 4,
        'gen_ai.request.stream': true,
      });
      expect(span.status.code).toBe(SpanStatusCode.OK);
      expect(attempts.map(({ name }) => name)).toEqual([`POST ${platform.streamTemplate}`]);
    });

    test('a stream that is broken off', async () => {
      for await (const event of await client.messages.create({ ...REQUEST, stream: true })) {
        if (event.type === 'message_start') break;
      }
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
    });

    test('a stream that fails in its middle', async () => {
      stage.api.enqueue(reply.stream({}, { ending: reply.streamError(4) }));
      await rejection(readAll(await client.messages.create({ ...REQUEST, stream: true })));
      const { span } = await stage.telemetry.call();
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      const word = CLOSED_ERROR_TYPES.has(String(span.attributes['error.type']));
      expect(word, String(span.attributes['error.type'])).toBe(true);
    });

    test('a request ID of the platform, where the API gives none', async () => {
      const ids = { 'x-amzn-requestid': 'of-aws', 'apim-request-id': '' };
      stage.api.enqueue(reply.message({}, { ...ids, 'request-id': '' }));
      await client.messages.create(REQUEST);
      const { span, attempts } = await stage.telemetry.call();
      expect(span.attributes['anthropic.request.id']).toBe('of-aws');
      expect(attempts[0]?.attributes['anthropic.request.id']).toBe('of-aws');
    });

    test('a request ID of the API stands before the platform’s', async () => {
      stage.api.enqueue(reply.message({}, { 'apim-request-id': 'of-azure', 'request-id': 'req_1' }));
      await client.messages.create(REQUEST);
      const { span, attempts } = await stage.telemetry.call();
      expect(span.attributes['anthropic.request.id']).toBe('req_1');
      expect(attempts[0]?.attributes['anthropic.request.id']).toBe('req_1');
    });

    test('a retry, and metrics under the platform’s name', async () => {
      stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
      await client.messages.create({ ...REQUEST, model: `claude-${platform.exported}-${build}` });
      const { attempts } = await stage.telemetry.call();
      expect(attempts.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([529, 200]);
      const points = (await stage.telemetry.points()).filter(
        ({ attributes }) => attributes['gen_ai.request.model'] === `claude-${platform.exported}-${build}`,
      );
      expect(points.length).toBeGreaterThan(10);
      for (const { attributes } of points) expect(attributes['gen_ai.provider.name']).toBe(platform.provider);
    });

    test('a refusal', async () => {
      stage.api.enqueue(reply.error(400, { message: 'max_tokens: Field required' }));
      const error = await rejection(client.messages.create(REQUEST));
      expect(error['status']).toBe(400);
      const { span, attempts } = await stage.telemetry.call();
      expect(span.status).toMatchObject({
        code: SpanStatusCode.ERROR,
        message: expect.stringContaining('max_tokens') as string,
      });
      expect(span.attributes['error.type']).toBe(attempts[0]?.attributes['error.type']);
      expect(attempts[0]?.attributes['http.response.status_code']).toBe(400);
    });
  });
});
