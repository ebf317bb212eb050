import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialFacts, hintRow, type CredentialFacts, type HintId } from '../../../diagnosis/index.ts';
import { isAnthropic } from '../base-url.ts';
import type { Context } from '../context.ts';
import { fail, pass, warn, type Finding } from '../finding.ts';

type Header = NonNullable<CredentialFacts['header']>;

interface Source {
  readonly variable: string;
  readonly header: Header;
}

/** Where the SDK looks, in its order. */
const SOURCES: readonly Source[] = [
  { variable: 'ANTHROPIC_API_KEY', header: 'x-api-key' },
  { variable: 'ANTHROPIC_AUTH_TOKEN', header: 'authorization' },
];

interface Fault {
  readonly hint: HintId;
  readonly title: string;
  readonly applies: (facts: CredentialFacts, value: string) => boolean;
}

const KIND_NAMES = {
  api_key: 'an API key',
  admin_key: 'an admin key',
  oauth_token: 'an OAuth token',
  other_provider: 'a key of another provider',
  unknown: 'of no known shape',
} as const;

/** Whether a credential is set, where from, and what it looks like. No character of it is ever shown. */
export async function checkCredential(context: Context): Promise<readonly Finding[]> {
  const set = SOURCES.filter(({ variable }) => (context.env[variable] ?? '').trim() !== '');
  const [first, second] = set;
  if (!first) return [await missing(context)];
  const findings = set.flatMap((source) => judge(source, context));
  if (second) {
    findings.push(
      warn(`${first.variable} and ${second.variable} are both set`, {
        meaning: 'Which of them is used depends on the version of the SDK, and a gateway may read the other.',
        next: 'Leave one of them out.',
      }),
    );
  }
  return findings;
}

function judge({ variable, header }: Source, context: Context): Finding[] {
  const value = context.env[variable] ?? '';
  const facts = credentialFacts(header, value);
  const kind = KIND_NAMES[facts.kind ?? 'unknown'];
  const machine = { variable, header, kind: facts.kind ?? 'unknown', source: 'environment' };
  const faults = FAULTS.filter(({ applies }) => applies(facts, value) && !isExcused(facts, context));
  const found: Finding[] = faults.map(({ hint, title }) => {
    const row = hintRow(hint);
    return fail(`${variable} ${title}`, {
      ...(row && { meaning: row.meaning, runbook: row.runbook }),
      next: row?.fix ?? 'Set a current key from the Console.',
      facts: { ...machine, hint },
    });
  });
  if (/^\s|\s$/.test(value) && !/\S\s+\S/.test(value.trim())) found.push(paddedBy(value, variable, machine));
  if (found.length > 0) return found;
  if (facts.kind === 'unknown' && isAnthropic(context.base)) {
    return [
      warn(`${variable} is set in the environment, and its text is ${kind}`, {
        meaning: 'Keys of the Console begin with sk-ant-.',
        next: 'Compare it with the key in the Console; the known-good request below shows whether it is accepted.',
        runbook: 'authentication',
        facts: machine,
      }),
    ];
  }
  return [
    pass(`${variable} is set in the environment: ${kind}, without spaces or quotes around it`, {
      facts: machine,
    }),
  ];
}

/** Gateways have keys of their own. */
function isExcused({ kind }: CredentialFacts, { base }: Context): boolean {
  return kind === 'other_provider' && !isAnthropic(base);
}

/** The SDK trims what it reads from the environment, so that this alone breaks nothing here. */
function paddedBy(value: string, variable: string, facts: Record<string, string>): Finding {
  const what = /[\r\n]/.test(value) ? 'a line break' : 'spaces';
  return warn(`${variable} has ${what} at its start or end`, {
    meaning:
      'The SDK trims the variable when it reads it itself; code that passes the key on, other clients and gateways send it as it is, and fail.',
    next: 'Store the key without it: printf instead of echo, and no trailing line in secret files.',
    runbook: 'authentication',
    facts: { ...facts, hint: 'key_whitespace' },
  });
}

const FAULTS: readonly Fault[] = [
  {
    hint: 'key_whitespace',
    title: 'has spaces or a line break inside it',
    applies: (_facts, value) => /\S\s+\S/.test(value.trim()),
  },
  { hint: 'quoted_key', title: 'has quotation marks around it', applies: ({ quotes }) => quotes === true },
  {
    hint: 'placeholder_key',
    title: 'is a placeholder, not a key',
    applies: ({ placeholder }) => placeholder === true,
  },
  {
    hint: 'oauth_token_as_key',
    title: 'holds an OAuth token, which does not go into the header x-api-key',
    applies: ({ kind, header }) => kind === 'oauth_token' && header === 'x-api-key',
  },
  {
    hint: 'admin_key',
    title: 'holds an admin key, which the Messages API does not take',
    applies: ({ kind }) => kind === 'admin_key',
  },
  {
    hint: 'foreign_key',
    title: 'holds a key of another provider',
    applies: ({ kind, placeholder }) => kind === 'other_provider' && placeholder !== true,
  },
];

async function missing({ env, cwd }: Context): Promise<Finding> {
  const row = hintRow('missing_key');
  const dotEnv = await dotEnvWithKey(cwd);
  if (dotEnv !== undefined) {
    return fail(`ANTHROPIC_API_KEY is not in the environment, but in the file ${dotEnv}`, {
      meaning: 'Node does not read that file by itself, and neither does the SDK.',
      next: `Start with node --env-file=${dotEnv}, or load the file in the application before the client is made.`,
      runbook: 'authentication',
    });
  }
  const profile = await profileFolder(env);
  if (profile !== undefined) {
    return warn('No key is set in the environment; the SDK may use its own profile', {
      meaning: `There is a configuration in ${profile}, which newer versions of the SDK read.`,
      next: 'If the known-good request below fails, set ANTHROPIC_API_KEY.',
      runbook: 'authentication',
    });
  }
  return fail('No key is set: neither ANTHROPIC_API_KEY nor ANTHROPIC_AUTH_TOKEN', {
    ...(row && { meaning: row.meaning, runbook: row.runbook }),
    next: 'Set ANTHROPIC_API_KEY in the environment of the process: in the shell with export, in a service or container in its own configuration.',
    facts: { hint: 'missing_key' },
  });
}

async function dotEnvWithKey(cwd: string): Promise<string | undefined> {
  for (const name of ['.env', '.env.local']) {
    try {
      const text = await readFile(join(cwd, name), 'utf8');
      if (/^\s*(?:export\s+)?ANTHROPIC_(?:API_KEY|AUTH_TOKEN)\s*=\s*\S/m.test(text)) return name;
    } catch {
      // Most folders have none.
    }
  }
  return undefined;
}

async function profileFolder(env: Context['env']): Promise<string | undefined> {
  const config = env['XDG_CONFIG_HOME'] ?? (env['HOME'] && join(env['HOME'], '.config'));
  const folder = env['ANTHROPIC_CONFIG_DIR'] ?? (config && join(config, 'anthropic'));
  if (!folder) return undefined;
  try {
    await access(join(folder, 'configs'));
    return folder;
  } catch {
    return undefined;
  }
}
