import { defineConfig } from 'vitest/config';
import { built } from './test/support/built.ts';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  plugins: [built()],
  test: {
    globalSetup: ['test/support/built.ts'],
    server: { deps: { external: [/\/dist\//] } },
    include: ['test/**/*.test.ts'],
    // With --sequence.shuffle the order is vitest's own.
    ...(process.argv.some((word) => word.startsWith('--sequence'))
      ? {}
      : { sequence: { sequencer: LongestFirst } }),
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
