import { runsOfDomain } from '../../model/smmu/machine/mappings.ts';
import { type Target, targetsOf } from '../../model/vtd/driver/targets.ts';
import type { World } from '../../model/world/world.ts';
import { firstObject, hex, objectOf } from '../look.ts';
import { tracksWrites } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

const PAGE_SHIFT = 12n;

/** A write of a device on a domain that tracks, the pages of memory that it reached, and what the device is on. */
function trackedWrite(step: Transition): { target: Target; pages: readonly bigint[] } | null {
  const { command, result, world } = step;
  if (command.command !== 'dma' || !result.ok || !command.args.write || command.args.translated) return null;
  const device = world.platform.devices.findIndex(({ id }) => command.actor === `device:${id}`);
  const pasid = command.args.ssv ? command.args.ssid : 0;
  const target = targetsOf(world, device).find((each) => each.pasid === pasid);
  if (target?.paging.dirty?.tracking !== true) return null;
  const addresses = (result.out.addresses ?? []) as readonly bigint[];
  return { target, pages: addresses.map((address) => address >> PAGE_SHIFT) };
}

/** The IOVAs at which a domain maps a page of memory. */
function iovasOf(world: World, { ref }: Target, page: bigint): readonly bigint[] {
  return runsOfDomain(world, ref).flatMap(({ first, last, out }) => {
    const at = page - BigInt(out);
    return at < 0n || at > BigInt(last - first) ? [] : [(BigInt(first) + at) << PAGE_SHIFT];
  });
}

/** A page that a bitmap goes on to tell of although an unmap has taken it away; null: none. */
function toldThoughUnmapped({ command, world }: Transition): string | null {
  if (command.command !== 'ioasUnmap' && command.command !== 'vfioUnmapDma') return null;
  return firstObject(world, (object, id, context) => {
    if (object.type !== 'hwptPaging' || object.dirty === undefined) return null;
    const areas = objectOf(context, object.ioas, 'ioas')?.iopt.areas ?? [];
    const page = object.dirty.pages.find(
      (each) => !areas.some(({ start, last }) => start <= each && each <= last),
    );
    return page === undefined ? null : `HWPT ${id} tells of a write to ${hex(page)}, which is not mapped`;
  });
}

export const writesAreLogged: StepProperty = {
  id: 'writes-are-logged',
  sentence:
    'While a domain tracks writes, every page that a device writes through it is in its bitmap, also if the device is on a table nested on it. What is unmapped is in none.',
  source: 'iommu/vt-d: Add missing dirty tracking set for parent domain (2024); rule R-20',
  kind: 'step',
  appliesTo: tracksWrites,
  brokenBy: 'vtd-tracking-misses-nested',
  violated(step) {
    const write = trackedWrite(step);
    if (write === null) return toldThoughUnmapped(step);
    const { target, pages } = write;
    const logged = new Set(target.paging.dirty?.pages);
    for (const page of pages) {
      const iovas = iovasOf(step.world, target, page);
      if (iovas.length > 0 && !iovas.some((iova) => logged.has(iova)))
        return `the page at ${hex(iovas[0] ?? 0n)} was written, and HWPT ${target.ref.hwpt} does not know it`;
    }
    return null;
  },
  witness(step) {
    const write = trackedWrite(step);
    return write !== null && write.target.nested !== null && write.pages.length > 0;
  },
};
