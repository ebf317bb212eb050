/** The shape of a request that was refused: what is in it and how much, never a value that a user wrote. */
import { dig, isObject } from './shapes.ts';

const MAX_MESSAGES = 40;
const MAX_BLOCKS = 12;
const MAX_KEYS = 40;
/** What a field of the API looks like. Anything else is a word of the user's. */
const FIELD = /^[a-z][a-z_]{0,39}$/;
const ROLES = new Set(['user', 'assistant', 'system']);
const BLOCK_TYPES = new Set([
  'text',
  'image',
  'document',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'tool_result',
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'mcp_tool_use',
  'mcp_tool_result',
  'search_result',
  'container_upload',
  'compaction',
]);

interface Totals {
  characters: number;
  cacheControls: number;
}

function blockType(block: unknown): string {
  const type = dig(block, ['type']);
  return typeof type === 'string' && BLOCK_TYPES.has(type) ? type : 'other';
}

/** Counts the characters of a value's texts and its cache controls; of what is nested too deep, nothing. */
function measure(value: unknown, totals: Totals, depth = 0): void {
  if (typeof value === 'string') {
    totals.characters += value.length;
    return;
  }
  if (!isObject(value) || depth > 8) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === 'cache_control') totals.cacheControls += 1;
    else if (key !== 'type' && key !== 'role') measure(item, totals, depth + 1);
  }
}

function messageShape(message: unknown): string {
  const role = dig(message, ['role']);
  const content = dig(message, ['content']);
  const name = typeof role === 'string' && ROLES.has(role) ? role : 'other';
  if (typeof content === 'string') return `${name}: ${content.trim() === '' ? 'empty text' : 'text'}`;
  if (!Array.isArray(content)) return `${name}: nothing`;
  const more = content.length > MAX_BLOCKS ? `, … ${content.length - MAX_BLOCKS} more` : '';
  return `${name}: ${content.slice(0, MAX_BLOCKS).map(blockType).join(', ') || 'empty list'}${more}`;
}

function lengthOf(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}

/** Sizes are in characters. `undefined` where the request has no JSON body. */
export function requestShape(body: unknown, betas: readonly string[] | undefined): string | undefined {
  if (
    !isObject(body) ||
    ArrayBuffer.isView(body) ||
    Symbol.iterator in body ||
    Symbol.asyncIterator in body
  ) {
    return undefined;
  }
  const messages = dig(body, ['messages']);
  const list: readonly unknown[] = Array.isArray(messages) ? messages : [];
  const totals: Totals = { characters: 0, cacheControls: 0 };
  const system: Totals = { characters: 0, cacheControls: 0 };
  measure(list, totals);
  measure(dig(body, ['system']), system);
  const maxTokens = dig(body, ['max_tokens']);
  return JSON.stringify({
    keys: Object.keys(body)
      .slice(0, MAX_KEYS)
      .map((key) => (FIELD.test(key) ? key : 'other')),
    messages: list.slice(0, MAX_MESSAGES).map(messageShape),
    message_count: list.length,
    message_characters: totals.characters,
    system_characters: system.characters,
    max_tokens: typeof maxTokens === 'number' ? maxTokens : typeof maxTokens,
    tools: lengthOf(dig(body, ['tools'])) ?? 0,
    thinking: dig(body, ['thinking']) !== undefined,
    cache_controls: totals.cacheControls + system.cacheControls,
    stop_sequences: lengthOf(dig(body, ['stop_sequences'])) ?? 0,
    betas: betas?.length ?? 0,
  });
}
