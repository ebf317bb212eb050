import { SpanStatusCode, type SpanStatus, type Tracer } from '@opentelemetry/api';
import type { Failure } from '../facts.ts';
import type { Redactor } from '../redaction/index.ts';
import type { Logger } from './log-records.ts';
import { LabelBook } from './labels.ts';
import type { Metrics } from './metrics.ts';
import { TargetBook } from './target.ts';

/** How long a status message may be. */
const MAX_MESSAGE = 1024;

/** What every recorder needs. */
export class Recording {
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
  readonly labels: LabelBook;
  readonly targets: TargetBook;

  constructor(parts: Omit<Recording, 'statusMessage' | 'errorStatus' | 'labels' | 'targets'>) {
    this.tracer = parts.tracer;
    this.metrics = parts.metrics;
    this.redactor = parts.redactor;
    this.capturesContent = parts.capturesContent;
    this.maxContentLength = parts.maxContentLength;
    this.propagates = parts.propagates;
    this.logger = parts.logger;
    this.stalledStreamAfter = parts.stalledStreamAfter;
    this.longWaitAfter = parts.longWaitAfter;
    this.labels = new LabelBook(parts.redactor);
    this.targets = new TargetBook(parts.redactor, parts.capturesContent);
  }

  /** The status of a span of what failed so. */
  errorStatus(failure: Failure): SpanStatus {
    const message = this.statusMessage(failure);
    return message === '' ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message };
  }

  /** What went wrong, in the API's or the runtime's words, redacted. */
  statusMessage(failure: Failure): string {
    return failure.message === undefined ? '' : this.redactor.truncate(failure.message, MAX_MESSAGE);
  }
}
