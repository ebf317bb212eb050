import Anthropic from '@anthropic-ai/sdk';
import { useFakeApi } from '../support/fake-api.mjs';

const api = await useFakeApi();
const client = new Anthropic(api.options);
const { input_tokens } = await client.messages.countTokens({
  model: 'claude-haiku-5-5',
  messages: [{ role: 'user', content: 'How long is this?' }],
});
console.log(`${input_tokens} tokens`);
await api.close();
