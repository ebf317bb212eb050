import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CREATED_IDS, PATH_IDS } from '../../../src/sdk/id-sources.ts';

const resources = join(dirname(createRequire(import.meta.url).resolve('@anthropic-ai/sdk')), 'resources');
const CALL_SPAN = /startApiCallSpan\(this\._client, '([^']+)', options, \{\s*(route: [^]*?)\n\s*\}\)/g;

/** `sessionID` in a method of the SDK is `{session_id}` in the template. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '');

/** The IDs that methods of the newest SDK give their spans, in the form of the two tables. */
function idsOfSdk(): { readonly paths: Record<string, string>; readonly created: Record<string, unknown> } {
  const paths: Record<string, string> = {};
  const created: Record<string, unknown> = {};
  const files = readdirSync(resources, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.mjs'))) {
    const source = readFileSync(join(resources, file), 'utf8');
    for (const [, name = '', settings = ''] of source.matchAll(CALL_SPAN)) {
      const segments = /route: '([^']+)'/.exec(settings)?.[1]?.split('/') ?? [];
      const attributes = /attributes: \{([^}]*)\}/.exec(settings)?.[1] ?? '';
      for (const [, attribute = '', variable = ''] of attributes.matchAll(/'([^']+)': (\w+)(?=[,\s]|$)/g)) {
        const index = segments.findIndex((part) => part.startsWith('{') && plain(part) === plain(variable));
        if (index !== -1) paths[segments.slice(0, index + 1).join('/')] = attribute;
      }
      const made = /createdIDAttribute: '([^']+)'/.exec(settings)?.[1];
      const field = /createdIDField: '([^']+)'/.exec(settings)?.[1] ?? 'id';
      if (made !== undefined) created[name] = [made, field];
    }
  }
  return { paths, created };
}

describe('the IDs on call spans are those of the newest SDK’s native spans', () => {
  const { paths, created } = idsOfSdk();

  it('in paths', () => {
    expect(Object.keys(paths).length).toBeGreaterThan(40);
    expect(PATH_IDS).toEqual(paths);
  });

  it('in answers', () => {
    expect(Object.keys(created).length).toBeGreaterThan(30);
    expect(CREATED_IDS).toEqual(created);
  });
});
