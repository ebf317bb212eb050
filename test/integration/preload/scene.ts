import { startFakeApi, type FakeApi } from '../../../src/demo/fake-api/index.ts';
import { startTestReceiver, type OtlpReceiver } from '../../support/otlp.ts';
import { runScript, type RunOptions, type RunResult } from '../../support/run.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';

/** A server of the API and a receiver of telemetry, for one child process. */
export interface Scene {
  readonly api: FakeApi;
  readonly receiver: OtlpReceiver;
  /** Runs a script whose telemetry goes to the receiver. */
  run(script: string, options?: Partial<RunOptions>): Promise<RunResult>;
}

/** The first lines of a script: `call()` makes one call, `tracer` is the application's own. */
const PREAMBLES = {
  esm: `
import Anthropic from '@anthropic-ai/sdk';
import { trace } from '@opentelemetry/api';
`,
  cjs: `
const Anthropic = require('@anthropic-ai/sdk').default;
const { trace } = require('@opentelemetry/api');
`,
};

const SHARED = `
const client = new Anthropic({ apiKey: 'no-key-needed', maxRetries: 0 });
const call = () => client.messages.create({
  model: 'claude-haiku-4-5', max_tokens: 8, messages: [{ role: 'user', content: 'x' }],
});
const tracer = trace.getTracer('application');
`;

/** A script that can make calls, with what else it does. */
export function application(body: string, build: 'esm' | 'cjs' = 'esm'): string {
  const wrapped = build === 'esm' ? body : `(async () => { ${body} })();`;
  return PREAMBLES[build] + SHARED + wrapped;
}

/** Sets a scene, and takes it down whatever happens in it. */
export async function withScene<T>(play: (scene: Scene) => Promise<T>): Promise<T> {
  const [api, receiver] = await Promise.all([startFakeApi(), startTestReceiver()]);
  try {
    return await play({
      api,
      receiver,
      run: (script, { env, ...options } = {}) =>
        runScript({
          script,
          sdk: NEWEST_SDK,
          build: 'esm',
          preload: 'import',
          env: { ANTHROPIC_BASE_URL: api.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
          ...options,
        }),
    });
  } finally {
    await Promise.all([api.close(), receiver.close()]);
  }
}

/** The names of the received spans, sorted. */
export function spanNames(receiver: OtlpReceiver): string[] {
  return receiver
    .spans()
    .map(({ name }) => name)
    .sort((a, b) => (a < b ? -1 : 1));
}

/** The spans of one call. */
export const CALL_SPANS = ['POST /v1/messages', 'anthropic.messages.create'];

/** How many calls the counter of calls has counted. */
export function countedCalls(receiver: OtlpReceiver): number {
  const points = receiver.metrics().filter(({ name }) => name === 'anthropic.client.calls');
  const last = points.reduce((latest, { time }) => (time > latest ? time : latest), 0n);
  return points.filter(({ time }) => time === last).reduce((sum, { value }) => sum + (value ?? 0), 0);
}
