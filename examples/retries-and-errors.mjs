// What retries and errors look like: every attempt is a span of its own, with its own request ID.
import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { reply } from '../dist/demo/fake-api/index.js';
import { useFakeApi } from './support/fake-api.mjs';

const soon = { 'retry-after-ms': '50' };
const api = await useFakeApi(
  reply.error(429, { headers: soon }),
  reply.message(),
  reply.error(529, { headers: soon }),
  reply.error(529, { headers: soon }),
  reply.error(529, { headers: soon }),
  reply.error(401),
);
const client = new Anthropic(api.options);
const request = {
  model: 'claude-haiku-5-5',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'Hello.' }],
};

for (const what of ['a 429 that a retry recovers', 'a 529 that no retry recovers', 'a refused key']) {
  try {
    await client.messages.create(request);
    console.log(`${what}: answered`);
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    console.log(`${what}: ${error.status} ${error.constructor.name}, request ${error.requestID}`);
  }
}

await api.close();
