import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const reports = process.env['VITEST_JSON_DIR'];

// The end-to-end tests of the collector bundle, against real programs: see collector/README.md.
export default defineConfig({
  test: {
    include: ['test/stack/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 900_000,
    // Each file starts programs of its own, and some of them shorten minutes to seconds: one at a time.
    fileParallelism: false,
    reporters: reports ? ['default', 'json'] : ['default'],
    ...(reports && { outputFile: { json: join(reports, 'stack.json') } }),
  },
});
