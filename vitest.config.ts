import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const reports = process.env['VITEST_JSON_DIR'];

export default defineConfig({
  test: {
    include: ['test/{unit,integration,package}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: ['test/support/sdks.ts'],
    reporters: reports ? ['default', 'json'] : ['default'],
    ...(reports && {
      outputFile: { json: join(reports, `${process.env['VITEST_REPORT'] ?? 'tests'}.json`) },
    }),
  },
});
