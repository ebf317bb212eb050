/** How a call ended, told from what was seen of it. */
import type { Answer, EndedBy, Failure, Outcome } from '../facts.ts';
import { CLIENT_FAILURE, TRUNCATED_STREAM } from './failure.ts';
import type { StreamEnd } from './stream.ts';

/** How far a call is. */
export type Phase = 'requesting' | 'waiting' | 'responded' | 'parsing' | 'streaming' | 'ended';

/** How the read of a stream ended: by a failure, or else. An error that says that the caller gave up is no failure. */
export type EndOfRead = Exclude<StreamEnd['reason'], 'failed'> | Failure;

/** What was seen of a stream that ended. */
interface EndedStream {
  readonly end: EndOfRead;
  /** Its caller aborted it. */
  readonly isAborted: boolean;
  /** Someone had begun to read it. */
  readonly isRead: boolean;
  /** Its last event arrived, where it has one that says so. */
  readonly isWhole: boolean;
  /** Whether it is a helper of the SDK that reads it. */
  servesHelper(): boolean;
  readonly answer: Answer | undefined;
}

/** The SDK had handed its response on: no retry could have followed. */
export function failedAfterResponse(failure: Failure, answer?: Answer): Outcome {
  return { kind: 'failed', failure, answer, exhausted: false };
}

export function streamOutcome(stream: EndedStream): Outcome {
  const { end, isAborted, isRead, isWhole, answer } = stream;
  // A helper that fails before it reads aborts its own request, as a caller may.
  const isLeftOff = end === 'closed' || (end === 'canceled' && !isRead);
  if (!isAborted && isLeftOff && stream.servesHelper()) return failedAfterResponse(CLIENT_FAILURE, answer);
  if (isAborted || end === 'closed' || end === 'canceled') return { kind: 'canceled', answer };
  if (end !== 'completed') return failedAfterResponse(end, answer);
  return isWhole ? { kind: 'succeeded', answer } : failedAfterResponse(TRUNCATED_STREAM, answer);
}

/** What was seen of a call that nobody waits for any more. */
interface AbandonedCall {
  readonly by: EndedBy;
  readonly phase: Phase;
  readonly isRead: boolean;
  servesHelper(): boolean;
  readonly answer: Answer | undefined;
}

export function abandonedOutcome(call: AbandonedCall): Outcome {
  // `messages.stream()` reads its stream at once: one that it dropped unread is that of a listener that threw.
  const isDropped = call.by === 'collected' && call.phase === 'streaming' && !call.isRead;
  if (isDropped && call.servesHelper()) return failedAfterResponse(CLIENT_FAILURE);
  return { kind: 'unfinished', endedBy: call.by, answer: call.answer };
}

/** The SDK sees some ends before we do: a stream that is closed, a response that is taken unparsed. */
export function outcomeOfNativeEnd(phase: Phase, inError: boolean, answer: Answer | undefined): Outcome {
  if (inError) return failedAfterResponse(CLIENT_FAILURE, answer);
  if (phase === 'responded') return { kind: 'succeeded', answer, endedBy: 'response' };
  return phase === 'parsing' ? { kind: 'succeeded', answer } : { kind: 'canceled', answer };
}
