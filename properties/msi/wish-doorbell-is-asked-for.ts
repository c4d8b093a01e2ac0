import type { World } from '../../model/world/world.ts';
import { firstObject, hex, objectOf } from '../look.ts';
import type { StateProperty } from '../property.ts';
import { followsInterrupts } from './platforms.ts';

/** Calls back for every doorbell that is mapped: how it came there. */
function firstDoorbell(
  world: World,
  look: (iova: bigint, by: 'kernel' | 'file' | 'device', own: boolean) => string | null,
): string | null {
  return firstObject(world, (object, _id, context) => {
    if (object.type !== 'hwptPaging') return null;
    const [page] = object.msiPages;
    if (page !== undefined) return look(context.msiMaps[page]?.swMsiStart ?? 0n, 'kernel', true);
    for (const { start, doorbell } of objectOf(context, object.ioas, 'ioas')?.iopt.areas ?? []) {
      if (doorbell === undefined) continue;
      const own = object.doorbellsOf === null || object.doorbellsOf === doorbell.its;
      const found = look(start, doorbell.its === null ? 'file' : 'device', own);
      if (found !== null) return found;
    }
    return null;
  });
}

export const doorbellIsAskedFor: StateProperty = {
  id: 'doorbell-is-asked-for',
  sentence:
    'A doorbell is mapped only where user space asked for it, for a device that it named, and in every HWPT of that IOAS.',
  source:
    'seed 004, Robin Murphy: "things … that can and should just be simple regular user-owned S2 mappings"',
  kind: 'state',
  appliesTo: followsInterrupts,
  wish: true,
  brokenBy: 'intended',
  violated: (world) =>
    firstDoorbell(world, (iova, by, own) => {
      if (by === 'kernel') return `the kernel mapped a doorbell at ${hex(iova)} on its own account`;
      if (by === 'file') return `what is mapped at ${hex(iova)} is a doorbell of no device that was named`;
      return own ? null : `an HWPT lacks a doorbell that its IOAS has at ${hex(iova)}`;
    }),
  witness: (world) => firstDoorbell(world, (_iova, by) => (by === 'device' ? 'one' : null)) !== null,
};
