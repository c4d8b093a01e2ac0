import type { Context } from '../../model/iommufd/context.ts';
import type { IommuHardware } from '../../model/platform/platform.ts';
import { featuresOf } from '../../model/platform/smmu-features.ts';
import type { CommandArgs } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { decode } from '../../spec/bits.ts';
import { HWPT_ALLOC, HWPT_DATA } from '../../spec/iommufd/constants.ts';
import { IOCTLS } from '../../spec/iommufd/ioctls.ts';
import { Eats, guestSteMask, SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { contextOfFd, objectOf } from '../look.ts';
import { hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

type Args = CommandArgs['hwptAlloc'];

/** Far fewer than the VMIDs that any SMMU has. */
const FEW_VMIDS = 64;

/** Bytes of struct iommu_hwpt_arm_smmuv3, and its words. */
const STE_BYTES = 16;
const STE_WORDS = 2;

const CONFIGS: ReadonlySet<number> = new Set([SteConfig.Abort, SteConfig.Bypass, SteConfig.S1Trans]);

/** What a guest may say of a stream (rule R-23): valid or not, of these configurations, and only in these bits. */
function isGuestSte(words: readonly bigint[]): boolean {
  const [first = 0n, second = 0n] = words;
  const { V, Config, EATS } = decode(ste, [first, second]);
  if (V === 0) return true;
  const isOwn = [first, second].every((word, at) => (word & ~(guestSteMask[at] ?? 0n)) === 0n);
  return isOwn && CONFIGS.has(Config) && (EATS === Eats.Abort || EATS === Eats.Translated);
}

/** What speaks for flags of a paging HWPT: what the SMMU in front of the device can do (rule R-20). */
function pagingSuits(world: World, iommu: number, flags: number): boolean {
  const { stage1, nesting } = featuresOf(world.platform.iommus[iommu] as IommuHardware);
  const stage2 = !stage1 || flags === HWPT_ALLOC.NEST_PARENT;
  if (stage2 && (world.iommus[iommu]?.vmids.length ?? 0) >= FEW_VMIDS) return false;
  return flags === 0 || (flags === HWPT_ALLOC.NEST_PARENT ? nesting : flags === HWPT_ALLOC.PASID && stage1);
}

/** What is allocated where nothing in the documentation speaks against it; null otherwise. */
function unobjectionable({ before, command }: Transition): 'paging' | 'nested' | null {
  if (command.command !== 'hwptAlloc') return null;
  const { args, actor } = command;
  const context = contextOfFd(before, actor, args.fd);
  const device = context === null ? null : objectOf(context, args.devId, 'device');
  // A struct of another size is looked at before what is in it.
  if (args.size !== IOCTLS.hwptAlloc.size || args.reserved !== 0 || args.trailing) return null;
  if (context === null || device === null) return null;
  const hardware = before.platform.devices[device.device];
  const iommu = hardware?.iommu ?? -1;
  if (before.platform.iommus[iommu]?.kind !== 'smmuv3') return null;
  return isPlainPaging(before, context, args, iommu)
    ? 'paging'
    : isNested(context, args, iommu)
      ? 'nested'
      : null;
}

/** Of an IOAS in which nothing is yet, so that nothing there can be in the way. */
function isPlainPaging(world: World, context: Context, args: Args, iommu: number): boolean {
  const ioas = objectOf(context, args.ptId, 'ioas');
  if (ioas === null || args.dataType !== HWPT_DATA.NONE || args.dataLen !== 0) return false;
  const { areas, allowed } = ioas.iopt;
  return areas.length + allowed.length === 0 && pagingSuits(world, iommu, args.flags);
}

/** On a vIOMMU of the device's SMMU (rules ). */
function isNested(context: Context, args: Args, iommu: number): boolean {
  const viommu = objectOf(context, args.ptId, 'viommu');
  if (viommu === null || viommu.iommu !== iommu || args.flags !== 0) return false;
  const isRead = args.dataUptr === 'buffer' && (args.data?.length ?? 0) >= STE_WORDS;
  const { ARM_SMMUV3 } = HWPT_DATA;
  return args.dataType === ARM_SMMUV3 && args.dataLen === STE_BYTES && isRead && isGuestSte(args.data ?? []);
}

export const hwptAllocIsTaken: StepProperty = {
  id: 'hwpt-alloc-is-taken',
  sentence:
    'HWPT_ALLOC gives an HWPT of an empty IOAS with the flags that the SMMU is made for, and a nested one for each STE that a guest may write, whether the device has a vDEVICE or not.',
  source:
    'include/uapi/linux/iommufd.h: IOMMU_HWPT_ALLOC, struct iommu_hwpt_arm_smmuv3; rules R-19, R-20, R-22, R-23',
  kind: 'step',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'nested-alloc-needs-vdevice',
  violated(transition) {
    const what = unobjectionable(transition);
    const { result } = transition;
    return what === null || result.ok
      ? null
      : `a ${what} HWPT is refused with ${result.errno}, and nothing speaks against it`;
  },
  witness: (transition) => unobjectionable(transition) === 'nested',
};
