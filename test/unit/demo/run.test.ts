import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runScript } from '../../support/run.ts';
import { NEWEST_SDK, prepareSdkFixtures, sdkFolder, SDKS } from '../../support/sdks.ts';

const PRINT_SDK = {
  esm: `
    import Anthropic from '@anthropic-ai/sdk';
    import { VERSION } from '@anthropic-ai/sdk/version';
    console.log(typeof Anthropic, VERSION, import.meta.resolve('@anthropic-ai/sdk'));
  `,
  cjs: `
    const Anthropic = require('@anthropic-ai/sdk');
    const { VERSION } = require('@anthropic-ai/sdk/version');
    console.log(typeof Anthropic, VERSION, require.resolve('@anthropic-ai/sdk'));
  `,
} as const;

beforeAll(async () => {
  await Promise.all([prepareSdkFixtures(), prepareSdkFixtures()]);
});

describe.each(SDKS)('the fixture of SDK $version', ({ version, platforms }) => {
  test.each(['esm', 'cjs'] as const)('gives that SDK to %s', async (build) => {
    const result = await runScript({ script: PRINT_SDK[build], sdk: version, build });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(
      new RegExp(`^function ${version} .*/\\.sdk/${version}/node_modules/@anthropic-ai/sdk/index\\.m?js`),
    );
  });

  test('holds its platforms, and no types', async () => {
    const modules = join(sdkFolder(version), 'node_modules');
    expect(platforms.filter((name) => !existsSync(join(modules, name, 'client.mjs')))).toEqual([]);
    const files = await readdir(join(modules, '@anthropic-ai', 'sdk'));
    expect(files).toContain('package.json');
    expect(files.filter((name) => name.endsWith('.d.ts') || name === 'src')).toEqual([]);
  });
});

describe('runScript', () => {
  const base = { sdk: NEWEST_SDK, build: 'esm' } as const;

  test('passes arguments, flags and environment, and inherits none', async () => {
    process.env['LEAKS_INTO_CHILD'] = 'yes';
    const script =
      'console.log(process.argv[2], process.env.GIVEN, process.env.LEAKS_INTO_CHILD, process.execArgv)';
    const result = await runScript({
      ...base,
      script,
      args: ['argument'],
      env: { GIVEN: 'given' },
      preload: ['--no-deprecation'],
    });
    expect(result.stdout).toBe("argument given undefined [ '--no-deprecation' ]\n");
  });

  test('reports exit code and standard error', async () => {
    const result = await runScript({ ...base, script: "console.error('no'); process.exit(3)" });
    expect(result).toMatchObject({ code: 3, signal: null, stderr: 'no\n' });
  });

  test('hands the output over as it comes, and sends signals', async () => {
    const result = await runScript({
      ...base,
      script: "console.log('ready'); setInterval(() => {}, 1000)",
      onStdout: (_stdout, kill) => kill('SIGTERM'),
    });
    expect(result).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  test('kills a child that does not end', async () => {
    await expect(
      runScript({ ...base, script: 'setInterval(() => {}, 1000)', timeoutMs: 500 }),
    ).rejects.toThrow('not ended after 500 ms');
  });

  test('runs a script of its own file', async () => {
    const script = join(import.meta.dirname, 'fixture-script.mjs');
    const result = await runScript({ ...base, script, build: 'cjs' });
    expect(result).toMatchObject({ code: 0, stdout: 'from a file\n' });
  });
});
