import { defineConfig } from 'vitest/config';

// The end-to-end tests of the collector bundle, against real programs: see collector/README.md.
export default defineConfig({
  test: {
    include: ['test/stack/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 900_000,
    // Each test file starts processes of its own; more at once than there are cores only slows them.
    maxWorkers: 2,
  },
});
