import { cutBy, isHeld, leftOf, takesWhole } from '../../model/caches/pages.ts';
import type { Context } from '../../model/iommufd/context.ts';
import type { CommandWords } from '../../model/iommufd/drivers/driver.ts';
import type { Entry } from '../../model/smmu/machine/entry.ts';
import { type Covers, ENTRY_PIECES } from '../../model/smmu/machine/entry-pieces.ts';
import { derive } from '../../model/smmu/machine/view.ts';
import type { World } from '../../model/world/world.ts';
import { update } from '../../spec/bits.ts';
import { commands, decodeCommand, encodeCommand } from '../../spec/smmuv3/command.ts';
import { withoutReserved } from '../../spec/smmuv3/illegal-command.ts';
import { contextOfFd, firstObject, objectOf } from '../look.ts';
import type { Transition } from '../property.ts';
import { ownCoverage } from './own-coverage.ts';

/** What a guest is promised of one of its commands: its own VMID and its own StreamIDs, whatever it wrote itself. */
function promised(
  words: CommandWords,
  vmid: number,
  streamsOf: (vsid: number) => readonly number[],
): readonly CommandWords[] {
  // A guest that is told of no error has its command carried out, whatever a pSMMU makes of its other bits.
  const meant = withoutReserved(words) ?? words;
  const command = decodeCommand(meant);
  switch (command?.name) {
    case 'TLBI_NSNH_ALL':
      return [encodeCommand('TLBI_NH_ALL', { VMID: vmid })];
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_ASID':
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
      return [pair(update(commands.TLBI_NH_ALL.layout, meant, { VMID: vmid }))];
    case 'CFGI_CD':
    case 'CFGI_CD_ALL':
    case 'ATC_INV': {
      const { layout } = commands.CFGI_CD_ALL;
      return streamsOf(command.fields.StreamID).map((StreamID) => pair(update(layout, meant, { StreamID })));
    }
    default:
      return [];
  }
}

function pair([first = 0n, second = 0n]: readonly bigint[]): CommandWords {
  return [first, second];
}

/**
 * What each of the first commands of a HWPT_INVALIDATE promises to take away; null where the step is none on a vIOMMU of
 * a world whose caches are followed.
 */
export function promisesOf({ before, command }: Transition, count: number): readonly Covers[] | null {
  if (command.command !== 'hwptInvalidate' || before.machine === null) return null;
  const { fd, hwptId, data, entryLen } = command.args;
  const context = contextOfFd(before, command.actor, fd);
  const viommu = context === null ? null : objectOf(context, hwptId, 'viommu');
  if (context === null || viommu === null || data === null || entryLen !== 16) return null;
  const promises: Covers[] = [];
  for (let at = 0; at < count; at++) {
    const words = pair(data.slice(2 * at, 2 * at + 2));
    for (const meant of promised(words, viommu.vmid, (vsid) => streamsBehind(before, context, hwptId, vsid)))
      promises.push(ownCoverage(before.platform, viommu.iommu, meant));
  }
  return promises;
}

/** Every StreamID that the requests of the device behind a virtual one arrive under. */
function streamsBehind(world: World, context: Context, viommu: number, vsid: number): readonly number[] {
  const streams = firstObject(world, (object, _id, of) => {
    if (of !== context || object.type !== 'vdevice' || object.viommu !== viommu) return null;
    if (BigInt.asUintN(32, object.virtId) !== BigInt(vsid)) return null;
    const device = objectOf(context, object.devId, 'device');
    return device === null ? null : (world.platform.devices[device.device]?.streamIds ?? null);
  });
  return streams ?? [];
}

/**
 * Something stale that a command promised to take away and that is still there. What something else that is stale, and
 * that the command does not cover, leads to again is no such thing: the guest has to invalidate that first.
 */
export function survivorOf({ before, world }: Transition, promises: readonly Covers[]): Entry | null {
  const stale = before.machine?.stale ?? [];
  const pieces = (world.machine?.stale ?? []).flatMap((entry) => cutBy(ENTRY_PIECES, promises, entry));
  const takes = (covers: Covers, entry: Entry): boolean => takesWhole(ENTRY_PIECES, covers, entry);
  const covered = pieces.filter((entry) => promises.some((covers) => takes(covers, entry)));
  if (covered.length === 0) return null;
  const returns = new Map<Covers, ReadonlyMap<string, Entry>>();
  return (
    covered.find((entry) =>
      promises.every((covers) => {
        if (!takes(covers, entry)) return true;
        let again = returns.get(covers);
        if (again === undefined) {
          const left = stale.flatMap((other) => leftOf(ENTRY_PIECES, covers, other));
          again = derive(world, left).entries;
          returns.set(covers, again);
        }
        return !isHeld(ENTRY_PIECES, again, entry);
      }),
    ) ?? null
  );
}
