import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

/** How large an attach slice is: devices, and how many vIOMMUs and HWPTs there can be at the same time. */
export interface SliceSize {
  readonly devices: number;
  readonly viommus: number;
  readonly hwpts: number;
}

/** pSMMUs of a slice; device d is behind pSMMU d mod 2. */
const SLICE_SMMUS = 2;

/** What every slice's name begins with. */
export const SLICE = 'attach-slice';

/** The size that goes without saying. */
const USUAL: SliceSize = { devices: 3, viommus: 2, hwpts: 4 };

/** The platform of an attach slice: `attach-slice`, or `attach-slice:2,2,3` for another size than the usual. */
export function sliceScope(size: SliceSize): Scope {
  const { devices: count, viommus, hwpts } = size;
  const isUsual = count === USUAL.devices && viommus === USUAL.viommus && hwpts === USUAL.hwpts;
  return {
    name: isUsual ? SLICE : `${SLICE}:${count},${viommus},${hwpts}`,
    summary: `How ${count} devices behind two SMMUv3 come onto page tables, nested ones too, and off them again: with up to ${viommus} vIOMMUs and ${hwpts} HWPTs, and nothing mapped.`,
    adversary: 'vmm',
    platform: {
      name: SLICE,
      kernel: kernel({}),
      iommus: [smmu('smmu0'), smmu('smmu1')],
      devices: devices(
        Array.from({ length: count }, (_, device) => ({
          iommu: device % SLICE_SMMUS,
          group: device,
          streamIds: [0x10 + device],
        })),
      ),
      its: [ITS],
      vms: ['vm0'],
      userMemory: [USER_MEMORY],
    },
  };
}

/** The most of each: objects have so many slots, and a platform of more devices is no small one. */
const MOST: SliceSize = { devices: 6, viommus: 8, hwpts: 8 };

/** Every name of a slice, for a message. */
export const SLICE_NAMES = `${SLICE} or ${SLICE}:D,V,N with 1 to ${MOST.devices} devices, 1 to ${MOST.viommus} vIOMMUs and 1 to ${MOST.hwpts} HWPTs`;

/** Whether a name is meant to be that of a slice. */
export function isSliceName(name: string): boolean {
  return name.startsWith(SLICE);
}

/** The size that a slice's name says; null where it is the name of something else. */
export function sliceSize(name: string): SliceSize | null {
  if (name === SLICE) return USUAL;
  const [, ...numbers] = /^attach-slice:([1-9]\d*),([1-9]\d*),([1-9]\d*)$/.exec(name) ?? [];
  const [devices = 0, viommus = 0, hwpts = 0] = numbers.map(Number);
  if (devices === 0 || devices > MOST.devices || viommus > MOST.viommus || hwpts > MOST.hwpts) return null;
  return { devices, viommus, hwpts };
}
