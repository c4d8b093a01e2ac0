/** Where registers of a remapping unit are that are in the same place in each (VT-d 11.4). */
export const VTD_REGISTER_OFFSETS = {
  VER: 0x00,
  CAP: 0x08,
  ECAP: 0x10,
  GCMD: 0x18,
  GSTS: 0x1c,
  RTADDR: 0x20,
  CCMD: 0x28,
  FSTS: 0x34,
  IQH: 0x80,
  IQT: 0x88,
  IQA: 0x90,
  ICS: 0x9c,
} as const;

/** Registers that a guest writes, by the names that they have in commands; those of the IOTLB lie where ECAP_REG says. */
export const WRITTEN_REGISTERS = [
  'GCMD',
  'RTADDR',
  'CCMD',
  'IVA',
  'IOTLB',
  'IQA',
  'IQT',
  'FSTS',
  'FRCD',
  'ICS',
] as const;

export type WrittenRegister = (typeof WRITTEN_REGISTERS)[number];
