/** What runs in a call's context, and what `propagateContext` sends: where the SDK makes the call span, its own setting decides. */
import { trace } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { AT_ONCE, REQUEST, setStage } from '../../support/behaviour.ts';
import { SDK_BUILDS, type Sdk } from '../../support/sdk-builds.ts';

const stage = setStage({ config: { propagateContext: true } });

const sent = (count: number) => stage.api.requests.slice(-count).map(({ headers }) => headers['traceparent']);

describe.each(SDK_BUILDS)('SDK $version $build', (build) => {
  let sdk: Sdk;
  beforeAll(async () => {
    sdk = await stage.load(build);
  });

  test('what the SDK calls between two attempts is in the span of the call', async () => {
    stage.api.enqueue(reply.error(529));
    const seen: (string | undefined)[] = [];
    const client = stage.client(sdk, {}, () => {
      seen.push(trace.getActiveSpan()?.spanContext().spanId);
      return 2;
    });
    await client.messages.create(REQUEST);
    const { span } = await stage.telemetry.call();
    expect(seen).toEqual([span.spanContext().spanId]);
  });

  if (build.has.nativeSpans) {
    test('the SDK that does not propagate sends nothing', async () => {
      const openTelemetry = { propagation: false };
      await stage.client(sdk, { openTelemetry }).messages.create(REQUEST);
      await stage.telemetry.call();
      expect(sent(1)).toEqual([undefined]);
    });
  } else {
    test.each([
      ['none', {}],
      ['its own', { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }],
    ])('each request names its attempt, where the application sends %s', async (_which, headers) => {
      const given = { ...headers };
      stage.api.enqueue(reply.error(529, { headers: AT_ONCE }));
      await stage.client(sdk).messages.create(REQUEST, { headers });
      const { attempts } = await stage.telemetry.call();
      expect(sent(2)).toEqual(
        attempts.map((attempt) => {
          const { traceId, spanId } = attempt.spanContext();
          return `00-${traceId}-${spanId}-01`;
        }),
      );
      expect(headers).toEqual(given);
    });
  }
});
