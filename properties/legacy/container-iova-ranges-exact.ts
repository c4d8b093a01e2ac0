import { holes, type Interval } from '../../model/iommufd/interval.ts';
import { iommuOf } from '../../model/legacy/machine.ts';
import { regionsOf } from '../../model/legacy/regions.ts';
import type { Words } from '../../model/world/command.ts';
import { hasContainers } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { hex } from './look.ts';

/** The ranges that GET_INFO told; null: none, or no such call. */
function told({ command, result }: Transition): readonly Interval[] | null {
  if (command.command !== 'containerGetInfo' || !result.ok || result.out.data === undefined) return null;
  const words = result.out.data as Words;
  return words.flatMap((start, at) => (at % 2 === 0 ? [{ start, last: words[at + 1] ?? 0n }] : []));
}

export const containerIovaRangesExact: StepProperty = {
  id: 'container-iova-ranges-exact',
  sentence:
    "The IOVA ranges that GET_INFO reports are the aperture less the MSI ranges of the container's groups. Every mapping lies in them.",
  source: 'linux/vfio.h: VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE; vfio_iommu_resv_exclude()',
  kind: 'step',
  appliesTo: hasContainers,
  brokenBy: 'msi-window-not-reserved',
  violated(transition) {
    const ranges = told(transition);
    const { command, before } = transition;
    if (ranges === null || command.command !== 'containerGetInfo') return null;
    const { platform, legacy } = before;
    const container = legacy?.containers[command.args.container];
    if (container == null || platform.legacy === undefined) return null;
    const kept = container.groups.flatMap((group) => regionsOf(platform, group));
    for (const { start, last } of ranges) {
      const region = kept.find((each) => each.start <= last && start <= each.last);
      if (region !== undefined)
        return `${hex(start)}..${hex(last)} is told to be free, and MSIs go to ${hex(region.start)}..${hex(region.last)}`;
    }
    const hole = holes(ranges, 0n, apertureOf(transition, container.domains)).find(
      ({ start, last }) => !kept.some((each) => each.start <= start && last <= each.last),
    );
    if (hole !== undefined) return `${hex(hole.start)}..${hex(hole.last)} is free, and not told to be`;
    const outside = container.mappings.find(
      ({ iova, size }) => !ranges.some(({ start, last }) => start <= iova && iova + size - 1n <= last),
    );
    return outside === undefined ? null : `${hex(outside.iova)} is mapped, and not told to be free for it`;
  },
  witness: (transition) => (told(transition)?.length ?? 0) > 1,
};

function apertureOf({ before }: Transition, domains: readonly { readonly iommu: number }[]): bigint {
  const { legacy } = before.platform;
  const lasts = domains.flatMap(({ iommu }) =>
    legacy === undefined ? [] : [iommuOf(legacy, iommu).lastIova],
  );
  return lasts.reduce((least, each) => (each < least ? each : least), (1n << 64n) - 1n);
}
