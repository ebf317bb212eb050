import type AnthropicClass from '@anthropic-ai/sdk';
import {
  credentialFacts,
  diagnose,
  failureFacts,
  readApiError,
  type CredentialFacts,
} from '../../../diagnosis/index.ts';
import { requestShape } from '../../../sdk/request-shape.ts';
import { elapsedSince } from '../deadline.ts';
import type { ApiCall, CallName } from './call.ts';
import type { MessageRequest } from './requests.ts';

type Client = InstanceType<typeof AnthropicClass>;
type Headers = { get(name: string): string | null };

const BUCKETS = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

/** Sends one request, once, and says what came of it. Never rejects. */
export async function send(client: Client, name: CallName, request: MessageRequest): Promise<ApiCall> {
  const startedAt = new Date();
  const start = performance.now();
  const base = { name, startedAt, model: request.model, shape: requestShape(request, undefined) };
  try {
    const { data, response } = await client.messages
      .create(request as Parameters<Client['messages']['create']>[0] & { stream?: false })
      .withResponse();
    const ms = elapsedSince(start);
    const { headers, status } = response as { readonly headers: Headers; readonly status: number };
    return {
      ...base,
      ms,
      status,
      skew: skewOf(headers, ms),
      requestId: headers.get('request-id') ?? undefined,
      headroom: headroomOf(headers),
      ...readAnswer(data),
    };
  } catch (error) {
    const facts = { ...failureFacts(error), credential: credentialOf(client) };
    const apiError = readApiError(facts);
    const ms = elapsedSince(start);
    return {
      ...base,
      ms,
      skew: skewOf(facts.headers, ms),
      status: facts.status,
      requestId: apiError.requestId,
      headroom: facts.headers ? headroomOf(facts.headers) : [],
      usage: undefined,
      diagnosis: diagnose(facts),
      message: apiError.message ?? facts.message,
    };
  }
}

/** What came with a good status; it need not be what the API sends. */
function readAnswer(data: unknown): Pick<ApiCall, 'usage' | 'diagnosis' | 'message'> {
  const answer = data as
    | {
        readonly type?: unknown;
        readonly usage?: { readonly input_tokens?: unknown; readonly output_tokens?: unknown };
      }
    | undefined;
  const { input_tokens: input, output_tokens: output } = answer?.usage ?? {};
  if (answer?.type === 'message' && typeof input === 'number' && typeof output === 'number') {
    return { usage: { input, output }, diagnosis: undefined, message: undefined };
  }
  const facts = { status: 200, body: data };
  return { usage: undefined, diagnosis: diagnose(facts), message: readApiError(facts).message };
}

function credentialOf({ apiKey, authToken }: Client): CredentialFacts {
  return typeof apiKey === 'string'
    ? credentialFacts('x-api-key', apiKey)
    : credentialFacts('authorization', authToken);
}

function headroomOf(headers: Headers): readonly string[] {
  return BUCKETS.flatMap((bucket) => {
    const remaining = headers.get(`anthropic-ratelimit-${bucket}-remaining`);
    const limit = headers.get(`anthropic-ratelimit-${bucket}-limit`);
    const isWhole = /^\d{1,15}$/.test(remaining ?? '') && /^\d{1,15}$/.test(limit ?? '');
    return isWhole ? [`${bucket.replace('-', ' ')} ${remaining} of ${limit}`] : [];
  });
}

/** The server wrote its date somewhere on the way there and back. */
export function skewOf(headers: Headers | undefined, ms: number): number | undefined {
  const server = Date.parse(headers?.get('date') ?? '');
  return Number.isNaN(server) ? undefined : Math.round((Date.now() - ms / 2 - server) / 1_000);
}
