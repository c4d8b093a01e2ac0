import type { World } from '../../model/world/world.ts';
import type { HandleKind } from '../../spec/command/handle.ts';

/** How much there is of everything that commands make, in all processes together. */
export type Amounts = Readonly<Record<HandleKind | 'call' | 'mapping', number>>;

export function amountsIn({ contexts, files, processes }: World): Amounts {
  const amounts = {
    ...{ iommufd: 0, cdev: 0, ioas: 0, hwpt: 0, device: 0, viommu: 0, vdevice: 0, veventq: 0, fault: 0 },
    ...{ fd: 0, call: 0, mapping: 0 },
  };
  for (const context of contexts) {
    if (context === null) continue;
    amounts.iommufd++;
    for (const slot of context.objects) {
      if (slot === null || slot.type === 'tombstone') continue;
      if (slot.type === 'hwptPaging' || slot.type === 'hwptNested') amounts.hwpt++;
      else if (slot.type === 'access' || slot.type === 'selftest') amounts.device++;
      else if (slot.type !== 'hwQueue') amounts[slot.type]++;
    }
  }
  for (const file of files) {
    if (file?.of.kind === 'cdev' || file?.of.kind === 'mdev') amounts.cdev++;
    if (file?.of.kind === 'other' || file?.of.kind === 'dmabuf') amounts.fd++;
  }
  for (const actor in processes) {
    amounts.call += processes[actor]?.calls.length ?? 0;
    amounts.mapping += processes[actor]?.mappings.length ?? 0;
  }
  return amounts;
}
