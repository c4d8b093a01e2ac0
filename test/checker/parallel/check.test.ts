import { expect, it } from 'vitest';
import { checkInParallel } from '../../../checker/parallel/check.ts';

it('makes no further runs once something is found, where that is all the time there is', async () => {
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
      foundTimeLimit: 0,
    },
    2,
  );
  expect(report.verdict).toBe('violated');
  expect(report.stopped).toBe('time');
});
