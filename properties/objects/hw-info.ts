import type { CommandArgs } from '../../model/world/command.ts';
import { HW_CAP, HW_INFO, HW_INFO_TYPE, HW_INFO_VTD } from '../../spec/iommufd/constants.ts';
import { SELFTEST } from '../../spec/iommufd/selftest.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import type { At } from '../answers/place.ts';
import { smmuPasidBits } from '../platforms.ts';
import { type Behind, deviceBehind } from './at.ts';

/** What an IOMMU tells of itself: its data type, and 32-bit words. */
interface Told {
  readonly type: number;
  readonly words: readonly number[];
}

const HALF = 0xffff_ffffn;

function halves(value: bigint): readonly number[] {
  return [Number(value & HALF), Number(value >> 32n)];
}

/** struct iommu_hw_info_vtd, _arm_smmuv3 and that of the selftests, as linux/iommufd.h has them. */
function toldOf({ iommu }: Behind): Told {
  switch (iommu.kind) {
    case 'smmuv3':
      return { type: HW_INFO_TYPE.ARM_SMMUV3, words: [0, 0, ...iommu.idr, iommu.iidr, iommu.aidr] };
    case 'vtd': {
      const { cap = 0n, ecap = 0n } = iommu.vtd ?? {};
      const flags = HW_INFO_VTD.ERRATA_772415_SPR17;
      return { type: HW_INFO_TYPE.INTEL_VTD, words: [flags, 0, ...halves(cap), ...halves(ecap)] };
    }
    case 'mock':
      return { type: SELFTEST.HW_INFO, words: [0, Number(SELFTEST.HW_INFO_REGISTER)] };
    case 'plain':
      return { type: HW_INFO_TYPE.DEFAULT, words: [] };
  }
}

/** No more than a page is told, or cleared. */
const MOST_BYTES = 4096;

/** IOMMU_GET_HW_INFO: its data, cut or filled up with zeros to the caller's length, and its own length. */
function getHwInfo(at: At, args: CommandArgs['getHwInfo']): Answer {
  if (args.flags > HW_INFO.INPUT_TYPE) return refusal('EOPNOTSUPP');
  if (args.reserved !== 0 || args.reserved2 !== 0 || args.reserved3 !== 0) return refusal('EOPNOTSUPP');
  const behind = deviceBehind(at, args.devId);
  if (behind === null) return refusal('ENOENT');
  const { type, words } = toldOf(behind);
  const asked = args.flags === HW_INFO.INPUT_TYPE ? args.dataType : HW_INFO_TYPE.DEFAULT;
  // Who has nothing to tell is not asked for what.
  const isOther = asked !== HW_INFO_TYPE.DEFAULT && asked !== type;
  if (isOther) return behind.iommu.kind === 'plain' ? null : refusal('EOPNOTSUPP');
  if (args.dataLen > 0 && args.dataUptr !== 'buffer') return refusal('EFAULT');
  const data: bigint[] = [];
  for (let at64 = 0; 8 * at64 < Math.min(args.dataLen, MOST_BYTES); at64++)
    data.push(BigInt(words[2 * at64] ?? 0) | (BigInt(words[2 * at64 + 1] ?? 0) << 32n));
  const log2 = smmuPasidBits(at.world.platform, behind.hardware);
  return {
    errno: null,
    out: {
      dataType: type,
      dataLen: 4 * words.length,
      data,
      ...(log2 === null ? {} : { outMaxPasidLog2: log2 }),
    },
    wrongIn({ result }) {
      const has = behind.hardware.ats === true;
      const told = ((result.out.outCapabilities as bigint) & HW_CAP.PCI_ATS_NOT_SUPPORTED) === 0n;
      return has === told ? null : `GET_HW_INFO says that device ${args.devId} ${told ? 'has' : 'lacks'} ATS`;
    },
  };
}

export const HW_INFO_ANSWERS = { getHwInfo } as const;
