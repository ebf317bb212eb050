import type { Context } from './context.ts';
import type { Finding } from './finding.ts';
import { checkAddress } from './checks/address.ts';
import { checkClashes } from './checks/clashes.ts';
import { checkClock } from './checks/clock.ts';
import { checkCredential } from './checks/credential.ts';
import { checkProxy } from './checks/proxy.ts';
import { checkRequests } from './checks/requests.ts';
import { checkRuntime } from './checks/runtime.ts';
import { checkSdk } from './checks/sdk.ts';
import { checkTcp } from './checks/tcp.ts';
import { checkTelemetryExport } from './checks/telemetry-export.ts';
import { checkTelemetrySettings } from './checks/telemetry-settings.ts';
import { checkTls } from './checks/tls.ts';

export interface Check {
  readonly id: string;
  /** What is shown while it runs. */
  readonly doing: string;
  /** Findings in order. What it throws becomes a finding. */
  readonly run: (context: Context) => readonly Finding[] | Promise<readonly Finding[]>;
}

export interface Section {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** Everything that is checked, in order: later checks go by what earlier ones learned. */
export const SECTIONS = [
  {
    title: 'Environment',
    checks: [
      { id: 'runtime', doing: 'Looking at Node and this package', run: checkRuntime },
      { id: 'sdk', doing: 'Looking for the SDK', run: checkSdk },
      { id: 'clashes', doing: 'Looking for clashes', run: checkClashes },
    ],
  },
  {
    title: 'Key',
    checks: [{ id: 'credential', doing: 'Looking at the key', run: checkCredential }],
  },
  {
    title: 'Network',
    checks: [
      { id: 'address', doing: 'Resolving the host', run: checkAddress },
      { id: 'proxy', doing: 'Asking the proxy', run: checkProxy },
      { id: 'tcp', doing: 'Connecting', run: checkTcp },
      { id: 'tls', doing: 'Looking at the certificate', run: checkTls },
    ],
  },
  {
    title: 'API',
    checks: [
      { id: 'requests', doing: 'Sending two requests', run: checkRequests },
      { id: 'clock', doing: 'Comparing the clocks', run: checkClock },
    ],
  },
  {
    title: 'Telemetry',
    checks: [
      { id: 'telemetry-settings', doing: 'Reading the OTEL_ variables', run: checkTelemetrySettings },
      { id: 'telemetry-export', doing: 'Sending the test spans', run: checkTelemetryExport },
    ],
  },
] as const satisfies readonly Section[];
