import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NEWEST_SDK, SDKS, sdkFolder } from '../../support/sdks.ts';
import {
  doctor,
  folderWithSdk,
  startWorld,
  type JsonFinding,
  type JsonResult,
  type World,
} from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const of = ({ findings }: JsonResult, check: string) => findings.filter((finding) => finding.check === check);

const versionOf = ({ facts }: JsonFinding) => facts?.['version'] ?? facts?.['versions'];

async function writePackage(folder: string, name: string, version: string): Promise<void> {
  const path = join(folder, 'node_modules', name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'package.json'), JSON.stringify({ name, version }));
}

async function inFolder<T>(
  folder: string,
  run: (world: Pick<World, 'env' | 'cwd'>) => Promise<T>,
): Promise<T> {
  try {
    return await run({ ...world, cwd: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test.each(SDKS.map(({ version }) => version))(
  'SDK %s: patched, and both requests have their spans',
  async (version) => {
    await inFolder(await folderWithSdk(version), async (here) => {
      const result = await doctor(here);
      expect(result.bad).toEqual([]);
      expect(of(result, 'sdk')).toMatchObject([{ level: 'pass', facts: { version, patched: true } }]);
      expect(result.spans.map(({ name }) => name).sort(byText)).toEqual([
        'POST /v1/messages',
        'POST /v1/messages',
        'anthropic.messages.create',
        'anthropic.messages.create',
      ]);
    });
  },
);

describe('the folder', () => {
  test('has no SDK', async () => {
    await inFolder(await mkdtemp(join(tmpdir(), 'doctor-')), async (here) => {
      const before = world.api.requests.length;
      const result = await doctor(here);
      expect(result.code).toBe(1);
      expect(of(result, 'sdk')).toMatchObject([
        { level: 'fail', title: expect.stringContaining(here.cwd) as string },
      ]);
      expect(of(result, 'requests')).toMatchObject([{ level: 'skip' }]);
      expect(world.api.requests.slice(before).filter(({ method }) => method === 'POST')).toEqual([]);
    });
  });

  test('has every copy of the SDK: nested, under another name, of a version that is not supported', async () => {
    await inFolder(await folderWithSdk(NEWEST_SDK), async (here) => {
      const nested = join(here.cwd, 'node_modules', 'some-library', 'node_modules', '@anthropic-ai');
      await mkdir(nested, { recursive: true });
      await writePackage(here.cwd, 'some-library', '1.0.0');
      await symlink(join(sdkFolder('0.60.0'), 'node_modules', '@anthropic-ai', 'sdk'), join(nested, 'sdk'));
      await symlink(
        join(sdkFolder('0.91.1'), 'node_modules', '@anthropic-ai', 'sdk'),
        join(here.cwd, 'node_modules', 'claude'),
      );
      await writePackage(join(here.cwd, 'node_modules', 'old'), '@anthropic-ai/sdk', '0.20.0');
      await writePackage(here.cwd, 'old', '1.0.0');
      const found = of(await doctor(here, {}, ['--no-requests']), 'sdk');
      expect(found.map((one) => `${String(versionOf(one))} ${one.level}`).sort(byText)).toEqual([
        '0.20.0 fail',
        '0.60.0 pass',
        '0.91.1 warn',
        `${NEWEST_SDK} pass`,
      ]);
    });
  });

  test('has several copies under other names: one finding lists them', async () => {
    await inFolder(await folderWithSdk(NEWEST_SDK), async (here) => {
      for (const [name, version] of [
        ['claude', '0.91.1'],
        ['claude-old', '0.60.0'],
      ] as const) {
        await symlink(
          join(sdkFolder(version), 'node_modules', '@anthropic-ai', 'sdk'),
          join(here.cwd, 'node_modules', name),
        );
      }
      const found = of(await doctor(here, {}, ['--no-requests']), 'sdk');
      expect(found.filter(({ level }) => level !== 'pass')).toMatchObject([
        {
          level: 'warn',
          title: expect.stringMatching(
            /^@anthropic-ai\/sdk 0\.91\.1 \(.+\), 0\.60\.0 \(.+\) will not be patched automatically/,
          ),
          facts: {
            versions: ['0.91.1', '0.60.0'],
            paths: [expect.any(String), expect.any(String)],
            patched: false,
          },
        },
      ]);
    });
  });

  test('has clashes: two APIs, another instrumentation, a bundle', async () => {
    await inFolder(await folderWithSdk(NEWEST_SDK), async (here) => {
      await writePackage(here.cwd, '@opentelemetry/api', '1.9.0');
      await writePackage(join(here.cwd, 'node_modules', 'library'), '@opentelemetry/api', '1.4.1');
      await writePackage(here.cwd, 'library', '1.0.0');
      await writePackage(here.cwd, '@traceloop/instrumentation-anthropic', '0.27.0');
      await mkdir(join(here.cwd, '.next', 'server'), { recursive: true });
      const bundle = 'h({"X-Stainless-Package-Version":"1","anthropic-version":"2023-06-01"})';
      await writeFile(join(here.cwd, '.next', 'server', 'page.js'), bundle);
      const result = await doctor(here, {}, ['--no-requests']);
      expect(of(result, 'clashes').map(({ level, title }) => `${level} ${title}`)).toEqual([
        'warn 2 copies of @opentelemetry/api are installed: 1.9.0, 1.4.1',
        'warn @traceloop/instrumentation-anthropic is installed, which can instrument Claude calls as well',
        'warn .next/server/page.js has the SDK bundled in',
      ]);
    });
  });

  test('in a clone of this project: its build is not taken for a bundle', async () => {
    await inFolder(await folderWithSdk(NEWEST_SDK), async (here) => {
      await symlink(join(import.meta.dirname, '../../../dist'), join(here.cwd, 'dist'));
      const result = await doctor(here, {}, ['--no-requests']);
      expect(of(result, 'clashes').map(({ level }) => level)).toEqual(['pass']);
    });
  });
});

test('works in a process that the preload instruments already', async () => {
  const register = new URL('../../../dist/register.js', import.meta.url).href;
  const result = await doctor(world, { NODE_OPTIONS: `--import ${register}` });
  expect(result.bad).toEqual([]);
  expect(result.spans).toHaveLength(4);
});
