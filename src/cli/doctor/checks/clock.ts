import { skewOf } from '../api/send.ts';
import type { Context } from '../context.ts';
import { elapsedSince } from '../deadline.ts';
import { fail, pass, skip, warn, type Finding } from '../finding.ts';

/** The `Date` header has whole seconds, and the way takes its time: less than this is no skew. */
const TOLERATED_SKEW_S = 10;
/** From here on signed requests (Bedrock) and tokens are refused. */
const HARMFUL_SKEW_S = 300;

/** The clock of this machine against the server's: by the answers that came, so that no more is sent than was announced. */
export async function checkClock(context: Context): Promise<readonly Finding[]> {
  const { learned, options } = context;
  if (!options.requests) return [skip('Clock: not compared with the server’s, because of --no-requests')];
  if (learned.unreachable !== undefined) return [skip('Clock: not compared, because of the failure above')];
  const skews = learned.calls.length === 0 ? [await ask(context)] : learned.calls.map(({ skew }) => skew);
  const skew = skews.find((one) => one !== undefined);
  return [skew === undefined ? skip('Clock: no answer had a date to compare with') : judge(skew)];
}

/** Where there is no SDK to send with: one request without a credential. */
async function ask({ base, options }: Context): Promise<number | undefined> {
  if (!base.url) return undefined;
  const start = performance.now();
  try {
    const { headers } = await fetch(new URL(base.url.pathname, base.url.origin), {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    return skewOf(headers, elapsedSince(start));
  } catch {
    return undefined;
  }
}

function judge(skew: number): Finding {
  const size = Math.abs(skew);
  const facts = { skew_seconds: skew };
  if (size <= TOLERATED_SKEW_S) return pass('Clock: this machine agrees with the server', { facts });
  const title = `Clock: this machine is ${size} s ${skew > 0 ? 'ahead of' : 'behind'} the server`;
  const rest = {
    meaning:
      'Spans stand at wrong times in the backend; certificates, tokens and signed requests (Bedrock, Vertex) fail where the difference is large.',
    next: 'Set the clock: turn on time synchronization (NTP); for a container, on its host.',
    runbook: 'connection',
    facts,
  } as const;
  return size >= HARMFUL_SKEW_S ? fail(title, rest) : warn(title, rest);
}
