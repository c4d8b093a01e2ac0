import { expect, it } from 'vitest';
import { checkInParallel } from '../../../checker/parallel/check.ts';

it('makes no further runs once its signal says so', async () => {
  const found = new AbortController();
  const report = await checkInParallel(
    {
      designs: ['kernel=linux-7.2'],
      defects: [],
      scopes: [{ name: 'one-smmu', changes: null }],
      properties: ['reserved-fields-refused'],
      seed: 1,
      runs: 100_000,
      steps: 30,
      timeLimit: null,
    },
    2,
    { signal: found.signal, onProgress: ({ violated }) => violated > 0 && found.abort() },
  );
  expect(report.verdict).toBe('violated');
  expect(report.stopped).toBe('interrupt');
});
