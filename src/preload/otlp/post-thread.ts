import { workerData } from 'node:worker_threads';
import { post } from './post.ts';
import { postGrpc } from './post-grpc.ts';
import { DONE, type PostOrder } from './post-synchronously.ts';

const { letters, timeoutMs, state, reason } = workerData as PostOrder;
// The connections do not keep a thread alive.
const alive = setInterval(() => {}, timeoutMs);

void Promise.all(
  letters.map((letter) => (letter.rpc === undefined ? post : postGrpc)(letter, timeoutMs)),
).then((deliveries) => {
  const lost = deliveries.findIndex((delivery) => !delivery.ok);
  const delivery = deliveries[lost];
  const { written } = new TextEncoder().encodeInto(delivery?.ok === false ? delivery.reason : '', reason);
  Atomics.store(state, 1, written);
  Atomics.store(state, 2, lost);
  Atomics.store(state, 0, DONE);
  Atomics.notify(state, 0);
  clearInterval(alive);
});
