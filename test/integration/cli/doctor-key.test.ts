import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { doctor, KEY, startWorld, type World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const refusedKey = (text: string) => reply.error(401, { message: text });

describe('the key', () => {
  test('a good one passes', async () => {
    const { findings } = await doctor(world, {}, ['--no-requests']);
    const [finding, ...more] = findings.filter(({ section }) => section === 'Key');
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      level: 'pass',
      facts: { variable: 'ANTHROPIC_API_KEY', kind: 'api_key', source: 'environment' },
    });
  });

  test.each([
    { name: 'none', key: undefined, level: 'fail', hint: 'missing_key' },
    { name: 'only blanks', key: '  \n', level: 'fail', hint: 'missing_key' },
    { name: 'a line break at its end', key: `${KEY}\n`, level: 'warn', hint: 'key_whitespace' },
    { name: 'a line break inside', key: `${KEY}\nX`, level: 'fail', hint: 'key_whitespace' },
    { name: 'quotes', key: `"${KEY}"`, level: 'fail', hint: 'quoted_key' },
    { name: 'a placeholder', key: 'your-api-key-here', level: 'fail', hint: 'placeholder_key' },
    {
      name: 'an OAuth token',
      key: `sk-ant-oat01-${'B'.repeat(90)}`,
      level: 'fail',
      hint: 'oauth_token_as_key',
    },
    { name: 'an admin key', key: `sk-ant-admin01-${'C'.repeat(90)}`, level: 'fail', hint: 'admin_key' },
  ])('$name: $level, $hint', async ({ key, level, hint }) => {
    const { findings, code } = await doctor(world, { ANTHROPIC_API_KEY: key }, ['--no-requests']);
    const found = findings.filter(({ section }) => section === 'Key');
    expect(found).toMatchObject([{ level, facts: { hint } }]);
    expect(found[0]?.meaning).toBeTruthy();
    expect(found[0]?.next).toBeTruthy();
    expect(found[0]?.runbook).toBe('collector/runbooks/authentication.md');
    expect(code).toBe(level === 'fail' ? 1 : 0);
  });

  test('a key of another provider is wrong at the API, and nobody’s business at a gateway', async () => {
    const key = `gsk_${'D'.repeat(52)}`;
    const atGateway = await doctor(world, { ANTHROPIC_API_KEY: key }, ['--no-requests']);
    expect(atGateway.findings.filter(({ section }) => section === 'Key')).toMatchObject([{ level: 'pass' }]);
    const env = { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: 'https://x.invalid.anthropic.com' };
    const atApi = await doctor(world, env, ['--no-requests']);
    expect(atApi.findings.filter(({ section }) => section === 'Key')).toMatchObject([
      { level: 'fail', facts: { hint: 'foreign_key' } },
    ]);
  });

  test('in a .env file that nobody loads', async () => {
    const file = join(world.cwd, '.env');
    await writeFile(file, `ANTHROPIC_API_KEY=${KEY}\n`);
    const { findings } = await doctor(world, { ANTHROPIC_API_KEY: undefined }, ['--no-requests']);
    const [finding] = findings.filter(({ section }) => section === 'Key');
    expect(finding).toMatchObject({
      level: 'fail',
      next: expect.stringContaining('--env-file=.env') as string,
    });
    await writeFile(file, '');
  });

  test('the API refuses it', async () => {
    world.api.enqueue(refusedKey('invalid x-api-key'), refusedKey('invalid x-api-key'));
    const { findings, code, requests, spans } = await doctor(world);
    expect(code).toBe(1);
    expect(findings.filter(({ section }) => section === 'API')).toMatchObject([
      {
        level: 'fail',
        facts: { status: 401, class: 'authentication', hint: 'invalid_key', retryable: false },
        runbook: 'collector/runbooks/authentication.md',
      },
      { level: 'fail', next: 'As above.' },
      { level: 'pass', check: 'clock' },
    ]);
    expect(requests.map(({ status }) => status)).toEqual([401, 401]);
    expect(requests.every(({ request_id: id }) => String(id).startsWith('req_'))).toBe(true);
    expect(spans).toHaveLength(4);
  });

  test('the client cannot send a key with a line break in it', async () => {
    const { findings, code } = await doctor(world, { ANTHROPIC_API_KEY: `${KEY}\nX` });
    expect(code).toBe(1);
    expect(findings.filter(({ section }) => section === 'API')).toMatchObject([
      { level: 'fail', facts: { class: 'client_config', hint: 'bad_header_value' } },
      { level: 'skip', check: 'requests' },
      { level: 'skip', check: 'clock' },
    ]);
  });
});
