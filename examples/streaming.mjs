// A stream read to its end, and one that the application breaks off: the second is canceled, not failed.
import Anthropic from '@anthropic-ai/sdk';
import { useFakeApi } from './support/fake-api.mjs';

const api = await useFakeApi();
const client = new Anthropic(api.options);
const request = {
  model: 'claude-haiku-5-5',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'Count to ten.' }],
};

const whole = client.messages.stream(request);
whole.on('text', (text) => process.stdout.write(text));
await whole.done();
process.stdout.write('\n');

for await (const event of await client.messages.create({ ...request, stream: true })) {
  if (event.type === 'content_block_delta') break;
}
console.log('broken off after the first piece');

await api.close();
