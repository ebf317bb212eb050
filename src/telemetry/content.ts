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

function partsOf(content: unknown): Part[] {
  if (typeof content === 'string') return [{ type: 'text', content }];
  if (!Array.isArray(content)) return [];
  return content.map((block: unknown) => {
    const fields = (typeof block === 'object' && block !== null ? block : {}) as Block;
    const type = typeof fields['type'] === 'string' ? fields['type'] : 'unknown';
    return (Object.hasOwn(PARTS, type) ? PARTS[type] : undefined)?.(fields) ?? { type: `anthropic_${type}` };
  });
}

function messagesOf(messages: unknown): unknown[] {
  if (!Array.isArray(messages)) return [];
  return messages.map((message: { role?: unknown; content?: unknown } | null) => ({
    role: message?.role,
    parts: partsOf(message?.content),
  }));
}

function toolsOf(tools: unknown): unknown {
  return Array.isArray(tools) && tools.length > 0 ? tools : undefined;
}

function serialize(redactor: Redactor, value: unknown, maxLength: number): string | undefined {
  if (value === undefined) return undefined;
  return redactor.truncate(JSON.stringify(redactor.value(value)), maxLength);
}

/** The content of a request, redacted, each attribute cut to `maxLength` characters. */
export function requestContent(redactor: Redactor, content: RequestContent, maxLength: number): AttributeBag {
  return {
    'gen_ai.system_instructions': serialize(
      redactor,
      content.system === undefined ? undefined : partsOf(content.system),
      maxLength,
    ),
    'gen_ai.input.messages': serialize(redactor, messagesOf(content.messages), maxLength),
    'gen_ai.tool.definitions': serialize(redactor, toolsOf(content.tools), maxLength),
  };
}

/** The content of an answer, redacted and cut likewise. */
export function answerContent(redactor: Redactor, content: unknown, maxLength: number): AttributeBag {
  return {
    'gen_ai.output.messages': serialize(
      redactor,
      [{ role: 'assistant', parts: partsOf(content) }],
      maxLength,
    ),
  };
}
