import { workerData } from 'node:worker_threads';
import { post } from './post.ts';
import { LOST, SENT, type PostOrder } from './post-synchronously.ts';

const { letters, timeoutMs, outcome } = workerData as PostOrder;
// The connections do not keep a thread alive.
const alive = setInterval(() => {}, timeoutMs);

void Promise.all(letters.map((letter) => post(letter, timeoutMs))).then((deliveries) => {
  Atomics.store(outcome, 0, deliveries.every(({ ok }) => ok) ? SENT : LOST);
  Atomics.notify(outcome, 0);
  clearInterval(alive);
});
