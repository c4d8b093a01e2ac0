import type { Context } from '../../model/iommufd/context.ts';
import { driverOfDevice } from '../../model/iommufd/drivers/registry.ts';
import { holes, type Interval, insertSorted } from '../../model/iommufd/interval.ts';
import { NOBODY } from '../../model/iommufd/mock-state.ts';
import type { Words } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { contextOfFd, hex, objectOf, pagingOf } from '../look.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** What attached devices and domains keep from an IOAS, worked out from them and not from the IOAS. */
function kept(world: World, context: Context, ioasId: number): readonly Interval[] {
  let ranges: readonly Interval[] = [];
  for (const { attach, swMsiStart } of context.groups) {
    if (attach === null || pagingOf(context, attach.hwpt)?.ioas !== ioasId) continue;
    for (const devId of attach.devices) {
      const device = objectOf(context, devId, 'device')?.device ?? -1;
      for (const region of driverOfDevice(world.platform, device).reservedRegions(world.platform, device)) {
        // Where the kernel keeps no window, none is reserved.
        if (region.swMsi && swMsiStart === null) continue;
        ranges = insertSorted(ranges, region);
      }
    }
  }
  for (const slot of context.objects) {
    if (slot?.type !== 'hwptPaging' || slot.ioas !== ioasId) continue;
    const { apertureStart, apertureLast } = slot.domain.geometry;
    if (apertureStart !== 0n) ranges = insertSorted(ranges, { start: 0n, last: apertureStart - 1n });
    if (apertureLast !== ULONG_MAX)
      ranges = insertSorted(ranges, { start: apertureLast + 1n, last: ULONG_MAX });
  }
  // What selftests reserve is nobody's: the IOAS alone knows of it.
  const { iopt } = objectOf(context, ioasId, 'ioas') ?? {};
  for (const range of iopt?.reserved ?? [])
    if (range.owner === NOBODY) ranges = insertSorted(ranges, { start: range.start, last: range.last });
  return ranges;
}

function asked({ before, command, result }: Transition): { context: Context; ioasId: number } | null {
  if (command.command !== 'ioasIovaRanges' || !result.ok) return null;
  const context = contextOfFd(before, command.actor, command.args.fd);
  return context === null ? null : { context, ioasId: command.args.ioasId };
}

function show(ranges: readonly Interval[]): string {
  return ranges.map((range) => `${hex(range.start)}..${hex(range.last)}`).join(' ');
}

export const iovaRangesExact: StepProperty = {
  id: 'iova-ranges-exact',
  sentence: 'IOVA_RANGES is the whole space less what attached devices and domains reserve.',
  source: 'include/uapi/linux/iommufd.h: IOMMU_IOAS_IOVA_RANGES',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'failed-replace-unreserves',
  violated(transition) {
    const query = asked(transition);
    if (query === null) return null;
    const words = (transition.result.out.data ?? []) as Words;
    const told: Interval[] = [];
    for (let i = 0; i + 1 < words.length; i += 2) {
      told.push({ start: words[i] as bigint, last: words[i + 1] as bigint });
    }
    const expected = holes(kept(transition.before, query.context, query.ioasId), 0n, ULONG_MAX);
    const same = show(told) === show(expected);
    return same ? null : `IOVA_RANGES says ${show(told)}, but free of reservations are ${show(expected)}`;
  },
  witness: (transition) => {
    const query = asked(transition);
    return query !== null && kept(transition.before, query.context, query.ioasId).length > 1;
  },
};
