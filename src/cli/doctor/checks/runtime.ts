import { PACKAGE_NAME, PACKAGE_VERSION } from '../../../version.ts';
import type { Context } from '../context.ts';
import { fail, pass, warn, type Finding } from '../finding.ts';
import { compareVersions } from '../version-range.ts';
import { copiesOf } from './packages.ts';

const OLDEST_NODE = '20.19.0';

/** Node, and this package itself. */
export async function checkRuntime(context: Context): Promise<readonly Finding[]> {
  return [node(), await ownCopies(context)];
}

function node(): Finding {
  const version = process.versions.node;
  const facts = { version, platform: process.platform, arch: process.arch };
  return compareVersions(version, OLDEST_NODE) < 0
    ? fail(`Node ${version} is too old`, {
        meaning: `The instrumentation needs Node ${OLDEST_NODE} or newer.`,
        next: 'Update Node.',
        facts,
      })
    : pass(`Node ${version} on ${process.platform} ${process.arch} is supported`, { facts });
}

async function ownCopies(context: Context): Promise<Finding> {
  const versions = [...new Set((await copiesOf(context, PACKAGE_NAME)).map(({ version }) => version))];
  const facts = { running: PACKAGE_VERSION, installed: versions };
  if (versions.length > 1 || (versions[0] !== undefined && versions[0] !== PACKAGE_VERSION)) {
    return warn(`${PACKAGE_NAME} ${PACKAGE_VERSION} runs here, and the folder has ${versions.join(', ')}`, {
      meaning: 'What is found here may differ from what the application sees.',
      next: `Use one version: npm install ${PACKAGE_NAME}@${PACKAGE_VERSION}`,
      facts,
    });
  }
  return pass(
    versions.length === 0
      ? `${PACKAGE_NAME} ${PACKAGE_VERSION} runs here; the folder has no copy of its own`
      : `${PACKAGE_NAME} ${PACKAGE_VERSION} is installed`,
    { facts },
  );
}
