// Writes the README's tables from the code's own: `node scripts/readme-tables.mjs`, or `--check` to see that they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const at = (path) => new URL(`../${path}`, import.meta.url);
const { ATTRIBUTES, EVENTS, METRICS, RATE_LIMIT_FIELDS, optionsTable } = await import(
  at('dist/index.js').href
);
const { OBJECT_IDS } = await import(at('dist/api/object-ids.js').href);

const row = (...cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head, rows) => [row(...head), row(...head.map(() => '---')), ...rows].join('\n');
const unit = (spec) => (spec.unit ? `${spec.type}, ${spec.unit}` : spec.type);

const attributesOn = (place) => Object.entries(ATTRIBUTES).filter(([, spec]) => spec.on.includes(place));

const TABLES = {
  call: () =>
    table(
      ['attribute', 'type', 'from', 'meaning'],
      attributesOn('call')
        .filter(([name]) => !Object.hasOwn(OBJECT_IDS, name))
        .map(([name, spec]) => row(`\`${name}\``, unit(spec), spec.native ? 'SDK' : 'us', spec.brief)),
    ),
  ids: () =>
    table(
      ['attribute', 'the ID of the'],
      Object.entries(OBJECT_IDS).map(([name, object]) => row(`\`${name}\``, object)),
    ),
  attempt: () =>
    table(
      ['attribute', 'type', 'meaning'],
      [
        ...attributesOn('attempt').map(([name, spec]) => row(`\`${name}\``, unit(spec), spec.brief)),
        ...Object.entries(RATE_LIMIT_FIELDS).map(([field, spec]) =>
          row(`\`anthropic.ratelimit.<bucket>.${field}\``, spec.type, spec.brief),
        ),
      ],
    ),
  metrics: () =>
    table(
      ['metric', 'instrument, unit', 'meaning', 'attributes'],
      Object.entries(METRICS).map(([name, spec]) =>
        row(
          `\`${name}\``,
          `${spec.instrument}, ${spec.unit}`,
          spec.brief,
          spec.attributes.map((attribute) => `\`${attribute}\``).join(', '),
        ),
      ),
    ),
  events: () =>
    table(
      ['event', 'severity', 'when', 'attributes'],
      Object.entries(EVENTS).map(([name, spec]) =>
        row(
          `\`${name}\``,
          spec.severity,
          spec.brief,
          spec.attributes.map((attribute) => `\`${attribute}\``).join(', '),
        ),
      ),
    ),
  options: () =>
    table(
      ['option', 'variable', 'allowed', 'default', 'meaning'],
      optionsTable().map((option) =>
        row(
          option.where === 'preload' ? 'preload only' : `\`${option.name}\``,
          `\`${option.variable}\``,
          option.allowed,
          option.default,
          option.meaning,
        ),
      ),
    ),
};

const readme = readFileSync(at('README.md'), 'utf8');
let next = readme;
for (const [name, make] of Object.entries(TABLES)) {
  const region = new RegExp(`(<!-- table: ${name} -->)[^]*?(<!-- end -->)`);
  if (!region.test(next)) throw new Error(`README.md has no place for the table "${name}"`);
  next = next.replace(region, (_, open, close) => `${open}\n\n${make()}\n\n${close}`);
}
next = await format(next, { ...(await resolveConfig(at('README.md'))), filepath: 'README.md' });

if (process.argv.includes('--check')) {
  if (next !== readme) {
    console.error('README.md is not current: run "node scripts/readme-tables.mjs"');
    process.exitCode = 1;
  }
} else {
  writeFileSync(at('README.md'), next);
}
