import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SpanStatusCode } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, FAKE_KEY, readAll, rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { NEWEST, type Anthropic, type Build } from '../../support/sdk-builds.ts';
import { sdkFolder } from '../../support/sdks.ts';

const stage = setStage();

interface Platform {
  readonly name: string;
  readonly file: string;
  readonly exported: string;
  readonly options: (url: string) => object;
  readonly provider: string;
  readonly template: string;
  readonly streamTemplate: string;
}

const PLATFORMS: readonly Platform[] = [
  {
    name: 'bedrock-sdk',
    file: 'index',
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
    name: 'vertex-sdk',
    file: 'index',
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
    file: 'index',
    exported: 'AnthropicFoundry',
    options: (url) => ({ baseURL: `${url}/anthropic/`, apiKey: FAKE_KEY }),
    provider: 'azure.ai.inference',
    template: '/v1/messages',
    streamTemplate: '/v1/messages',
  },
];

const BUILDS: readonly Build[] = ['esm', 'cjs'];

describe.each(PLATFORMS)('$name', (platform) => {
  describe.each(BUILDS)('%s', (build) => {
    let client: Anthropic;
    beforeAll(async () => {
      await stage.load(NEWEST, false);
      const folder = join(sdkFolder(NEWEST.version), 'node_modules', '@anthropic-ai', platform.name);
      const module = (
        build === 'esm'
          ? await import(pathToFileURL(join(folder, `${platform.file}.mjs`)).href)
          : createRequire(import.meta.url)(join(folder, `${platform.file}.js`))
      ) as Record<string, new (options: object) => Anthropic>;
      const Client = module[platform.exported];
      if (!Client) throw new Error(platform.exported);
      stage.instrumentation.manuallyInstrument(Client);
      client = Object.assign(new Client({ ...platform.options(stage.api.url), maxRetries: 2 }), {
        calculateDefaultRetryTimeoutMillis: () => 2,
      });
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
      for await (const event of await client.messages.create({ ...REQUEST, stream: true }))
        if (event.type === 'message_start') break;
      const { span } = await stage.telemetry.call();
      expect(span.attributes['anthropic.call.canceled']).toBe(true);
    });

    test('a stream that fails in its middle', async () => {
      stage.api.enqueue(reply.stream({}, { ending: reply.streamError(4) }));
      await rejection(readAll(await client.messages.create({ ...REQUEST, stream: true })));
      const { span } = await stage.telemetry.call();
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes['error.type']).toBeTypeOf('string');
    });

    test('a retry, and metrics under the platform’s name', async () => {
      stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
      await client.messages.create({ ...REQUEST, model: `claude-${platform.name}-${build}` });
      const { attempts } = await stage.telemetry.call();
      expect(attempts.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([529, 200]);
      const points = (await stage.telemetry.points()).filter(
        ({ attributes }) => attributes['gen_ai.request.model'] === `claude-${platform.name}-${build}`,
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
      expect(attempts[0]?.attributes['http.response.status_code']).toBe(400);
    });
  });
});
