import {
  SpanStatusCode,
  type Attributes,
  type Context,
  type SpanStatus,
  type Tracer,
} from '@opentelemetry/api';
import type { Failure } from '../facts.ts';
import type { Redactor } from '../redaction/index.ts';
import { LabelBook } from './labels.ts';
import type { Metrics } from './metrics.ts';
import { TargetBook } from './target.ts';

/** How long a status message may be. */
const MAX_MESSAGE = 1024;

/** The part of OpenTelemetry's logger that is used: both of its lines have it. */
export interface Logger {
  emit(record: {
    severityNumber: number;
    severityText: string;
    eventName: string;
    body: string;
    attributes: Attributes;
    context: Context;
  }): void;
}

/** What a {@link Recording} is made of. */
interface Parts {
  /** Read at each use: the application may set another provider. */
  readonly tracer: () => Tracer;
  readonly metrics: Metrics;
  readonly redactor: Redactor;
  readonly capturesContent: boolean;
  readonly maxContentLength: number;
  readonly propagates: boolean;
  /** The logger, where log records are wanted. */
  readonly logger: () => Logger | undefined;
  /** Seconds. */
  readonly stalledStreamAfter: number;
  /** Seconds. */
  readonly longWaitAfter: number;
}

/** What every recorder needs. */
export interface Recording extends Parts {
  readonly labels: LabelBook;
  readonly targets: TargetBook;
}

export function createRecording(parts: Parts): Recording {
  const { redactor, capturesContent } = parts;
  return {
    ...parts,
    labels: new LabelBook(redactor),
    targets: new TargetBook(redactor, capturesContent),
  };
}

/** The status of a span of what failed so. */
export function errorStatus(redactor: Redactor, failure: Failure): SpanStatus {
  const message = statusMessage(redactor, failure);
  return message === '' ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message };
}

/** What went wrong, in the API's or the runtime's words, redacted. */
export function statusMessage(redactor: Redactor, { message }: Failure): string {
  return message === undefined ? '' : redactor.truncate(message, MAX_MESSAGE);
}
