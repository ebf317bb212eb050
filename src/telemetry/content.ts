/** Prompts and answers as the GenAI conventions write them. Read only when content capture is on. */
import type { RequestContent } from '../facts.ts';
import type { Redactor } from '../redaction/index.ts';
import type { AttributeBag } from '../schema.ts';

interface Part {
  readonly type: string;
  readonly [field: string]: unknown;
}

type Block = Readonly<Record<string, unknown>>;

/** How each kind of content block becomes a part. Files and images become their type alone. */
const PARTS: Readonly<Record<string, (block: Block) => Part>> = {
  text: (block) => ({ type: 'text', content: block['text'] }),
  thinking: (block) => ({ type: 'reasoning', content: block['thinking'] }),
  tool_use: (block) => ({
    type: 'tool_call',
    id: block['id'],
    name: block['name'],
    arguments: block['input'],
  }),
  server_tool_use: (block) => ({
    type: 'tool_call',
    id: block['id'],
    name: block['name'],
    arguments: block['input'],
  }),
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

function partsOf(given: unknown): Part[] {
  const content = asSent(given);
  if (typeof content === 'string') return [{ type: 'text', content }];
  if (!Array.isArray(content)) return [];
  return content.map((item: unknown) => {
    const block = asSent(item);
    const fields = (typeof block === 'object' && block !== null ? block : {}) as Block;
    const type = typeof fields['type'] === 'string' ? fields['type'] : 'unknown';
    return (Object.hasOwn(PARTS, type) ? PARTS[type] : undefined)?.(fields) ?? { type: `anthropic_${type}` };
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

function toolsOf(given: unknown): unknown {
  const tools = asSent(given);
  return Array.isArray(tools) && tools.length > 0 ? tools : undefined;
}

/**
 * Redacts what JSON makes of a value, as `toJSON` may show what the value's own fields do not. What JSON
 * refuses, the SDK cannot send: it is left out.
 */
function serialize(redactor: Redactor, read: () => unknown, maxLength: number): string | undefined {
  try {
    const text = JSON.stringify(read()) as string | undefined;
    if (text === undefined) return undefined;
    return redactor.truncate(JSON.stringify(redactor.value<unknown>(JSON.parse(text))), maxLength);
  } catch {
    return undefined;
  }
}

/** The content of a request, redacted, each attribute cut to `maxLength` characters. */
export function requestContent(redactor: Redactor, content: RequestContent, maxLength: number): AttributeBag {
  const { system, messages, tools } = content;
  const write = (read: () => unknown): string | undefined => serialize(redactor, read, maxLength);
  return {
    'gen_ai.system_instructions': write(() => (system === undefined ? undefined : partsOf(system))),
    'gen_ai.input.messages': write(() => messagesOf(messages)),
    'gen_ai.tool.definitions': write(() => toolsOf(tools)),
  };
}

/** The content of an answer, redacted and cut likewise. */
export function answerContent(redactor: Redactor, content: unknown, maxLength: number): AttributeBag {
  return {
    'gen_ai.output.messages': serialize(
      redactor,
      () => [{ role: 'assistant', parts: partsOf(content) }],
      maxLength,
    ),
  };
}
