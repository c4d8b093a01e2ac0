import { maskOf } from '../../../spec/bits.ts';
import { VIOMMU_INVALIDATE_DATA } from '../../../spec/iommufd/constants.ts';
import { commands } from '../../../spec/smmuv3/command.ts';
import { hasReserved } from '../../../spec/smmuv3/illegal-command.ts';
import type { Rules } from '../../world/rules.ts';
import { copyStruct } from '../user-data.ts';
import type { CommandWords, Invalidated, UserArray } from './driver.ts';

/** struct iommu_viommu_arm_smmuv3_invalidate: one command. */
const COMMAND_BYTES = 16;

/** Commands go to the queue in chunks of this many, each with a SYNC (CMDQ_BATCH_ENTRIES - 1). */
const CHUNK = 63;

const OPCODE = 0xffn;
const VMID = maskOf(commands.TLBI_NH_ALL.layout, ['VMID'])[0] as bigint;
const VMID_SHIFT = BigInt(commands.TLBI_NH_ALL.layout.fields.VMID.lsb);
const STREAM_ID = maskOf(commands.CFGI_CD.layout, ['StreamID'])[0] as bigint;
const STREAM_ID_SHIFT = BigInt(commands.CFGI_CD.layout.fields.StreamID.lsb);

const TLBI_NSNH_ALL = BigInt(commands.TLBI_NSNH_ALL.opcode);
const TLBI_NH_ALL = BigInt(commands.TLBI_NH_ALL.opcode);

/** Commands that a guest may issue with the VMID of its vSMMU put in. */
const TAGGED: ReadonlySet<bigint> = new Set(
  [commands.TLBI_NH_ALL, commands.TLBI_NH_ASID, commands.TLBI_NH_VA, commands.TLBI_NH_VAA].map((command) =>
    BigInt(command.opcode),
  ),
);

/** Commands that a guest may issue for its own devices, by virtual StreamID. */
const ADDRESSED: ReadonlySet<bigint> = new Set(
  [commands.CFGI_CD, commands.CFGI_CD_ALL, commands.ATC_INV].map((command) => BigInt(command.opcode)),
);

/** Rewrites a guest's command into the host's terms; null if a guest may not issue it (rule R-29). */
function convert(
  command: CommandWords,
  vmid: number,
  streamOf: (vsid: bigint) => number | null,
  rules: Rules,
): CommandWords | null {
  // The SMMU may refuse them, and then nobody tells the guest (rule R-29).
  if (rules.smmuDriver.refusesReservedCommandBits && hasReserved(command)) return null;
  const [word0, word1] = command;
  const opcode = word0 & OPCODE;
  const tag = rules.smmuDriver.tlbiCarriesVmid ? BigInt(vmid) << VMID_SHIFT : 0n;
  if (opcode === TLBI_NSNH_ALL)
    return rules.smmuDriver.nsnhAllIsConfined ? [TLBI_NH_ALL | tag, 0n] : [word0, word1];
  if (TAGGED.has(opcode)) return [(word0 & ~VMID) | tag, word1];
  if (!ADDRESSED.has(opcode)) return null;
  const stream = streamOf((word0 & STREAM_ID) >> STREAM_ID_SHIFT);
  return stream === null ? null : [(word0 & ~STREAM_ID) | (BigInt(stream) << STREAM_ID_SHIFT), word1];
}

/** arm_vsmmu_cache_invalidate(): all commands are copied first, then converted and issued in chunks. */
export function invalidate(
  array: UserArray,
  vmid: number,
  streamOf: (vsid: bigint) => number | null,
  rules: Rules,
): Invalidated {
  if (array.type !== VIOMMU_INVALIDATE_DATA.ARM_SMMUV3) return { issued: [], handled: 0, errno: 'EINVAL' };
  if (array.entries === 0) {
    return { issued: [], handled: 0, errno: rules.iommufd.emptyInvalidationIsProbe ? null : 'EINVAL' };
  }
  const copied: CommandWords[] = [];
  for (let i = 0; i < array.entries; i++) {
    const words = copyStruct(array.words, i * array.entryLength, array.entryLength, COMMAND_BYTES);
    if (typeof words === 'string') return { issued: [], handled: 0, errno: words };
    copied.push([words[0] ?? 0n, words[1] ?? 0n]);
  }
  const issued: CommandWords[] = [];
  for (const command of copied) {
    const converted = convert(command, vmid, streamOf, rules);
    if (converted === null) {
      const reached = rules.iommufd.issuesBeforeConversionError
        ? issued.length
        : issued.length - (issued.length % CHUNK);
      return { issued: issued.slice(0, reached), handled: issued.length, errno: 'EIO' };
    }
    issued.push(converted);
  }
  return { issued, handled: issued.length, errno: null };
}
