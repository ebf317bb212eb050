// An ordinary application: it calls the Claude API until it is asked to end, and knows nothing of OpenTelemetry.
// CALLS_PER_SECOND and CALLS (in all; no limit unless given) say how often.
import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic();
const pause = 1000 / Number(process.env['CALLS_PER_SECOND'] ?? 10);
const calls = Number(process.env['CALLS'] ?? Infinity);
const ending = new AbortController();
process.once('SIGTERM', () => ending.abort());

for (let made = 0; made < calls && !ending.signal.aborted; made += 1) {
  const request = {
    model: 'claude-sonnet-5-5',
    max_tokens: 64,
    messages: [{ role: 'user', content: 'Say hello.' }],
  };
  // Every other call is a stream, read to its end.
  const answer =
    made % 2 === 0 ? client.messages.create(request) : client.messages.stream(request).finalMessage();
  await answer.catch(() => undefined);
  await sleep(pause);
}
