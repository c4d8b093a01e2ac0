import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'threads',
    // Nothing here keeps state between files, and loading the sources once a worker saves most of the time.
    isolate: false,
    maxWorkers: 2,
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 60_000,
  },
});
