import { isProtocol } from '../../../preload/otlp/protocol.ts';
import { FILE_SETTINGS, isReadable, otlpSetting } from '../../../preload/otlp/setting.ts';
import { webUrl } from '../../../server.ts';
import type { Context } from '../context.ts';
import { fail, pass, warn, type Finding } from '../finding.ts';
import { headerFaults, protocolOf, variablesSet } from '../telemetry/settings.ts';

/** Which variables are read for the export, and whether they say what was meant. */
export function checkTelemetrySettings(context: Context): readonly Finding[] {
  return [
    ...variables(context),
    ...protocol(context),
    ...headers(context),
    ...files(context),
    ...paths(context),
  ];
}

function variables({ env }: Context): readonly Finding[] {
  const names = variablesSet(env);
  const endpoint = otlpSetting('traces', 'ENDPOINT', env);
  const facts = { variables: names, source: 'environment' };
  if (names.length === 0) {
    return [
      warn('No OTEL_ variable is set: OpenTelemetry’s defaults apply', {
        meaning: 'Traces go to http://localhost:4318 as http/protobuf.',
        next: 'Set OTEL_EXPORTER_OTLP_ENDPOINT to your collector or backend, and OTEL_SERVICE_NAME.',
        facts,
      }),
    ];
  }
  const from = endpoint.variable ?? 'the default';
  return [pass(`Read from the environment: ${names.join(', ')}; the endpoint is from ${from}`, { facts })];
}

function protocol({ env }: Context): readonly Finding[] {
  const { value, variable } = otlpSetting('traces', 'PROTOCOL', env);
  if (value === undefined || isProtocol(value)) return [];
  return [
    warn(`${variable} names a protocol that does not exist`, {
      meaning: `It is ignored, and ${protocolOf(env)} is used.`,
      next: 'Use http/protobuf, http/json or grpc.',
      runbook: 'telemetry-absent',
    }),
  ];
}

function headers({ env }: Context): readonly Finding[] {
  const { value, variable } = otlpSetting('traces', 'HEADERS', env);
  const faults = value === undefined ? [] : headerFaults(value);
  return faults.map((fault) =>
    warn(`${variable}: ${fault}`, {
      meaning: 'What cannot be read is left out, so that the backend sees no credential.',
      next: 'Write name=value pairs, separated by commas, with percent-encoded values: a space is %20.',
      runbook: 'telemetry-absent',
    }),
  );
}

function files({ env }: Context): readonly Finding[] {
  return FILE_SETTINGS.flatMap((name) => {
    const { value, variable } = otlpSetting('traces', name, env);
    if (value === undefined || isReadable(value)) return [];
    return [
      warn(`${variable} names a file that cannot be read`, {
        meaning: 'It is passed over, so that a receiver behind TLS may refuse us, or we it.',
        next: 'Write the path of a file in PEM form that the process may read, from its working directory or absolute.',
        runbook: 'telemetry-absent',
      }),
    ];
  });
}

/** One variable is taken as it is, the other has `/v1/traces` put behind it. */
function paths({ env }: Context): readonly Finding[] {
  const { value, variable } = otlpSetting('traces', 'ENDPOINT', env);
  if (value === undefined || protocolOf(env) === 'grpc') return [];
  const url = webUrl(value);
  if (!url) {
    return [
      fail(`${variable} is not an http or https URL`, {
        meaning: 'Nothing is sent there.',
        next: `Write http://host:4318 into ${variable}.`,
        runbook: 'telemetry-absent',
      }),
    ];
  }
  const { pathname } = url;
  const isOwn = variable === 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  if (!isOwn && /\/v1\/(?:traces|metrics|logs)\/?$/.test(pathname)) {
    return [
      warn(`${variable} ends with the path of one signal, and /v1/traces is appended to it`, {
        meaning: 'Traces go to a path that most receivers do not have.',
        next: `Leave the path out of ${variable}, or use OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.`,
        runbook: 'telemetry-absent',
      }),
    ];
  }
  if (isOwn && pathname === '/') {
    return [
      warn(`${variable} has no path, and is used as it is`, {
        meaning: 'Traces go to /, where most receivers do not take them.',
        next: `Add /v1/traces to ${variable}, or use OTEL_EXPORTER_OTLP_ENDPOINT.`,
        runbook: 'telemetry-absent',
      }),
    ];
  }
  return [];
}
