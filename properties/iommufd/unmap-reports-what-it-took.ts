import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { World } from '../../model/world/world.ts';
import { contextOfFd, objectOf } from '../look.ts';
import { hasFreeProcess, hasSmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The areas of the IOAS that an unmap is about; null for other steps. */
function areasIn(world: World, { command }: Transition): readonly Area[] | null {
  if (command.command !== 'ioasUnmap' && command.command !== 'vfioUnmapDma') return null;
  const context = contextOfFd(world, command.actor, command.args.fd);
  if (context === null) return null;
  const id = command.command === 'ioasUnmap' ? command.args.ioasId : context.compatIoas;
  return (id === null ? null : objectOf(context, id, 'ioas'))?.iopt.areas ?? null;
}

function bytesOf(areas: readonly Area[]): bigint {
  return areas.reduce((sum, { start, last }) => sum + (last - start + 1n), 0n);
}

/** Bytes that the step unmapped; null for steps that do not unmap. */
function taken(transition: Transition): bigint | null {
  const before = areasIn(transition.before, transition);
  const after = areasIn(transition.world, transition);
  return before === null || after === null ? null : bytesOf(before) - bytesOf(after);
}

export const unmapReportsWhatItTook: StepProperty = {
  id: 'unmap-reports-what-it-took',
  sentence: 'An unmap removes exactly as many bytes as it reports, whether it fails or not.',
  source: 'linux/vfio.h: VFIO_IOMMU_UNMAP_DMA, size; iommufd.h: struct iommu_ioas_unmap, length',
  kind: 'step',
  // Behind VT-d units runs are about other things than unmaps that end half way, which no IOMMU has a part in.
  appliesTo: (platform) => hasFreeProcess(platform) && hasSmmu(platform),
  brokenBy: 'unmap-bytes-lost',
  violated(transition) {
    const { length } = transition.result.out;
    const bytes = taken(transition);
    if (bytes === null || length === undefined || BigInt(length as bigint) === bytes) return null;
    return `${transition.command.command} says that it took ${length} bytes, but it took ${bytes}`;
  },
  witness: (transition) =>
    !transition.result.ok && transition.result.out.length !== undefined && (taken(transition) ?? 0n) > 0n,
};
