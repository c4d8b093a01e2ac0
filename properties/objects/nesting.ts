import type { HwptNested, HwptPaging } from '../../model/iommufd/objects.ts';
import type { CommandArgs, Words } from '../../model/world/command.ts';
import { decode } from '../../spec/bits.ts';
import { HWPT_ALLOC, HWPT_DATA, VIOMMU_TYPE } from '../../spec/iommufd/constants.ts';
import { Eats, guestSteMask, SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import type { At } from '../answers/place.ts';
import { anyObject, objectIn, objectOf } from '../look.ts';
import type { Violation } from '../property.ts';
import { type Behind, deviceBehind, madeIn } from './at.ts';

type Alloc = CommandArgs['hwptAlloc'];

const { NEST_PARENT, DIRTY_TRACKING, FAULT_ID_VALID, PASID } = HWPT_ALLOC;

/** Bytes of struct iommu_hwpt_arm_smmuv3. */
const STE_BYTES = 16;

/** IOMMU_HWPT_ALLOC (rules ). What a driver says against flags, nobody says here. */
function hwptAlloc(at: At, args: Alloc): Answer {
  if (args.reserved !== 0) return refusal('EOPNOTSUPP');
  if ((args.dataType === HWPT_DATA.NONE) !== (args.dataLen === 0)) return refusal('EINVAL');
  const behind = deviceBehind(at, args.devId);
  if (behind === null) return refusal('ENOENT');
  const pt = anyObject(at.context, args.ptId);
  const answer =
    pt?.type === 'ioas'
      ? onIoas(at, args)
      : pt?.type === 'hwptPaging'
        ? onParent(at, args, behind, pt)
        : pt?.type === 'viommu'
          ? onViommu(at, args, behind)
          : refusal('EINVAL');
  const isFault = (args.flags & FAULT_ID_VALID) !== 0;
  if (answer?.errno === null && isFault && objectOf(at.context, args.faultId, 'fault') === null)
    return { errno: 'ENOENT', ...(answer.mayBeRefused ? { mayBeRefused: true as const } : {}) };
  return answer;
}

function onIoas(at: At, args: Alloc): Answer {
  const { flags } = args;
  if ((flags & ~(NEST_PARENT | DIRTY_TRACKING | FAULT_ID_VALID | PASID)) !== 0) return refusal('EOPNOTSUPP');
  if ((flags & FAULT_ID_VALID) !== 0 && (flags & NEST_PARENT) !== 0) return refusal('EOPNOTSUPP');
  return {
    errno: null,
    mayBeRefused: true,
    wrongIn(after) {
      const made = madeIn(at, after, 'outHwptId', 'hwptPaging');
      return made === null ? 'HWPT_ALLOC gives no new HWPT' : wrongPaging(args, made);
    },
  };
}

function wrongPaging(args: Alloc, made: HwptPaging): Violation {
  const { flags, ptId } = args;
  const isAsAsked =
    made.ioas === ptId &&
    !made.autoDomain &&
    made.nestParent === ((flags & NEST_PARENT) !== 0) &&
    made.pasidCompat === ((flags & PASID) !== 0) &&
    (made.dirty !== undefined) === ((flags & DIRTY_TRACKING) !== 0) &&
    made.fault === faultAsked(args);
  return isAsAsked ? null : `an HWPT that was asked for with flags ${flags} is not what they say`;
}

function faultAsked({ flags, faultId }: Alloc): number | null {
  return (flags & FAULT_ID_VALID) === 0 ? null : faultId;
}

/** A nested HWPT on its parent itself: of drivers that nest without vIOMMUs. */
function onParent(at: At, args: Alloc, { iommu }: Behind, parent: HwptPaging): Answer {
  if ((args.flags & ~(FAULT_ID_VALID | PASID)) !== 0 || args.dataLen === 0) return refusal('EOPNOTSUPP');
  if (iommu.kind === 'smmuv3') return refusal('EOPNOTSUPP');
  if (parent.autoDomain || !parent.nestParent) return { errno: 'EINVAL', or: 'EOPNOTSUPP' };
  return {
    errno: null,
    mayBeRefused: true,
    wrongIn(after) {
      const made = madeIn(at, after, 'outHwptId', 'hwptNested');
      return made === null ? 'HWPT_ALLOC gives no new HWPT' : wrongNested(args, made, null, args.ptId);
    },
  };
}

function wrongNested(args: Alloc, made: HwptNested, viommu: number | null, parent: number): Violation {
  const isAsAsked =
    made.viommu === viommu &&
    made.parent === parent &&
    made.pasidCompat === ((args.flags & PASID) !== 0) &&
    made.fault === faultAsked(args);
  return isAsAsked ? null : `a nested HWPT is not on ${args.ptId} with the flags that were asked for`;
}

function onViommu(at: At, args: Alloc, { hardware, iommu }: Behind): Answer {
  const viommu = objectOf(at.context, args.ptId, 'viommu');
  if (viommu === null || viommu.iommu !== hardware.iommu) return refusal('EINVAL');
  if ((args.flags & ~(FAULT_ID_VALID | PASID)) !== 0 || args.dataLen === 0) return refusal('EOPNOTSUPP');
  const isSmmu = iommu.kind === 'smmuv3';
  const against = isSmmu ? againstSte(args) : null;
  if (against !== null) return against;
  return {
    errno: null,
    ...(isSmmu ? {} : { mayBeRefused: true as const }),
    wrongIn(after) {
      const made = madeIn(at, after, 'outHwptId', 'hwptNested');
      if (made === null) return 'HWPT_ALLOC gives no new HWPT';
      return wrongNested(args, made, args.ptId, viommu.hwpt) ?? (isSmmu ? wrongStream(args, made) : null);
    },
  };
}

/** What speaks against a guest's STE (rules ). */
function againstSte({ flags, dataType, dataLen, dataUptr, data }: Alloc): Answer {
  if ((flags & PASID) !== 0) return refusal('EOPNOTSUPP');
  if (dataType !== HWPT_DATA.ARM_SMMUV3 || dataLen !== STE_BYTES) return refusal('EINVAL');
  const [first, second] = dataUptr === 'buffer' ? (data ?? []) : [];
  if (first === undefined || second === undefined) return refusal('EFAULT');
  const { V, Config, EATS } = decode(ste, [first, second]);
  if (V === 0) return null;
  const isOwn = [first, second].every((word, at) => (word & ~(guestSteMask[at] ?? 0n)) === 0n);
  const isKnown = Config === SteConfig.Abort || Config === SteConfig.Bypass || Config === SteConfig.S1Trans;
  return isOwn && isKnown && (EATS === Eats.Abort || EATS === Eats.Translated) ? null : refusal('EIO');
}

/** The stream that an STE asks for; of one that is not valid nothing else counts. */
function wrongStream({ data }: Alloc, { domain }: HwptNested): Violation {
  const [first = 0n, second = 0n]: Words = data ?? [];
  const { V, Config, EATS } = decode(ste, [first, second]);
  const config =
    V === 0 || Config === SteConfig.Abort ? 'abort' : Config === SteConfig.Bypass ? 'bypass' : 's1Translate';
  if (!('ste' in domain) || domain.config !== config)
    return `a nested HWPT of an STE with V ${V} and Config ${Config} is made to ${domain.config}`;
  const words = V === 0 ? [0n, 0n] : [first, second];
  if (domain.ste.some((word, at) => word !== words[at]))
    return 'a nested HWPT has another STE than was given';
  // ATS is the host's to decide where the guest does not translate.
  const ats = config === 's1Translate' ? EATS === Eats.Translated : config === 'bypass';
  return domain.enableAts === ats
    ? null
    : `a nested HWPT of an STE with EATS ${EATS} ${ats ? 'has no' : 'has'} ATS`;
}

/** IOMMU_VIOMMU_ALLOC (rule R-25). What an IOMMU has to have for it, nobody says here. */
function viommuAlloc(at: At, args: CommandArgs['viommuAlloc']): Answer {
  if (args.flags !== 0 || args.type === VIOMMU_TYPE.DEFAULT) return refusal('EOPNOTSUPP');
  // Kernels differ in whether they look at it.
  if (args.reserved !== 0) return null;
  const behind = deviceBehind(at, args.devId);
  if (behind === null) return refusal('ENOENT');
  const { hardware, iommu } = behind;
  if (iommu.kind === 'vtd' || iommu.kind === 'plain') return refusal('EOPNOTSUPP');
  if (iommu.kind === 'smmuv3' && (args.type !== VIOMMU_TYPE.ARM_SMMUV3 || !hardware.canwbs))
    return refusal('EOPNOTSUPP');
  const parent = objectOf(at.context, args.hwptId, 'hwptPaging');
  if (parent === null) return { errno: 'ENOENT', or: 'EOPNOTSUPP' };
  if (!parent.nestParent || parent.domain.iommu !== hardware.iommu)
    return { errno: 'EINVAL', or: 'EOPNOTSUPP' };
  return {
    errno: null,
    mayBeRefused: true,
    wrongIn(after) {
      const made = madeIn(at, after, 'outViommuId', 'viommu');
      return made?.hwpt === args.hwptId && made.iommu === hardware.iommu && made.viommuType === args.type
        ? null
        : `VIOMMU_ALLOC gives no vIOMMU of type ${args.type} on HWPT ${args.hwptId}`;
    },
  };
}

/** StreamIDs of a vIOMMU of an SMMUv3 have 32 bits; kernels differ in what they say of longer ones. */
const STREAM_IDS = 1n << 32n;

/** IOMMU_VDEVICE_ALLOC (rule R-26). */
function vdeviceAlloc(at: At, args: CommandArgs['vdeviceAlloc']): Answer {
  const viommu = objectOf(at.context, args.viommuId, 'viommu');
  const behind = deviceBehind(at, args.devId);
  if (viommu === null || behind === null) return refusal('ENOENT');
  const { hardware, iommu, object } = behind;
  if (viommu.iommu !== hardware.iommu) return refusal('EINVAL');
  const isTaken = at.context.objects.some(
    (each) => each?.type === 'vdevice' && each.viommu === args.viommuId && each.virtId === args.virtId,
  );
  if (object.vdevice !== null || isTaken) return refusal('EEXIST');
  if (iommu.kind === 'smmuv3') {
    if (hardware.streamIds.length !== 1) return refusal('EOPNOTSUPP');
    if (args.virtId >= STREAM_IDS) return null;
  }
  return {
    errno: null,
    wrongIn(after) {
      const made = madeIn(at, after, 'outVdeviceId', 'vdevice');
      const device = objectIn(after.world, at.ctx, args.devId, 'device');
      return made?.viommu === args.viommuId &&
        made.devId === args.devId &&
        made.virtId === args.virtId &&
        device?.vdevice === after.result.out.outVdeviceId
        ? null
        : `VDEVICE_ALLOC gives no vDEVICE ${args.virtId} of device ${args.devId} on vIOMMU ${args.viommuId}`;
    },
  };
}

export const NESTING_ANSWERS = { hwptAlloc, vdeviceAlloc, viommuAlloc } as const;
