/** `value` where it is an object with fields, else an empty one. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** What the API says about the body of a count of tokens, or `undefined` where it is valid. */
export function validatePrompt(body: unknown): string | undefined {
  return firstMissing(body, ['model', 'messages']) ?? validateMessages(body);
}

/** What the API says about the body of a message, or `undefined` where it is valid. */
export function validateMessage(body: unknown): string | undefined {
  return firstMissing(body, ['model', 'max_tokens', 'messages']) ?? validateMessages(body);
}

/** What a platform says whose path names the model: its body has none. */
export function validatePlatformMessage(body: unknown): string | undefined {
  return firstMissing(body, ['anthropic_version', 'max_tokens', 'messages']) ?? validateMessages(body);
}

function firstMissing(body: unknown, fields: readonly string[]): string | undefined {
  const object = asObject(body);
  const missing = fields.find((field) => object[field] === undefined);
  return missing === undefined ? undefined : `${missing}: Field required`;
}

function validateMessages(body: unknown): string | undefined {
  const { messages } = asObject(body);
  if (!Array.isArray(messages)) return 'messages: Input should be a valid list';
  return messages.length === 0 ? 'messages: at least one message is required' : undefined;
}
