import { adviceFor, CLOSED_ERROR_TYPES, retryText } from '../../../diagnosis/index.ts';
import { nameOf } from '../../../say.ts';
import { SDK_PACKAGE } from '../../../sdk/patch-points.ts';
import type { ApiCall, CallName } from '../api/call.ts';
import { loadSdk, type AnthropicModule } from '../api/client.ts';
import { announcement, controlledFailure, knownGood, type MessageRequest } from '../api/requests.ts';
import { send } from '../api/send.ts';
import type { Context } from '../context.ts';
import { fail, pass, skip, warn, type Finding } from '../finding.ts';

/** The two requests, through the SDK of the working folder. */
export async function checkRequests(context: Context): Promise<readonly Finding[]> {
  const { options, cwd, learned } = context;
  if (!options.requests) return [skip('No request was sent: --no-requests')];
  if (learned.unreachable === 'url') {
    return [skip('No request was sent: the base URL is not one that can be requested')];
  }
  const loaded = loadSdk(cwd);
  if (loaded.kind === 'absent') {
    return [
      skip(`No request was sent: ${SDK_PACKAGE} is not installed in ${cwd}`, {
        next: `Run this in the folder of your application, or there: npm install ${SDK_PACKAGE}`,
      }),
    ];
  }
  if (loaded.kind === 'broken') {
    return [
      fail(`${SDK_PACKAGE} cannot be loaded: ${nameOf(loaded.error)}`, {
        meaning: 'The application cannot load it from this folder either.',
        next: 'Remove node_modules and install again; look at the versions of Node and of the SDK.',
      }),
    ];
  }
  const made = makeClient(loaded.module, context);
  return 'finding' in made ? [made.finding] : sendBoth(made.client, loaded.module, context);
}

type Client = Parameters<typeof send>[0];

async function sendBoth(
  client: Client,
  { default: Anthropic }: AnthropicModule,
  { options, base, learned, redactor, tracing, notify }: Context,
): Promise<readonly Finding[]> {
  const address = redactor.url(base.text).replace(/\/$/, '');
  for (const line of announcement(options.model, address)) notify(line);
  const ask = async (name: CallName, request: MessageRequest): Promise<ApiCall> => {
    const call = await tracing.run(Anthropic, () => send(client, name, request));
    learned.calls.push(call);
    return call;
  };
  const good = await ask('known-good request', knownGood(options.model));
  if (good.status === undefined) {
    return [
      judgeGood(good),
      skip('The controlled failure was not sent: no answer came to the known-good request'),
    ];
  }
  const refused = await ask('controlled failure', controlledFailure(options.model));
  return [judgeGood(good), judgeRefusal(refused, good)];
}

/** Without retries: what is asked is what happens now. */
function makeClient(
  { default: Anthropic }: AnthropicModule,
  { options, base }: Context,
): { readonly client: Client } | { readonly finding: Finding } {
  try {
    const address = base.source === '--base-url' ? { baseURL: base.text } : {};
    return { client: new Anthropic({ maxRetries: 0, timeout: options.timeoutMs, ...address }) };
  } catch (error) {
    return {
      finding: fail(`The SDK’s client cannot be made: ${nameOf(error)}`, {
        ...(error instanceof Error && { meaning: error.message }),
        next: 'Correct the variables that the SDK reads: ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_BASE_URL.',
        runbook: 'authentication',
      }),
    };
  }
}

function factsOf(call: ApiCall): NonNullable<Finding['facts']> {
  const { status, requestId, ms, model, diagnosis, headroom } = call;
  return {
    model,
    ms,
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { request_id: requestId }),
    ...(headroom.length > 0 && { headroom }),
    ...(diagnosis && {
      class: diagnosis.kind,
      ...(diagnosis.errorType !== undefined && { error_type: diagnosis.errorType }),
      ...(diagnosis.code !== undefined && { code: diagnosis.code }),
      ...(diagnosis.hint !== undefined && { hint: diagnosis.hint }),
      ...(diagnosis.cause !== undefined && { cause: diagnosis.cause }),
      ...(diagnosis.retryable !== undefined && { retryable: diagnosis.retryable }),
    }),
  };
}

function judgeGood(call: ApiCall): Finding {
  const { usage, headroom } = call;
  if (!usage || call.diagnosis) return failed('The known-good request failed', call);
  const left = headroom.length > 0 ? `; left: ${headroom.join(', ')}` : '';
  return pass(
    `The known-good request was answered: ${call.status}, ${usage.input} tokens in, ${usage.output} out, ${call.ms} ms, ${idOf(call)}${left}`,
    { facts: factsOf(call) },
  );
}

function idOf({ requestId }: ApiCall): string {
  return requestId === undefined ? 'no request ID' : `request ${requestId}`;
}

function failed(title: string, call: ApiCall): Finding {
  const diagnosis = call.diagnosis ?? { kind: 'unknown' };
  const { meaning, check, fix, runbook } = adviceFor(diagnosis);
  return fail(`${title}: ${outcomeOf(call)}, ${idOf(call)}`, {
    meaning: `${meaning} Does a retry help: ${retryText(diagnosis.retryable)}.`,
    next: `Check: ${check} Then: ${fix}`,
    runbook,
    facts: factsOf(call),
  });
}

/** `429 rate_limit_error (input_tokens)`, `ECONNREFUSED`, `timeout`. */
function outcomeOf({ status, diagnosis }: ApiCall): string {
  const { errorType, cause, code, kind, hint } = diagnosis ?? {};
  const type = errorType !== undefined && CLOSED_ERROR_TYPES.has(errorType) ? errorType : undefined;
  const words = [status, type ?? (status === undefined ? (code ?? hint ?? kind) : undefined)];
  const detail = cause === undefined || cause === 'unknown' ? undefined : `(${cause})`;
  return [...words, detail].filter((word) => word !== undefined).join(' ') || (kind ?? 'unknown');
}

function judgeRefusal(call: ApiCall, good: ApiCall): Finding {
  const { status, diagnosis } = call;
  if (status === 400 && diagnosis?.kind === 'invalid_request') {
    return pass(`The controlled failure was refused as it should be: ${outcomeOf(call)}, ${idOf(call)}`, {
      facts: factsOf(call),
    });
  }
  if (status !== undefined && status < 400) {
    return warn(`The controlled failure was not refused: ${status}`, {
      meaning: 'What answers is not the API, or something in front of it changes requests.',
      next: 'Check what answers at the base URL.',
      runbook: 'server-error',
      facts: factsOf(call),
    });
  }
  const isSame = status === good.status && diagnosis?.hint === good.diagnosis?.hint;
  return isSame
    ? fail(`The controlled failure failed as the known-good request did: ${outcomeOf(call)}, ${idOf(call)}`, {
        meaning: 'The request was refused for the same reason, before its content was looked at.',
        next: 'As above.',
        facts: factsOf(call),
      })
    : failed('The controlled failure failed in another way than by a 400', call);
}
