import { APIError } from '@anthropic-ai/sdk';
import { APIError as APIError039 } from 'sdk-0.39';
import { describe, expect, it } from 'vitest';
import { type Diagnosis, type FailureFacts, diagnose, failureFacts } from '../../../src/diagnosis/index.ts';
import { NEWEST_SDK } from '../../support/sdks.ts';
import { SAMPLES, type Sample, factsOf } from '../../support/samples.ts';

/** The SDK's message of this one is "Provider returned error": the body's `metadata` is not in it. */
const MESSAGE_HIDES_CAUSE = 'gw-openrouter-401';

type Verdict = Sample['expect'];

/** Where the table judges otherwise than the recorded expectation, and why. */
const EXCEPTIONS: Readonly<Record<string, Partial<Verdict> & { readonly why: string }>> = {
  'beta-bedrock': { type: 'ValidationException', why: 'the wording is Bedrock’s, whose 400 is this type' },
  'gw-litellm-missing': { type: null, why: 'the text None is no type' },
  'gw-newapi-nil': { type: null, why: 'the text <nil> is no type' },
  'gw-openrouter-400': {
    type: 'invalid_request_error',
    why: 'the type that is inside is the only one stated',
  },
  'gw-openrouter-401': {
    type: 'authentication_error',
    why: 'the type that is inside is the only one stated',
  },
  'cn-pub-connect-timeout': {
    kind: 'timeout',
    why: 'the same code has the kind timeout in cn-fetch-22-connect_timeout',
  },
  'cn-pub-timedout': {
    kind: 'timeout',
    why: 'the same error has the kind timeout in cn-sdkold-22-connect_timeout',
  },
};

function verdictOf(diagnosis: Diagnosis): Verdict {
  return {
    kind: diagnosis.kind,
    type: diagnosis.errorType ?? null,
    cause: diagnosis.cause ?? null,
    hint: diagnosis.hint ?? null,
    field: diagnosis.field ?? null,
    transient: diagnosis.retryable ?? null,
  };
}

function expected({ id, expect: recorded }: Sample): Verdict {
  const { why: _, ...other } = EXCEPTIONS[id] ?? { why: '' };
  return { ...recorded, ...other };
}

/** What the SDK makes of a response: parsed body, or the text as message. */
function throughSdk(sample: Sample, sdk: typeof APIError | typeof APIError039): FailureFacts {
  const text = sample.body ?? '';
  let parsed: object | undefined;
  try {
    parsed = JSON.parse(text) as object;
  } catch {
    parsed = undefined;
  }
  const headers = new Headers({ ...sample.headers });
  const make = sdk.generate as (
    status: number | undefined,
    body: object | undefined,
    message: string | undefined,
    headers: Headers,
  ) => APIError;
  const error = make.call(sdk, sample.status ?? undefined, parsed, parsed ? undefined : text, headers);
  return failureFacts(error);
}

describe('recorded failures', () => {
  it.each(SAMPLES)('$id', (sample) => {
    expect(verdictOf(diagnose(factsOf(sample)))).toEqual(expected(sample));
  });

  it('holds as many as were recorded', () => {
    expect(SAMPLES).toHaveLength(185);
    expect(SAMPLES.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(EXCEPTIONS)));
  });
});

describe.each([
  [NEWEST_SDK, APIError],
  ['0.39', APIError039],
] as const)('recorded responses as errors of SDK %s', (_version, sdk) => {
  const answers = SAMPLES.filter(({ status, body }) => body !== null && status !== null && status >= 400);

  it.each(answers)('$id', (sample) => {
    expect(verdictOf(diagnose(throughSdk(sample, sdk)))).toEqual(expected(sample));
  });

  const speaking = answers.filter(({ id }) => id !== MESSAGE_HIDES_CAUSE);

  it.each(speaking)('$id, from the message alone', (sample) => {
    const { message } = throughSdk(sample, sdk);
    const { kind, cause, hint, transient } = expected(sample);
    expect(verdictOf(diagnose({ message }))).toMatchObject({ kind, cause, hint, transient });
  });
});
