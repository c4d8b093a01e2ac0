import { firstGroupVector, isOwnDoorbell as isOwn, reachedBy, strayOf } from '../legacy/vectors.ts';
import type { StateProperty } from '../property.ts';
import { firstVector, isAimedAsTold, isOwnDoorbell, lotOf, outcomesOf, type Vector } from './look.ts';
import { followsInterrupts, hasGroupVectors } from './platforms.ts';

/** What a guest aims elsewhere it gets there: its own memory, or a doorbell of its own devices. */
function strays(vector: Vector): boolean {
  if (vector.message === null || !isAimedAsTold(vector, true)) return false;
  return outcomesOf(vector).some((each) => each.kind === 'reaches' && !isOwnDoorbell(vector, each));
}

export const msiReachesNothingElse: StateProperty = {
  id: 'msi-reaches-nothing-else',
  sentence:
    "An MSI reaches no memory and no doorbell of another ITS, unless the guest's stage 1 maps its address there.",
  source: 'seed 004, Nicolin Chen: "the host … can still set the correct data"; IHI0070 3.4, 3.17',
  kind: 'state',
  appliesTo: (platform) => followsInterrupts(platform) || hasGroupVectors(platform),
  brokenBy: 'doorbell-list-unlocked',
  violated: (world) =>
    firstVector(world, (vector) => (strays(vector) ? lotOf(vector) : null)) ??
    firstGroupVector(world, (vector) => (reachedBy(vector) === null ? null : strayOf(vector))),
  witness: (world) =>
    firstVector(world, (vector) =>
      outcomesOf(vector).some((each) => isOwnDoorbell(vector, each)) ? true : null,
    ) !== null ||
    firstGroupVector(world, (vector) => (isOwn(vector, reachedBy(vector) ?? 0n) ? true : null)) !== null,
};
