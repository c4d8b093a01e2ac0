import { expect, it } from 'vitest';
import { unknownOf } from '../../checker/script/of-platform.ts';
import { committedCounterexamples } from '../../tools/committed.ts';

it('no committed trace names what its platform has not', async () => {
  const committed = await committedCounterexamples();
  const unknown = committed.flatMap(({ path, scope, trace }) => {
    const found = unknownOf(scope.platform, trace.steps);
    return found === null ? [] : [`${path}: ${found.message}`];
  });
  expect(unknown).toEqual([]);
});
