import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { AnthropicInstrumentation } from '../../src/instrumentation.ts';
import type { AnthropicInstrumentationConfig } from '../../src/config.ts';
import { startFakeApi, type FakeApi } from '../../src/demo/fake-api/index.ts';
import { breachesOf } from './contract.ts';
import { loadSdk, type Anthropic, type ClientOptions, type Sdk, type SdkBuild } from './sdk-builds.ts';
import { prepareSdkFixture, SDKS } from './sdks.ts';
import { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts';

export const MODEL = 'claude-sonnet-5-5';

/** The parameters of a plain request. */
export const REQUEST = {
  model: MODEL,
  max_tokens: 64,
  messages: [{ role: 'user' as const, content: 'How are you?' }],
};

export const STREAMED = { ...REQUEST, stream: true } as const;

/** A key of the API's shape, made here so that it stands in no file. */
export const FAKE_KEY = ['sk', 'ant', 'api03', 'A'.repeat(95)].join('-');

/** Headers that make the SDK repeat a request at once. */
export const AT_ONCE = { 'retry-after-ms': '1' } as const;

/** What the tests of one file share: an instrumentation, providers, and a server. */
export interface Stage {
  readonly api: FakeApi;
  readonly telemetry: Telemetry;
  readonly instrumentation: AnthropicInstrumentation;
  /** Loads a build, instrumented unless `instrument` is false. */
  load(build: SdkBuild, instrument?: boolean): Promise<Sdk>;
  /** A client of the stage's server that hardly waits before a retry, unless the server asks it to. `sleep` gives the milliseconds. */
  client(sdk: Sdk, options?: ClientOptions, sleep?: () => number): Anthropic;
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the stage is set in beforeAll');
  return value;
}

/**
 * Sets the stage for the tests of the file that calls it. After each test its spans have to be as the schema
 * says, and are forgotten.
 */
export function setStage(
  options: TelemetryOptions & { readonly config?: AnthropicInstrumentationConfig } = {},
): Stage {
  let api: FakeApi | undefined;
  let telemetry: Telemetry | undefined;
  let instrumentation: AnthropicInstrumentation | undefined;
  beforeAll(async () => {
    telemetry = startTelemetry(options);
    instrumentation = new AnthropicInstrumentation(options.config);
    api = await startFakeApi();
  });
  afterEach(() => {
    const breaches = breachesOf(there(telemetry).spans);
    telemetry?.reset();
    expect(breaches).toEqual([]);
  });
  afterAll(async () => {
    instrumentation?.disable();
    await api?.close();
    await telemetry?.stop();
  });
  return {
    get api() {
      return there(api);
    },
    get telemetry() {
      return there(telemetry);
    },
    get instrumentation() {
      return there(instrumentation);
    },
    async load(build, instrument = true) {
      for (const fixture of SDKS) if (fixture.version === build.version) await prepareSdkFixture(fixture);
      const sdk = await loadSdk(build);
      if (instrument) there(instrumentation).manuallyInstrument(sdk.default);
      return sdk;
    },
    client(sdk, more = {}, sleep = () => 2) {
      const client = new sdk.default({ apiKey: FAKE_KEY, baseURL: there(api).url, ...more });
      return Object.assign(client, { calculateDefaultRetryTimeoutMillis: sleep });
    },
  };
}

/** What `promise` rejects with. Fails where it resolves. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error & Record<string, unknown>> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error(`did not reject, but gave ${typeof value}`);
}

/** Reads all of an iterable. */
export async function readAll<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Something that waits until it is opened. */
export function openable(): { readonly opened: Promise<void>; open(): void } {
  const gate = new EventTarget();
  const opened = new Promise<void>((resolve) =>
    gate.addEventListener('open', () => resolve(), { once: true }),
  );
  return { opened, open: () => void gate.dispatchEvent(new Event('open')) };
}
