import { randomUUID } from 'node:crypto';
import { type, version } from 'node:os';
import type { Attributes } from '@opentelemetry/api';
import { SDK_PACKAGE } from '../sdk/patch-points.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version.ts';

/** `os.type` as the semantic conventions write it, where it is not `os.type()` in lower case. */
const OS_TYPES: Readonly<Record<string, string>> = { Windows_NT: 'windows', SunOS: 'solaris' };

/**
 * What a support case asks of the environment, once, on the resource. Node's version and the host are there by
 * OpenTelemetry's own detectors.
 *
 * @param sdkVersion the version of the Anthropic SDK that was loaded first, where one was.
 */
export function environmentAttributes(sdkVersion: string | undefined): Attributes {
  return {
    // Without it the series of two processes of one service overwrite each other.
    'service.instance.id': randomUUID(),
    'os.type': OS_TYPES[type()] ?? type().toLowerCase(),
    'os.version': version(),
    'telemetry.distro.name': PACKAGE_NAME,
    'telemetry.distro.version': PACKAGE_VERSION,
    ...(sdkVersion !== undefined && {
      'anthropic.sdk.name': SDK_PACKAGE,
      'anthropic.sdk.version': sdkVersion,
    }),
  };
}
