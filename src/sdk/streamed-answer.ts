import type { Answer } from '../facts.ts';
import { readUsage } from './read-answer.ts';
import { dig, identifier, isObject } from './shapes.ts';

/** The totals of `message_delta`, besides the output's, that replace those of `message_start`, where they are given. */
const TOTALS = [
  'input_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens_details',
  'iterations',
] as const;

interface Block {
  readonly type: string;
  text: string;
  readonly start: Record<string, unknown>;
}

/**
 * Rebuilds, from the events of a stream as they pass, what is recorded of the message: never its content,
 * unless content capture is on. `message_start` has a placeholder for the output's total, which is not
 * claimed until `message_delta` gives it.
 */
export class StreamedAnswer {
  readonly #capturesContent: boolean;
  #message: Record<string, unknown> | undefined;
  #usage: Record<string, unknown> | undefined;
  #model: unknown;
  #stopReason: unknown;
  #final = false;
  #blocks: Block[] | undefined;
  /** Whether the stream said that the message is whole. */
  stopped = false;

  constructor(capturesContent: boolean) {
    this.#capturesContent = capturesContent;
  }

  /** Takes one event in. Returns whether it carries content. */
  take(event: unknown): boolean {
    const type = isObject(event) ? event['type'] : undefined;
    if (type === 'content_block_delta') {
      if (this.#capturesContent) this.#append(event as Record<string, unknown>);
      return true;
    }
    if (isObject(event)) this.#takeFrame(type, event);
    return false;
  }

  #takeFrame(type: unknown, event: Record<string, unknown>): void {
    switch (type) {
      case 'message_start':
        if (!isObject(event['message'])) return;
        this.#message = { id: event['message']['id'], stop_reason: event['message']['stop_reason'] };
        this.#model = event['message']['model'];
        this.#usage = isObject(event['message']['usage']) ? { ...event['message']['usage'] } : {};
        return;
      case 'content_block_start': {
        const block = event['content_block'];
        if (isObject(block) && block['type'] === 'fallback') {
          this.#model = dig(block, ['to', 'model']) ?? this.#model;
        }
        if (this.#capturesContent && isObject(block)) {
          (this.#blocks ??= []).push({ type: String(block['type']), text: '', start: block });
        }
        return;
      }
      case 'message_delta': {
        const totals = isObject(event['usage']) ? event['usage'] : {};
        this.#usage ??= {};
        this.#usage['output_tokens'] = totals['output_tokens'];
        for (const name of TOTALS) if (totals[name] != null) this.#usage[name] = totals[name];
        this.#stopReason = dig(event, ['delta', 'stop_reason']) ?? this.#stopReason;
        this.#final = true;
        return;
      }
      case 'message_stop':
        this.stopped = true;
        return;
    }
  }

  #append(event: Record<string, unknown>): void {
    const block = this.#blocks?.at(-1);
    const delta = event['delta'];
    if (!block || !isObject(delta)) return;
    const piece = delta['text'] ?? delta['partial_json'] ?? delta['thinking'];
    if (typeof piece === 'string') block.text += piece;
  }

  /** The model that answers, as far as the events have said. */
  get model(): string | undefined {
    return identifier(this.#model);
  }

  /** What the events said so far; `undefined` before the message began. */
  read(): Answer | undefined {
    if (!this.#message) return undefined;
    const stopReason = this.#stopReason ?? (this.#final ? this.#message['stop_reason'] : undefined);
    const answer: Answer = {
      id: identifier(this.#message['id']),
      model: this.model,
      stopReason: identifier(stopReason),
    };
    readUsage(answer, this.#usage, this.#final);
    if (this.#blocks) answer.content = this.#blocks.map(contentBlock);
    return answer;
  }
}

/** The field of a content block that its deltas add to. */
const TEXT_FIELD: Readonly<Record<string, string>> = {
  text: 'text',
  thinking: 'thinking',
  tool_use: 'input',
  server_tool_use: 'input',
  mcp_tool_use: 'input',
};

function contentBlock({ type, text, start }: Block): Record<string, unknown> {
  const field = TEXT_FIELD[type];
  if (field === undefined || text === '') return start;
  return { ...start, [field]: field === 'input' ? parsed(text) : text };
}

/** A tool's input as an answer that is not streamed has it; as text where the stream broke off before its end. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
