// One call. The application knows nothing of OpenTelemetry; the preload records the call.
import Anthropic from '@anthropic-ai/sdk';
import { useFakeApi } from './support/fake-api.mjs';

const api = await useFakeApi();
const client = new Anthropic(api.options);

const message = await client.messages.create({
  model: 'claude-haiku-5-5',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'Say hello.' }],
});
console.log(`${message.model}: ${message.usage.input_tokens} tokens in, ${message.usage.output_tokens} out`);

await api.close();
