import type { IdRegisterName } from '../smmuv3/id-registers.ts';
import type { Comparison, FieldRule } from './field-rule.ts';

/*
 * What a guest may rely on in the ID registers of a vSMMU whose stage 1 a pSMMU walks, field by field. Stage 1 is
 * the guest's and runs in hardware; stage 2, stream table, queues and interrupts are the VMM's and are emulated.
 */

const UAPI = 'linux/iommufd.h: struct iommu_hw_info_arm_smmuv3 lists it';
const STAGE1 = 'IHI0070 6.3: stage 1 runs on the pSMMU';
const STAGE2 = "IHI0070 6.3: a stage-2 feature; stage 2 is the host's";
const VMM = 'the VMM emulates it; QEMU hw/arm/smmuv3.c';

function rule(register: IdRegisterName, field: string, compare: Comparison, source: string): FieldRule {
  return { register, field, compare, source, inHwInfo: source === UAPI };
}

/** A field whose values stand for sets. */
function sets(register: IdRegisterName, field: string, of: Readonly<Record<number, number>>): FieldRule {
  return { register, field, compare: 'subset', sets: of, source: UAPI, inHwInfo: true };
}

/** Every field of every ID register, in the order of the registers. */
export const FIELD_RULES: readonly FieldRule[] = [
  rule('IDR0', 'S2P', 'must-be-zero', STAGE2),
  rule('IDR0', 'S1P', 'at-most', STAGE1),
  rule('IDR0', 'TTF', 'subset', UAPI),
  rule('IDR0', 'COHACC', 'at-most', STAGE1),
  rule('IDR0', 'BTM', 'must-be-zero', "IHI0070 6.3.1: broadcast TLB maintenance carries the host's VMIDs"),
  rule('IDR0', 'HTTU', 'must-be-zero', 'QEMU hw/arm/smmuv3-accel.c: no access or dirty flag updates'),
  rule('IDR0', 'DORMHINT', 'emulated', VMM),
  rule('IDR0', 'HYP', 'must-be-zero', "IHI0070 6.3.1: EL2 contexts need stage 2 to be the guest's"),
  rule('IDR0', 'ATS', 'at-most', 'IHI0070 6.3.1: ATS requests reach the pSMMU'),
  rule('IDR0', 'NS1ATS', 'must-be-zero', STAGE2),
  rule('IDR0', 'ASID16', 'at-most', UAPI),
  rule('IDR0', 'MSI', 'emulated', VMM),
  rule('IDR0', 'SEV', 'emulated', VMM),
  rule('IDR0', 'ATOS', 'must-be-zero', 'IHI0070 9: address translation operations are not nested'),
  rule('IDR0', 'PRI', 'must-be-zero', 'page requests are not forwarded to a vIOMMU'),
  rule('IDR0', 'VMW', 'must-be-zero', STAGE2),
  rule('IDR0', 'VMID16', 'emulated', 'IHI0070 6.3.1: means nothing to software without stage 2'),
  rule('IDR0', 'CD2L', 'at-most', UAPI),
  rule('IDR0', 'VATOS', 'must-be-zero', STAGE2),
  // Which endiannesses tables may have: little, big. 0b01 is reserved.
  sets('IDR0', 'TTENDIAN', { 0: 0b11, 2: 0b01, 3: 0b10 }),
  rule('IDR0', 'ATSRECERR', 'must-be-zero', 'IHI0070 6.3.1: events that the host does not forward'),
  // Which fault models CD.S may choose: terminate, stall.
  sets('IDR0', 'STALL_MODEL', { 0: 0b11, 1: 0b01, 2: 0b10 }),
  // Which values of CD.A are legal: 1 (abort), 0 (read as zero, writes ignored).
  sets('IDR0', 'TERM_MODEL', { 0: 0b11, 1: 0b01 }),
  { ...rule('IDR0', 'ST_LEVEL', 'emulated', VMM), inHwInfo: true },

  { ...rule('IDR1', 'SIDSIZE', 'emulated', 'virtual StreamIDs are translated by vDEVICEs'), inHwInfo: true },
  rule('IDR1', 'SSIDSIZE', 'at-most', UAPI),
  rule('IDR1', 'PRIQS', 'emulated', VMM),
  rule('IDR1', 'EVENTQS', 'emulated', VMM),
  rule('IDR1', 'CMDQS', 'emulated', VMM),
  rule('IDR1', 'ATTR_PERMS_OVR', 'must-be-zero', "STE.PRIVCFG and INSTCFG are the host's"),
  rule('IDR1', 'ATTR_TYPES_OVR', 'must-be-zero', "STE.MTCFG, MemAttr, ALLOCCFG and SHCFG are the host's"),
  rule('IDR1', 'REL', 'emulated', VMM),
  rule('IDR1', 'QUEUES_PRESET', 'emulated', VMM),
  rule('IDR1', 'TABLES_PRESET', 'emulated', VMM),
  rule('IDR1', 'ECMDQ', 'must-be-zero', 'the VMM has one command queue'),

  rule('IDR2', 'BA_VATOS', 'must-be-zero', STAGE2),

  rule('IDR3', 'HAD', 'at-most', STAGE1),
  rule('IDR3', 'PBHA', 'at-most', STAGE1),
  rule('IDR3', 'XNX', 'must-be-zero', STAGE2),
  rule('IDR3', 'PPS', 'must-be-zero', 'page requests are not forwarded to a vIOMMU'),
  rule('IDR3', 'MPAM', 'must-be-zero', "STE.S1MPAM is the host's"),
  rule('IDR3', 'FWB', 'must-be-zero', STAGE2),
  rule('IDR3', 'STT', 'at-most', STAGE1),
  rule('IDR3', 'RIL', 'at-most', UAPI),
  rule('IDR3', 'BBML', 'at-most', UAPI),
  rule('IDR3', 'E0PD', 'at-most', STAGE1),
  rule('IDR3', 'PTWNNC', 'at-most', STAGE1),
  rule('IDR3', 'DPT', 'must-be-zero', "device permission tables are the host's"),

  rule('IDR4', 'ImplDef', 'must-be-zero', 'IHI0070 6.3.5: implementation defined'),

  rule('IDR5', 'OAS', 'at-most', 'IHI0070 6.3.6: the output of stage 1 is an IPA, which stage 2 must take'),
  rule('IDR5', 'GRAN4K', 'at-most', UAPI),
  rule('IDR5', 'GRAN16K', 'at-most', UAPI),
  rule('IDR5', 'GRAN64K', 'at-most', UAPI),
  rule('IDR5', 'DS', 'at-most', STAGE1),
  rule('IDR5', 'D128', 'at-most', STAGE1),
  rule('IDR5', 'VAX', 'at-most', UAPI),
  rule('IDR5', 'STALL_MAX', 'emulated', VMM),

  ...(['Implementer', 'Revision', 'Variant', 'ProductID'] as const).map((field) =>
    rule('IIDR', field, 'not-comparable', 'seed 000: "things like IIDR and errata need to be considered"'),
  ),
  ...(['ArchMinorRev', 'ArchMajorRev'] as const).map((field) =>
    rule('AIDR', field, 'not-comparable', 'informational; QEMU ad32238ad2'),
  ),
];
