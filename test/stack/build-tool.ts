// Has a tiny program built into the cache: build-tool.ts FOLDER. Its build lasts until FOLDER/go exists.
import { appendFileSync, chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../scripts/stack/binaries/cache.ts';

const folder = process.argv[2] ?? '';
const program = cached('tool', [import.meta.filename], (work) => {
  appendFileSync(join(folder, 'builds'), `${process.pid}\n`);
  while (!existsSync(join(folder, 'go'))) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  writeFileSync(join(work, 'tool'), '#!/bin/sh\n');
  chmodSync(join(work, 'tool'), 0o755);
});
process.stdout.write(program);
