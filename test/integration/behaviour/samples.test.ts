import { beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { rejection, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Anthropic } from '../../support/sdk-builds.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';
import { SAMPLES } from '../../support/samples.ts';

const stage = setStage();

/** Headers that belong to the connection, which the server writes itself. */
const OF_THE_CONNECTION = new Set([
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'connection',
  'date',
]);

const ANSWERS = SAMPLES.filter(({ status, body }) => body !== null && status !== null && status >= 400);

/** Here the client has a key, so that one that the API misses was lost on the way. */
const HINT_WITH_KEY: Readonly<Record<string, string>> = { 'au-missing': 'key_stripped' };

const BUILDS = SDK_BUILDS.filter(({ version, build }) =>
  build === 'esm' ? version === NEWEST_SDK : version === '0.39.0',
);

describe.each(BUILDS)('recorded answers through SDK $version $build', (build) => {
  let client: Anthropic;
  beforeAll(async () => {
    client = stage.client(await stage.load(build), { maxRetries: 0 });
  });

  test.each(ANSWERS)('$id', async ({ id, status, headers, body, expect: expected }) => {
    const sent = Object.entries(headers ?? {}).filter(([name]) => !OF_THE_CONNECTION.has(name.toLowerCase()));
    stage.api.enqueue(
      reply.raw({
        status: status ?? 0,
        headers: { 'content-type': 'text/plain', ...Object.fromEntries(sent) },
        body: body ?? '',
      }),
    );
    await rejection(client.messages.create(REQUEST));
    const { span } = await stage.telemetry.call();
    expect({
      status: span.attributes['http.response.status_code'],
      cause: span.attributes['anthropic.rate_limit.cause'] ?? null,
      hint: span.attributes['anthropic.error.hint'] ?? null,
      field: span.attributes['anthropic.error.field'] ?? null,
      retryable: span.attributes['anthropic.error.retryable'] ?? null,
    }).toEqual({
      status,
      cause: status === 429 ? (expected.cause ?? 'unknown') : expected.kind === 'billing' ? 'spend' : null,
      hint: HINT_WITH_KEY[id] ?? expected.hint,
      field: expected.field,
      retryable: expected.transient,
    });
  });
});
