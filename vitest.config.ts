import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Run by name: these take minutes, or compare with what has to be measured anew first (npm run verdicts, npm run docs).
    exclude: [
      'node_modules/**',
      'test/checker/watchdog.test.ts',
      'test/docs/commands.test.ts',
      'test/docs/pages.test.ts',
      'test/docs/verdicts.test.ts',
      'test/fuzz/large.test.ts',
      'test/checker/measure/mutation.test.ts',
      'test/cli/workers.test.ts',
    ],
    pool: 'threads',
    // Nothing here keeps state between files, and loading the sources once a worker saves most of the time.
    isolate: false,
    maxWorkers: 2,
    setupFiles: ['test/support/seed.ts'],
    // Only what hangs is to end by it: a busy machine is many times slower than an idle one.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
