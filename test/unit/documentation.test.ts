import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { optionsTable } from '../../src/config.ts';
import { TESTED_VERSIONS } from '../../src/sdk/patch-points.ts';
import { SDKS } from '../support/sdks.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../src/version.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const documents = ['.', 'docs', 'examples', 'bench', 'collector', 'collector/runbooks']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder)).map((file) => join(folder, file)))
  .filter((file) => file.endsWith('.md'));

describe('what is written about the code', () => {
  it('the version in the code is the package’s', () => {
    const { name, version } = JSON.parse(read('package.json')) as { name: string; version: string };
    expect({ name, version }).toEqual({ name: PACKAGE_NAME, version: PACKAGE_VERSION });
  });

  it('the README’s tables are the code’s', () => {
    execFileSync(process.execPath, ['scripts/readme-tables.mjs', '--check'], { cwd: root });
  });

  it('the README names the SDK versions that are tested', () => {
    const [, line = ''] = /The behaviour suite runs on ([^]*?), in both builds/.exec(read('README.md')) ?? [];
    expect(line.match(/\d+\.\d+\.\d+/g)).toEqual([...TESTED_VERSIONS]);
    expect(SDKS.map(({ version }) => version)).toEqual([...TESTED_VERSIONS]);
  });

  it.each(optionsTable().filter(({ where }) => where === 'everywhere'))(
    'the comment on the option $name is what the table says',
    ({ name, meaning, default: initial }) => {
      const [, comment = ''] =
        new RegExp(String.raw`/\*\*((?:(?!\*/)[^])*)\*/\s*readonly ${name}\?:`).exec(read('src/config.ts')) ??
        [];
      expect(comment.replaceAll(/\s+(?:\* )?/g, ' ').trim()).toBe(`${meaning} Default: ${initial}.`);
    },
  );

  it.each(documents)('the links of %s lead somewhere', (document) => {
    const links = [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, link = '']) => link,
    );
    const broken = links.filter((link) => !existsSync(join(root, dirname(document), link)));
    expect(broken).toEqual([]);
  });
});
