/** Reads the answer to a call out of what the SDK parsed. */
import type { Answer } from '../facts.ts';
import type { AttributeBag } from '../schema.ts';
import { CREATED_IDS } from './id-sources.ts';
import { readInto, type Reading } from './read-table.ts';
import { MESSAGES_CREATE } from './routes.ts';
import { dig, identifier, isObject } from './shapes.ts';

const USAGE: readonly Reading[] = [
  ['gen_ai.usage.cache_write.input_tokens', ['cache_creation_input_tokens'], 'int'],
  ['gen_ai.usage.cache_read.input_tokens', ['cache_read_input_tokens'], 'int'],
  [
    'anthropic.usage.cache_creation.ephemeral_5m_input_tokens',
    ['cache_creation', 'ephemeral_5m_input_tokens'],
    'int',
  ],
  [
    'anthropic.usage.cache_creation.ephemeral_1h_input_tokens',
    ['cache_creation', 'ephemeral_1h_input_tokens'],
    'int',
  ],
  ['anthropic.response.service_tier', ['service_tier'], 'identifier'],
  ['gen_ai.usage.reasoning.output_tokens', ['output_tokens_details', 'thinking_tokens'], 'int'],
];

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function inputTokens(usage: unknown): number {
  const names = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];
  return names.reduce((sum, name) => sum + (count(dig(usage, [name])) ?? 0), 0);
}

/** What the API spent on compacting the context: the usage itself leaves it out. */
function readCompactions(bag: AttributeBag, iterations: unknown): void {
  if (!Array.isArray(iterations)) return;
  const compactions = iterations.filter((item) => dig(item, ['type']) === 'compaction');
  if (compactions.length === 0) return;
  bag['anthropic.usage.compaction.input_tokens'] = compactions.reduce<number>(
    (sum, item) => sum + inputTokens(item),
    0,
  );
  bag['anthropic.usage.compaction.output_tokens'] = compactions.reduce<number>(
    (sum, item) => sum + (count(dig(item, ['output_tokens'])) ?? 0),
    0,
  );
}

/** Adds to `answer` what `usage` says: the input with its cache reads and writes, and the output unless it is not final. */
export function readUsage(answer: Answer, usage: unknown, isFinal: boolean): void {
  if (!isObject(usage)) return;
  const uncached = count(usage['input_tokens']);
  if (uncached !== undefined) {
    answer.cacheReadTokens = count(usage['cache_read_input_tokens']);
    answer.cacheWriteTokens = count(usage['cache_creation_input_tokens']);
    answer.inputTokens = uncached + (answer.cacheReadTokens ?? 0) + (answer.cacheWriteTokens ?? 0);
  }
  const attributes = (answer.attributes ??= {});
  readInto(attributes, USAGE, isFinal ? usage : { ...usage, output_tokens_details: undefined });
  if (!isFinal) return;
  answer.outputTokens = count(usage['output_tokens']);
  readCompactions(attributes, usage['iterations']);
}

/** What is read of the answers of calls that are no messages. */
const OF_OTHERS: Readonly<Record<string, readonly Reading[]>> = {
  'anthropic.messages.count_tokens': [
    ['anthropic.message.count_tokens.input_tokens', ['input_tokens'], 'int'],
  ],
  'anthropic.sessions.create': [
    ['gen_ai.agent.name', ['agent', 'name'], 'identifier'],
    ['gen_ai.request.model', ['agent', 'model', 'id'], 'identifier'],
  ],
};

function readOther(name: string, data: unknown): Answer | undefined {
  const readings = OF_OTHERS[name];
  const created = CREATED_IDS[name];
  if (!readings && !created) return undefined;
  const attributes: AttributeBag = {};
  if (readings) readInto(attributes, readings, data);
  if (created) readInto(attributes, [[created[0], [created[1]], 'identifier']], data);
  return { attributes };
}

/** The answer of a call named `name`, from the parsed body of its response; `undefined` where it has nothing to record. */
export function readAnswer(name: string, data: unknown, withContent: boolean): Answer | undefined {
  if (name !== MESSAGES_CREATE) return readOther(name, data);
  if (!isObject(data)) return undefined;
  const answer: Answer = {
    id: identifier(dig(data, ['id'])),
    model: identifier(dig(data, ['model'])),
    stopReason: identifier(dig(data, ['stop_reason'])),
  };
  readUsage(answer, dig(data, ['usage']), true);
  if (withContent) answer.content = dig(data, ['content']);
  return answer;
}
