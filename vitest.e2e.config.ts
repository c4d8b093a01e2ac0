import { defineConfig } from 'vitest/config';

/** The explorer in a real browser (npm run e2e): apart from the other tests, which need none. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
