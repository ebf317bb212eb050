import { guard } from '../guard.ts';
import { LONGEST_TIMER_MS } from '../longest-timer.ts';
import type { Client } from './shapes.ts';

/** Before this minor version of 0.x the SDK waits less than a minute, whatever a response asks. */
const FIRST_PATIENT_MINOR = 79;
const MINUTE_S = 60;
/** Node's timers fire at once for more; from 0.126 on the SDK does not try. */
const LONGEST_TIMER_S = LONGEST_TIMER_MS / 1000;

const VERSION_0 = /\/JS 0\.(\d+)\./;

/** Whether the SDK waits for so many seconds because a response asks for it; it has a schedule of its own otherwise. */
export function obeys(client: Client, seconds: number): boolean {
  if (seconds < MINUTE_S) return true;
  const agent = guard('user agent', () => client.getUserAgent?.());
  const minor = VERSION_0.exec(String(agent))?.[1];
  return seconds <= LONGEST_TIMER_S && (minor === undefined || Number(minor) >= FIRST_PATIENT_MINOR);
}
