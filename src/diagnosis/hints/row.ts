import type { RateLimitCause } from '../../schema.ts';
import type { Origin } from '../api-error.ts';
import type { ConnectionErrorType } from '../error-types.ts';
import type { CredentialFacts } from '../failure-facts.ts';
import type { Advice, Kind } from '../kinds.ts';

/** What a row decides, where it decides more than its id. */
export interface Verdict {
  readonly kind?: Kind;
  readonly cause?: RateLimitCause;
  /** The request's part at fault, where the message names none itself. */
  readonly field?: string;
  /** `null` is not known. Absent: as the class of failure has it. */
  readonly retryable?: boolean | null;
}

/** All parts that are given must hold. A verdict here comes before the row's own. */
export interface Condition extends Verdict {
  readonly status?: readonly number[];
  readonly origin?: readonly Origin[];
  /** One of the stated error types. */
  readonly type?: RegExp;
  readonly code?: RegExp;
  /** The messages of the answer, or its text: its first 8 KiB. */
  readonly message?: RegExp;
  /** The chain of thrown errors, one a line: names, code, message. Empty where an answer came. */
  readonly thrown?: RegExp;
  readonly connection?: readonly ConnectionErrorType[];
  /** The error came with a status of 200: in a stream, as the whole answer, or as a stream without its end. */
  readonly stage?: 'mid_stream' | 'in_200' | 'cut_stream';
  readonly credential?: (credential: CredentialFacts) => boolean;
}

/** One row of the table of hints. The row applies if one of its conditions holds. */
export interface HintRow extends Verdict, Advice {
  readonly id: string;
  readonly match: readonly Condition[];
}
