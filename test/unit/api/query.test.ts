import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTENT_PARAMETER_OF, CONTENT_PARAMETERS, PARAMETERS, readQuery } from '../../../src/api/query.ts';

const sdk = dirname(createRequire(import.meta.url).resolve('@anthropic-ai/sdk'));
const NAMES = String.raw`\[((?:\s*'[^']+',?)*\s*)\]`;

function namesIn(list: string): string[] {
  return Array.from(list.matchAll(/'([^']+)'/g), ([, name = '']) => name);
}

function sources(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

describe('the query parameters are those of the newest SDK’s native spans', () => {
  const resources = sources(join(sdk, 'resources'));

  it('that endpoints define', () => {
    const lists = resources.flatMap((source) => [
      ...source.matchAll(new RegExp(`\\bqueryParams: ${NAMES}`, 'g')),
    ]);
    const names = lists.flatMap(([, list = '']) => namesIn(list));
    expect(lists.length).toBeGreaterThan(80);
    expect([...PARAMETERS].toSorted()).toEqual([...new Set(names)].toSorted());
  });

  it('that are content everywhere', () => {
    const tracing = readFileSync(join(sdk, 'internal/tracing.mjs'), 'utf8');
    const [, list = ''] = new RegExp(`CONTENT_QUERY_PARAMS = ${NAMES}`).exec(tracing) ?? [];
    expect([...CONTENT_PARAMETERS].toSorted()).toEqual(namesIn(list).toSorted());
  });

  it('that are content on some endpoints', () => {
    const settings = resources.flatMap((source) => [
      ...source.matchAll(new RegExp(`route: '([^']+)',[^}]*?contentQueryParams: ${NAMES}`, 'g')),
    ]);
    const ofSdk = settings.map(([, route = '', list = '']) => [route, namesIn(list).join()]);
    expect(CONTENT_PARAMETER_OF).toEqual(Object.fromEntries(ofSdk));
  });
});

describe('a query', () => {
  const USERS = '/v1/organizations/users';

  it('is told as far as endpoints define it', () => {
    expect(readQuery('?limit=2&mine=x&ids%5B%5D=a&created_at[gte]=b', '/v1/models')).toEqual({
      defined: 'limit=2&ids%5B%5D=a&created_at[gte]=b',
      hasContent: false,
      masked: 'limit=2&mine=x&ids%5B%5D=a&created_at[gte]=b',
    });
  });

  it('that is not there, or that is no query, is told as it is', () => {
    expect(readQuery('', USERS)).toEqual({ defined: undefined, hasContent: false, masked: '' });
    expect(readQuery('?%E0%A4%A=1&&=', USERS)).toMatchObject({ defined: undefined, masked: '%E0%A4%A=1&&=' });
  });

  it.each([
    ['?limit=1&email=a%40example.com', USERS, 'limit=1&email=REDACTED'],
    ['?email[]=a%40example.com&email[]=b', USERS, 'email[]=REDACTED&email[]=REDACTED'],
    ['?page=told', '/v1/organizations/analytics/users', 'page=REDACTED'],
  ])('with content in it is masked: %s', (search, template, masked) => {
    expect(readQuery(search, template)).toMatchObject({ hasContent: true, masked });
  });

  it('is not content where another endpoint’s would be', () => {
    expect(readQuery('?page=told', '/v1/models')).toMatchObject({ hasContent: false, masked: 'page=told' });
  });
});
