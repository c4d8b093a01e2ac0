import { MSI_WINDOW } from '../../model/iommufd/drivers/smmuv3.ts';
import { hex } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import type { Transition } from '../property.ts';
import { type CallsProperty, watchCalls } from './property.ts';

/** Flag of IOAS_MAP, IOAS_COPY and IOAS_MAP_FILE: the caller chooses the IOVA. */
const FIXED_IOVA = 1;

/** The IOVAs that a call asks to map. */
function rangeOf({ command }: Transition): { readonly start: bigint; readonly length: bigint } | null {
  switch (command.command) {
    case 'ioasMap':
    case 'ioasMapFile':
      return (command.args.flags & FIXED_IOVA) === 0
        ? null
        : { start: command.args.iova, length: command.args.length };
    case 'ioasCopy':
      return (command.args.flags & FIXED_IOVA) === 0
        ? null
        : { start: command.args.dstIova, length: command.args.length };
    default:
      return null;
  }
}

export const vmmMapsAroundDoorbells: CallsProperty = {
  kind: 'calls',
  id: 'vmm-maps-around-doorbells',
  sentence: 'Nothing is mapped over the window in which the kernel puts the doorbells of MSIs.',
  source: 'Documentation/userspace-api/iommufd.rst: IOMMU_IOAS_IOVA_RANGES; drivers/iommu/arm: MSI_IOVA_BASE',
  appliesTo: hasSmmu,
  brokenBy: 'maps-the-window',
  watch: () =>
    watchCalls((call, witness) => {
      const range = rangeOf(call);
      // What is refused for other reasons says nothing of where it was to be.
      const { result } = call;
      if (range === null || range.length === 0n || (!result.ok && result.errno !== 'EINVAL')) return null;
      witness();
      const last = range.start + range.length - 1n;
      if (range.start > MSI_WINDOW.last || last < MSI_WINDOW.start) return null;
      const how = result.ok ? 'is mapped' : `is refused (${result.errno})`;
      return `${hex(range.start)} to ${hex(last)} ${how}: the window is ${hex(MSI_WINDOW.start)} to ${hex(MSI_WINDOW.last)}`;
    }),
};
