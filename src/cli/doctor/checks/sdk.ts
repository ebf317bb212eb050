import { relative } from 'node:path';
import { PATCH_POINTS, SDK_PACKAGE, TESTED_VERSIONS } from '../../../sdk/patch-points.ts';
import type { Context } from '../context.ts';
import { fail, pass, warn, type Finding } from '../finding.ts';
import type { Installed } from '../packages.ts';
import { compareVersions, isInRange } from '../version-range.ts';
import { copiesOf } from './packages.ts';

/** Since this version the SDK makes the span of a call itself. */
const NATIVE_SPANS = '0.134.0';

/** Every copy of the SDK, and how each will be patched. */
export async function checkSdk(context: Context): Promise<readonly Finding[]> {
  const copies = await copiesOf(context, SDK_PACKAGE);
  if (copies.length === 0) {
    return [
      fail(`${SDK_PACKAGE} is not installed in ${context.cwd}`, {
        meaning: 'There is nothing to instrument here, and no client to send requests with.',
        next: `Run this in the folder of your application, or there: npm install ${SDK_PACKAGE}`,
        runbook: 'telemetry-absent',
      }),
    ];
  }
  const aliased = copies.filter(({ folder }) => folder !== SDK_PACKAGE);
  const others = copies.filter(({ folder }) => folder === SDK_PACKAGE);
  return [
    ...(aliased.length > 0 ? [judgeAliased(aliased, context.cwd)] : []),
    ...others.map((copy) => judge(copy, context.cwd)),
  ];
}

function placeOf({ path }: Installed, cwd: string): string {
  return relative(cwd, path) || path;
}

function judgeAliased(copies: readonly Installed[], cwd: string): Finding {
  const list = copies.map((copy) => `${copy.version} (${placeOf(copy, cwd)})`).join(', ');
  return warn(`${SDK_PACKAGE} ${list} will not be patched automatically: installed under another name`, {
    meaning: 'Node’s loader hands only files of the package’s own folder to instrumentations.',
    next: 'Install it under its own name, or call instrumentation.manuallyInstrument(Anthropic).',
    runbook: 'telemetry-absent',
    facts: {
      versions: copies.map(({ version }) => version),
      paths: copies.map((copy) => placeOf(copy, cwd)),
      patched: false,
    },
  });
}

function judge(copy: Installed, cwd: string): Finding {
  const { version } = copy;
  const place = placeOf(copy, cwd);
  const what = `${SDK_PACKAGE} ${version} (${place})`;
  const point = PATCH_POINTS.find(({ versions }) => versions.some((range) => isInRange(version, range)));
  const facts = { version, path: place, patched: point !== undefined };
  if (!point) {
    return fail(`${what} will not be patched: its version is not supported`, {
      meaning: `Supported are ${PATCH_POINTS.flatMap(({ versions }) => versions).join(' and ')}.`,
      next: 'Install a version of the SDK in these ranges, or a newer version of this package.',
      runbook: 'telemetry-absent',
      facts,
    });
  }
  const spans =
    compareVersions(version, NATIVE_SPANS) >= 0
      ? 'on the SDK’s own call spans'
      : 'with call spans of its own';
  const how = `will be patched: ${point.className} in ${point.files.join(' or ')}, ${spans}`;
  const meaning = `Tested are ${TESTED_VERSIONS.join(', ')}; this version is patched if its shape fits.`;
  return pass(`${what} ${how}`, { ...(!isTested(version) && { meaning }), facts });
}

function isTested(version: string): boolean {
  return (TESTED_VERSIONS as readonly string[]).includes(version);
}
