import type { Context } from '../context.ts';
import { findBundledSdk } from '../bundles.ts';
import { pass, warn, type Finding } from '../finding.ts';
import type { Installed } from '../packages.ts';
import { API_PACKAGE, OTHER_INSTRUMENTATIONS, packagesOf } from './packages.ts';

/** What keeps spans from being made, or makes them twice. */
export async function checkClashes(context: Context): Promise<readonly Finding[]> {
  const packages = await packagesOf(context);
  const bundles = await findBundledSdk(context.cwd);
  const found = [...apis(packages), ...others(packages), ...bundled(bundles), ...switches(context)];
  return found.length > 0
    ? found
    : [pass('No second OpenTelemetry API, no other Claude instrumentation, no bundled SDK found')];
}

function apis(packages: readonly Installed[]): readonly Finding[] {
  const copies = packages.filter(({ name }) => name === API_PACKAGE);
  const versions = [...new Set(copies.map(({ version }) => version))];
  if (versions.length < 2) return [];
  return [
    warn(`${copies.length} copies of ${API_PACKAGE} are installed: ${versions.join(', ')}`, {
      meaning:
        'The first copy that registers a provider serves all; a copy of a newer version than that one gets nothing, without a word.',
      next: `Have one version for all: npm ls ${API_PACKAGE}, then npm dedupe or an override.`,
      runbook: 'telemetry-absent',
      facts: { versions },
    }),
  ];
}

function others(packages: readonly Installed[]): readonly Finding[] {
  const names = [...new Set(packages.map(({ name }) => name))].filter((name) =>
    OTHER_INSTRUMENTATIONS.has(name),
  );
  return names.map((name) =>
    warn(`${name} is installed, which can instrument Claude calls as well`, {
      meaning: `Where both are on, each call has two spans with tokens, and its cost counts twice.`,
      next: `Switch the Claude part of ${OTHER_INSTRUMENTATIONS.get(name)} off, or this package.`,
      facts: { package: name },
    }),
  );
}

function bundled(files: readonly string[]): readonly Finding[] {
  return files.map((file) =>
    warn(`${file} has the SDK bundled in`, {
      meaning: 'A bundled SDK does not pass Node’s loader, so it is not patched automatically.',
      next: 'Keep the SDK out of the bundle (external; in Next.js serverExternalPackages), or call instrumentation.manuallyInstrument(Anthropic) in the application.',
      runbook: 'telemetry-absent',
      facts: { file },
    }),
  );
}

interface Switch {
  readonly name: string;
  readonly isOff: (value: string) => boolean;
  readonly meaning: string;
}

const isFalse = (value: string): boolean => /^false$/i.test(value.trim());
const isTrue = (value: string): boolean => /^true$/i.test(value.trim());
const namesUs = (value: string): boolean => value.split(',').some((name) => name.trim() === 'anthropic');

const SWITCHES: readonly Switch[] = [
  { name: 'OTEL_ANTHROPIC_ENABLED', isOff: isFalse, meaning: 'The preload loads nothing.' },
  { name: 'OTEL_SDK_DISABLED', isOff: isTrue, meaning: 'OpenTelemetry is off in the process.' },
  {
    name: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    isOff: namesUs,
    meaning: 'This instrumentation is left out.',
  },
  {
    name: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
    isOff: (value) => value.trim() !== '' && !namesUs(value),
    meaning: 'Only the instrumentations in the list are on, and this one (anthropic) is not among them.',
  },
];

function switches({ env }: Context): readonly Finding[] {
  return SWITCHES.filter(({ name, isOff }) => isOff(env[name] ?? '')).map(({ name, meaning }) =>
    warn(`${name} switches the instrumentation off`, {
      meaning,
      next: `Remove ${name} from the environment of the application.`,
      runbook: 'telemetry-absent',
      facts: { variable: name },
    }),
  );
}
