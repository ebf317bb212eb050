import { setTimeout as sleep } from 'node:timers/promises';

/** An error that no waiting mends. */
export class FinalError extends Error {}

/**
 * Asks again and again until the answer is neither `false` nor `undefined`, and returns it. An error counts as "not
 * yet", unless it is final.
 *
 * @throws Error that names `what` and the last error, after `timeoutMs`.
 */
export async function until<Answer>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<Answer | false | undefined> | Answer | false | undefined,
): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      if (error instanceof FinalError) throw error;
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}${last === undefined ? '' : `: ${describe(last)}`}`);
    }
    await sleep(100);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
