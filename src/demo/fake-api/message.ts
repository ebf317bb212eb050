import { newId } from './ids.ts';
import type { MessageSpec, StreamEvent, Usage, Wire } from './types.ts';

/** A content block of a message, with the API's names. */
type ContentBlock =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

/** A whole answer of `POST /v1/messages`. */
export interface Message {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly stop_reason: string | null;
  readonly stop_sequence: string | null;
  readonly usage: Usage;
}

const ID_PREFIX: Record<Wire, string> = { anthropic: 'msg_', bedrock: 'msg_bdrk_', vertex: 'msg_vrtx_' };

const DEFAULT_USAGE: Usage = {
  input_tokens: 25,
  output_tokens: 12,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: 'standard',
};

/** Output tokens that `message_start` reports: a placeholder, not a total. */
const PLACEHOLDER_OUTPUT_TOKENS = 1;

/** The message that `spec` describes, for a request that named `requestedModel`. */
export function buildMessage(spec: MessageSpec, requestedModel: string | undefined, wire: Wire): Message {
  return {
    id: spec.id ?? newId(ID_PREFIX[wire]),
    type: 'message',
    role: 'assistant',
    model: spec.model ?? requestedModel ?? 'claude-sonnet-5-5',
    content: buildContent(spec),
    stop_reason: spec.stopReason ?? (spec.toolUse ? 'tool_use' : 'end_turn'),
    stop_sequence: spec.stopSequence ?? null,
    usage: { ...DEFAULT_USAGE, ...spec.usage },
  };
}

/** The events of a stream that gives the message that `spec` describes. */
export function buildEvents(
  spec: MessageSpec,
  requestedModel: string | undefined,
  wire: Wire,
): readonly StreamEvent[] {
  const message = buildMessage(spec, requestedModel, wire);
  const { usage } = message;
  const pieces = typeof spec.text === 'object' ? spec.text : undefined;
  const events: StreamEvent[] = [
    {
      type: 'message_start',
      message: {
        ...message,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...usage, output_tokens: PLACEHOLDER_OUTPUT_TOKENS, output_tokens_details: null },
      },
    },
  ];
  for (const [index, block] of message.content.entries()) {
    events.push({ type: 'content_block_start', index, content_block: emptyBlock(block) });
    if (index === 0) events.push({ type: 'ping' });
    for (const delta of blockDeltas(block, pieces)) {
      events.push({ type: 'content_block_delta', index, delta });
    }
    events.push({ type: 'content_block_stop', index });
  }
  events.push(
    {
      type: 'message_delta',
      delta: { stop_reason: message.stop_reason, stop_sequence: message.stop_sequence },
      usage: {
        input_tokens: usage.input_tokens,
        cache_creation_input_tokens: usage.cache_creation_input_tokens,
        cache_read_input_tokens: usage.cache_read_input_tokens,
        output_tokens: usage.output_tokens,
        output_tokens_details: usage.output_tokens_details,
        server_tool_use: usage.server_tool_use,
      },
    },
    { type: 'message_stop' },
  );
  return events;
}

function buildContent(spec: MessageSpec): readonly ContentBlock[] {
  const content: ContentBlock[] = [];
  if (spec.thinking !== undefined) {
    content.push({ type: 'thinking', thinking: spec.thinking, signature: 'c2lnbmF0dXJl' });
  }
  if (spec.text !== undefined || !spec.toolUse) {
    const text = spec.text ?? 'Hello! How can I help you today?';
    content.push({ type: 'text', text: typeof text === 'string' ? text : text.join('') });
  }
  if (spec.toolUse) content.push({ type: 'tool_use', id: newId('toolu_'), ...spec.toolUse });
  return content;
}

function emptyBlock(block: ContentBlock): ContentBlock {
  switch (block.type) {
    case 'thinking':
      return { ...block, thinking: '', signature: '' };
    case 'text':
      return { ...block, text: '' };
    default:
      return { ...block, input: {} };
  }
}

function blockDeltas(block: ContentBlock, textPieces: readonly string[] | undefined): readonly object[] {
  switch (block.type) {
    case 'thinking':
      return [
        ...words(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block.signature },
      ];
    case 'text':
      return (textPieces ?? words(block.text)).map((text) => ({ type: 'text_delta', text }));
    default:
      return words(JSON.stringify(block.input)).map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      }));
  }
}

/** Splits before the words, so that joined pieces are the text again. */
function words(text: string): readonly string[] {
  return text.split(/(?=\s)/);
}
