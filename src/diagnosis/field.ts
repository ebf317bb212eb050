/** One word of a path: letters, then few digits, or an index. Keys, hashes and IDs do not have this shape. */
const SEGMENT = /^(?:\d{1,6}|[a-z]{1,24}\d{0,8}(?:_(?:[a-z]{1,24}\d{0,8}|\d{1,8})){0,6})$/;
const MAX_SEGMENTS = 12;

/** What the API's requests have at their top. */
const ROOTS: ReadonlySet<string> = new Set([
  'after_id',
  'before_id',
  'cache_control',
  'container',
  'context_management',
  'custom_id',
  'file',
  'inference_geo',
  'limit',
  'max_tokens',
  'mcp_servers',
  'messages',
  'metadata',
  'model',
  'output_config',
  'output_format',
  'requests',
  'service_tier',
  'speed',
  'stop_sequences',
  'stream',
  'system',
  'temperature',
  'thinking',
  'tool_choice',
  'tools',
  'top_k',
  'top_p',
]);

/** Below these stand names that a user chose. */
const USER_NAMES_BELOW: ReadonlySet<string> = new Set([
  'properties',
  '$defs',
  'definitions',
  'input',
  'metadata',
]);

/** The validator's wordings: they follow a path even where its root is not known. */
const VALIDATOR =
  /^(?:Extra inputs are|Field required|Input (?:should|tag)|(?:String|List|Value) (?:should|error))/;

const LEADING_PATH = /^([A-Za-z_][\w.-]{0,200}): /;
const QUOTED_PATH = /^[`"']([a-z][\w.]{0,100})[`"'] (?:is|are|may|and|must|cannot|should|does)\b/;
const HEADER_PATH = /^(anthropic-(?:version|beta)): /;

/** The path up to the first part that has not the shape of the API's own names. */
function checked(path: string): readonly string[] {
  const segments: string[] = [];
  for (const segment of path.split('.').slice(0, MAX_SEGMENTS)) {
    if (!SEGMENT.test(segment)) break;
    segments.push(segment);
    if (USER_NAMES_BELOW.has(segment)) break;
  }
  return segments;
}

/** `thinking.type.enabled` names a value of `thinking.type`. */
function withoutValue(segments: readonly string[]): readonly string[] {
  const type = segments.indexOf('type');
  return type === -1 ? segments : segments.slice(0, type + 1);
}

/**
 * The request's part that a message of the API names first: `messages.3.content` of `messages.3.content: …`. Never a
 * value, at most 12 parts, each of the shape of the API's own names.
 */
export function fieldOf(message: string | undefined): string | undefined {
  if (message === undefined) return undefined;
  const start = message.slice(0, 320);
  const header = HEADER_PATH.exec(start)?.[1];
  if (header !== undefined) return header;
  const leading = LEADING_PATH.exec(start);
  const quoted = leading === null ? QUOTED_PATH.exec(start) : null;
  const segments =
    leading?.[1] === undefined ? withoutValue(checked(quoted?.[1] ?? '')) : checked(leading[1]);
  const root = segments[0];
  if (root === undefined) return undefined;
  const sure = ROOTS.has(root) || VALIDATOR.test(start.slice(leading?.[0].length ?? 0));
  return sure ? segments.join('.') : undefined;
}
