export interface MessageRequest {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly { readonly role: 'user'; readonly content: string }[];
}

/** The smallest request that the API answers: one short message, one token. */
export function knownGood(model: string): MessageRequest {
  return { model, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] };
}

/** Refused before any model runs, so that it costs nothing: a request without a message. */
export function controlledFailure(model: string): MessageRequest {
  return { model, max_tokens: 1, messages: [] };
}

/** What is sent and what it costs, for people: one text for each request. */
export function announcement(model: string, address: string): readonly string[] {
  return [
    `Sends the known-good request: POST ${address}/v1/messages, model ${model}, the word “Hi”, max_tokens 1. Costs about 10 input tokens and 1 output token: far less than a cent.`,
    `Sends the controlled failure: the same without a message, which the API refuses with 400. Costs nothing.`,
  ];
}
