// npm run stack:generate: writes the files that are made from others. A test sees that they are up to date.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './generate/files.ts';
import { COLLECTOR } from './paths.ts';

for (const [file, text] of await generatedFiles()) {
  mkdirSync(dirname(join(COLLECTOR, file)), { recursive: true });
  writeFileSync(join(COLLECTOR, file), text);
  console.log(`collector/${file}`);
}
