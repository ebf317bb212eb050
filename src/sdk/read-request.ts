/** Reads the facts of a call from the SDK's request options and client. */
import { ProxyTracerProvider, trace } from '@opentelemetry/api';
import { decoded } from '../decoded.ts';
import type { AttributeSink, CallFacts, RequestContent } from '../facts.ts';
import { PATH_IDS } from './id-sources.ts';
import { matchRoute, pathOf } from './route-matcher.ts';
import { readTo, type Reading } from './read-table.ts';
import { MESSAGES_CREATE } from './routes.ts';
import { dig, isObject, type Client, type RequestOptions } from './shapes.ts';
import { serverOf } from './urls.ts';

/** What the native span has of a Messages request, beyond the model. */
const NATIVE_MESSAGES: readonly Reading[] = [
  ['gen_ai.request.max_tokens', ['max_tokens'], 'int'],
  ['gen_ai.request.reasoning.level', ['output_config', 'effort'], 'string'],
  ['anthropic.request.service_tier', ['service_tier'], 'string'],
  ['anthropic.thinking.type', ['thinking', 'type'], 'string'],
  ['anthropic.thinking.budget_tokens', ['thinking', 'budget_tokens'], 'int'],
];
const NATIVE_OTHER: Readonly<Record<string, readonly Reading[]>> = {
  'anthropic.messages.batches.create': [
    ['anthropic.message.batch.request_count', ['requests', 'length'], 'int'],
  ],
  'anthropic.sessions.create': [
    ['anthropic.session.environment.id', ['environment_id'], 'string'],
    ['gen_ai.agent.id', ['agent'], 'string'],
    ['gen_ai.agent.id', ['agent', 'id'], 'string'],
  ],
};
/** What we add to it. */
const ADDED_MESSAGES: readonly Reading[] = [
  ['gen_ai.request.temperature', ['temperature'], 'number'],
  ['gen_ai.request.top_p', ['top_p'], 'number'],
  ['gen_ai.request.top_k', ['top_k'], 'number'],
  ['gen_ai.request.stop_sequences', ['stop_sequences'], 'string[]'],
];

/** Where a request says the format of its answer: the second is the older place. */
const OUTPUT_FORMATS = [
  ['output_config', 'format', 'type'],
  ['output_format', 'type'],
] as const;

/** `gen_ai.provider.name` by the class of a client that does not say it itself. */
const PROVIDER_OF_CLIENT: readonly (readonly [className: RegExp, provider: string])[] = [
  [/Bedrock/i, 'aws.bedrock'],
  [/Vertex/i, 'gcp.vertex_ai'],
  [/Foundry/i, 'azure.ai.inference'],
];

/** The provider of a client: what it says, unless it only says the default for want of a better one. */
function providerOf(client: Client): string {
  const said = client._genAIProviderName;
  if (typeof said === 'string' && said !== 'anthropic') return said;
  for (let prototype: unknown = client; isObject(prototype); prototype = Object.getPrototypeOf(prototype)) {
    const name = dig(prototype, ['constructor', 'name']);
    if (typeof name !== 'string') continue;
    for (const [pattern, provider] of PROVIDER_OF_CLIENT) if (pattern.test(name)) return provider;
  }
  return 'anthropic';
}

const providers = new WeakMap<object, string>();

function cachedProvider(client: Client): string {
  const key = Object.getPrototypeOf(client) as object;
  let provider = providers.get(key);
  if (provider === undefined) providers.set(key, (provider = providerOf(client)));
  return provider;
}

/**
 * One header of a request, whatever form the headers have: a `Headers`, an object, a list, or the SDK's own. `null` where
 * they take it away.
 */
function headerOf(headers: unknown, name: string): string | null | undefined {
  if (!isObject(headers)) return undefined;
  if (headers['nulls'] instanceof Set && headers['nulls'].has(name)) return null;
  const values = isObject(headers['values']) ? headers['values'] : headers;
  if (values instanceof Headers) return values.get(name) ?? undefined;
  const isList = Array.isArray(headers);
  const entries: Iterable<unknown> = isList ? headers : Object.entries(headers);
  let found: string | null | undefined;
  for (const entry of entries) {
    if (!Array.isArray(entry)) continue;
    const [key, value] = entry as unknown[];
    if (typeof key !== 'string' || key.toLowerCase() !== name || value === undefined) continue;
    // A list adds, an object's last key stands.
    const texts = [isList ? found : undefined, value].flat().filter((item) => typeof item === 'string');
    found = value === null ? null : texts.join(',');
  }
  return found;
}

/** The betas that a request asks for. */
export function betasOf(client: Client, options: RequestOptions): string[] | undefined {
  const own = headerOf(options.headers, 'anthropic-beta');
  const header = own === undefined ? headerOf(client._options?.defaultHeaders, 'anthropic-beta') : own;
  const betas = header?.split(',').flatMap((item) => item.trim() || []);
  return betas?.length ? betas : undefined;
}

/** Whether `messages.stream()` reads the answer, which reads to the end unless it fails, or is aborted. */
export function isReadByHelper(options: RequestOptions | undefined): boolean {
  return headerOf(options?.headers, 'x-stainless-helper-method') === 'stream';
}

/** The path of a request, of a whole URL without what the client's base URL has of it. */
function pathBelow({ baseURL }: Client, { path }: RequestOptions): string | undefined {
  if (typeof path !== 'string') return undefined;
  if (path.startsWith('/') || typeof baseURL !== 'string') return path;
  const base = baseURL.replace(/\/+$/, '');
  return base !== '' && path.startsWith(`${base}/`) ? path.slice(base.length) : path;
}

/** Tells the IDs in the path. A session's thread is a conversation, unless the application names another. */
function describePath(sink: AttributeSink, method: unknown, path: string | undefined): void {
  if (typeof method !== 'string' || path === undefined) return;
  const template = matchRoute(method.toUpperCase(), path)?.[1].split('/') ?? [];
  const segments = pathOf(path).split('/');
  template.forEach((parameter, index) => {
    const attribute = parameter.startsWith('{') && PATH_IDS[template.slice(0, index + 1).join('/')];
    const segment = segments[index];
    if (!attribute || segment === undefined) return;
    const id = decoded(segment);
    sink.set(attribute, id);
    if (attribute === 'anthropic.session.thread.id') sink.set('gen_ai.conversation.id', id);
  });
}

function describe(sink: AttributeSink, client: Client, options: RequestOptions, name: string): void {
  if (name === MESSAGES_CREATE) {
    readTo(sink, NATIVE_MESSAGES, options.body);
    if (OUTPUT_FORMATS.some((path) => dig(options.body, path) === 'json_schema')) {
      sink.set('gen_ai.output.type', 'json');
    }
    sink.set('anthropic.beta', betasOf(client, options));
    if (options.stream) sink.set('gen_ai.request.stream', true);
  } else {
    readTo(sink, NATIVE_OTHER[name] ?? [], options.body);
    describePath(sink, options.method, pathBelow(client, options));
  }
  const conversation = options.openTelemetry?.conversationId;
  if (typeof conversation === 'string') sink.set('gen_ai.conversation.id', conversation);
}

/** What stands behind the API's provider where none is registered. */
const NO_PROVIDER = new ProxyTracerProvider().getDelegate();

/** Whether the SDK's tracer is anyone's: the provider that our spans go to may be registered nowhere. */
function hasProvider(client: Client): boolean {
  if (client.openTelemetry?.tracerProvider) return true;
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== NO_PROVIDER;
}

/** Whether the SDK made a span for this call, decided against one, or does not trace it. */
function nativeOf(client: Client, options: RequestOptions): CallFacts['native'] {
  if (!client._tracer) return 'none';
  const span = options.__span;
  const hasSpan = isObject(span) && isObject(span.span);
  // A tracer that found its provider once keeps it, whatever is registered later.
  if (hasSpan && span.span.isRecording()) return span;
  if (!hasProvider(client)) return 'none';
  if (hasSpan) return span;
  return '__span' in options && !seesNoProvider(client._tracer) ? 'unsampled' : 'none';
}

/**
 * Whether the SDK's tracer has found no provider behind it. So it is where the SDK's copy of the OpenTelemetry API is
 * newer than the one in which the providers are registered: such a copy does not see them, and its spans are none.
 */
function seesNoProvider(tracer: unknown): boolean {
  return typeof dig(tracer, ['_getTracer']) === 'function' && dig(tracer, ['_delegate']) === undefined;
}

/** The facts of the call that `client` makes with `options`. */
export class RequestFacts implements CallFacts {
  readonly name: string;
  readonly route: string | undefined;
  readonly operation: string;
  readonly provider: string;
  readonly model: string | undefined;
  readonly streaming: boolean;
  readonly serverAddress: string | undefined;
  readonly serverPort: number | undefined;
  readonly native: CallFacts['native'];
  readonly #client: Client;
  #options: RequestOptions;

  constructor(client: Client, options: RequestOptions) {
    const method = typeof options.method === 'string' ? options.method.toUpperCase() : 'GET';
    const path = pathBelow(client, options);
    const route = path === undefined ? undefined : matchRoute(method, path);
    const native = nativeOf(client, options);
    const nativeName =
      typeof native === 'object' && typeof native.name === 'string' ? native.name : undefined;
    const model = dig(options.body, ['model']);
    const server = serverOf(client.baseURL);
    this.name = nativeName ?? route?.[2] ?? `anthropic.${method.toLowerCase()}`;
    this.route = route?.[1];
    this.operation = this.name === MESSAGES_CREATE ? 'chat' : this.name.slice('anthropic.'.length);
    this.provider = cachedProvider(client);
    this.model = typeof model === 'string' ? model : undefined;
    this.streaming = Boolean(options.stream) && !options.__binaryResponse;
    this.serverAddress = server?.address;
    this.serverPort = server?.port;
    this.native = native;
    this.#client = client;
    this.#options = options;
  }

  describe(sink: AttributeSink): void {
    describe(sink, this.#client, this.#options, this.name);
  }

  describeMore(sink: AttributeSink): void {
    if (this.name === MESSAGES_CREATE) readTo(sink, ADDED_MESSAGES, this.#options.body);
  }

  content(): RequestContent {
    const { body } = this.#options;
    return {
      system: dig(body, ['system']),
      messages: dig(body, ['messages']),
      tools: dig(body, ['tools']),
    };
  }

  forget(): void {
    this.#options = {};
  }
}
