/** Prompts and answers as the GenAI conventions write them. Read only when content capture is on. */
import type { RequestContent } from '../facts.ts';
import { cut, type Redactor } from '../redaction/index.ts';
import type { AttributeBag, AttributeName } from '../schema.ts';

interface Part {
  readonly type: string;
  readonly [field: string]: unknown;
}

type Block = Readonly<Record<string, unknown>>;

/** A tool that the API runs itself. */
function serverToolCall(block: Block): Part {
  const call = { type: block['name'], arguments: block['input'] };
  return { type: 'server_tool_call', id: block['id'], name: block['name'], server_tool_call: call };
}

/**
 * How each kind of content block becomes a part. Files, images and what the API's tools found become their type alone.
 */
const PARTS: Readonly<Record<string, (block: Block) => Part>> = {
  text: (block) => ({ type: 'text', content: block['text'] }),
  thinking: (block) => ({ type: 'reasoning', content: block['thinking'] }),
  tool_use: (block) => ({
    type: 'tool_call',
    id: block['id'],
    name: block['name'],
    arguments: block['input'],
  }),
  server_tool_use: serverToolCall,
  mcp_tool_use: serverToolCall,
  tool_result: (block) => ({
    type: 'tool_call_response',
    id: block['tool_use_id'],
    response: typeof block['content'] === 'string' ? block['content'] : partsOf(block['content']),
  }),
};

/** What stands for a value in what is sent. */
function asSent(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === 'function' ? (Reflect.apply(toJSON, value, ['']) as unknown) : value;
}

function genericPart(type: string, block: Block): Part {
  return type.endsWith('_tool_result')
    ? { type: 'server_tool_call_response', id: block['tool_use_id'], server_tool_call_response: { type } }
    : { type: `anthropic_${type}` };
}

function partsOf(given: unknown): Part[] {
  const content = asSent(given);
  if (typeof content === 'string') return [{ type: 'text', content }];
  if (!Array.isArray(content)) return [];
  return content.map((item: unknown) => {
    const block = asSent(item);
    const fields = (typeof block === 'object' && block !== null ? block : {}) as Block;
    const type = typeof fields['type'] === 'string' ? fields['type'] : 'unknown';
    return (Object.hasOwn(PARTS, type) ? PARTS[type] : undefined)?.(fields) ?? genericPart(type, fields);
  });
}

function messagesOf(given: unknown): unknown[] {
  const messages = asSent(given);
  if (!Array.isArray(messages)) return [];
  return messages.map((item: unknown) => {
    const message = asSent(item) as { role?: unknown; content?: unknown } | null | undefined;
    return { role: message?.role, parts: partsOf(message?.content) };
  });
}

/** A tool of the application's is a function; one of the API's own is as the API has it. */
function toolOf(given: unknown): unknown {
  const tool = asSent(given);
  if (typeof tool !== 'object' || tool === null) return tool;
  const { type = 'custom', input_schema: parameters, ...others } = tool as Block;
  return type === 'custom' ? { type: 'function', ...others, parameters } : tool;
}

function toolsOf(given: unknown): unknown {
  const tools = asSent(given);
  return Array.isArray(tools) && tools.length > 0 ? tools.map(toolOf) : undefined;
}

/** The stop reasons for which the conventions have words of their own. */
const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_call',
  refusal: 'content_filter',
  compaction: 'compaction',
};

/**
 * Redacts what JSON makes of a value, as `toJSON` may show what the value's own fields do not. What JSON
 * refuses, the SDK cannot send: it is left out.
 */
function serialize(redactor: Redactor, read: () => unknown): string | undefined {
  try {
    const text = JSON.stringify(read()) as string | undefined;
    if (text === undefined) return undefined;
    return redactor.text(JSON.stringify(redactor.value<unknown>(JSON.parse(text))));
  } catch {
    return undefined;
  }
}

/** What is read of each attribute, redacted and cut to `maxLength` characters. */
function written(
  redactor: Redactor,
  maxLength: number,
  readings: Partial<Record<AttributeName, () => unknown>>,
): AttributeBag {
  const bag: AttributeBag = {};
  for (const [name, read] of Object.entries(readings) as [AttributeName, () => unknown][]) {
    const text = serialize(redactor, read);
    if (text === undefined) continue;
    bag[name] = cut(text, maxLength);
    if (text.length > maxLength) bag['anthropic.content.truncated'] = true;
  }
  return bag;
}

/** The content of a request, redacted, each attribute cut to `maxLength` characters. */
export function requestContent(redactor: Redactor, content: RequestContent, maxLength: number): AttributeBag {
  const { system, messages, tools } = content;
  return written(redactor, maxLength, {
    'gen_ai.system_instructions': () => (system === undefined ? undefined : partsOf(system)),
    'gen_ai.input.messages': () => messagesOf(messages),
    'gen_ai.tool.definitions': () => toolsOf(tools),
  });
}

/** The content of an answer, redacted and cut likewise. */
export function answerContent(
  redactor: Redactor,
  content: unknown,
  stopReason: string,
  maxLength: number,
): AttributeBag {
  const finish = Object.hasOwn(FINISH_REASONS, stopReason) ? FINISH_REASONS[stopReason] : stopReason;
  return written(redactor, maxLength, {
    'gen_ai.output.messages': () => [{ role: 'assistant', parts: partsOf(content), finish_reason: finish }],
  });
}
