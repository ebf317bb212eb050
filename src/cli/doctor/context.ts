import type { Environment } from '../../config.ts';
import type { Redactor } from '../../redaction/index.ts';
import type { ReceivedSpan } from '../../demo/otlp/types.ts';
import type { ApiCall } from './api/call.ts';
import type { Tracing } from './telemetry/tracing.ts';
import type { BaseUrl } from './base-url.ts';
import type { Installed } from './packages.ts';
import type { DoctorOptions } from './options.ts';

/** What one check learned that another goes by. */
export interface Learned {
  packages?: readonly Installed[];
  /** The next check of the network has nothing to stand on; with `url`, nothing is sent to the API either. */
  unreachable?: 'url' | 'dns' | 'tcp' | 'tls';
  /** What was sent to the API, in order. */
  calls: ApiCall[];
  /** Spans of the run, redacted. Empty until the telemetry is checked. */
  spans: readonly ReceivedSpan[];
}

/** What a check has to go by. */
export interface Context {
  readonly options: DoctorOptions;
  readonly env: Environment;
  readonly cwd: string;
  readonly base: BaseUrl;
  readonly redactor: Redactor;
  readonly tracing: Tracing;
  readonly learned: Learned;
  /** Tells the user that something is about to be sent, and what it costs. */
  readonly notify: (text: string) => void;
}
