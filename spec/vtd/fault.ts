import { layout } from '../bits.ts';

/**
 * Fault reasons (VT-d 7.1.3; drivers/iommu/intel/dmar.c lists them in words). Those below 0x20 are the ones of legacy
 * mode; scalable mode has its own.
 */
export const FaultReason = {
  // Legacy mode
  RootNotPresent: 0x01,
  ContextNotPresent: 0x02,
  ContextInvalid: 0x03,
  AddressBeyondWidth: 0x04,
  SecondStageWrite: 0x05,
  SecondStageRead: 0x06,
  SecondStageEntryAccess: 0x07,
  RootAccess: 0x08,
  ContextAccess: 0x09,
  RootReserved: 0x0a,
  ContextReserved: 0x0b,
  SecondStageReserved: 0x0c,
  TranslationTypeBlocks: 0x0d,
  InterruptAddress: 0x0e,
  // The root table itself
  RootTableMode: 0x30,
  PasidInLegacyMode: 0x31,
  // Scalable mode: root entry (SRT), context entry (SCT)
  ScalableRootAccess: 0x38,
  ScalableRootNotPresent: 0x39,
  ScalableRootReserved: 0x3a,
  ScalableContextAccess: 0x40,
  ScalableContextNotPresent: 0x41,
  ScalableContextReserved: 0x42,
  ScalableContextInvalid: 0x43,
  DeviceTlbNotEnabled: 0x44,
  PasidNotEnabled: 0x45,
  PasidBeyondDirectory: 0x46,
  PageRequestNotEnabled: 0x47,
  RidPasidInvalid: 0x48,
  // PASID directory (SPD) and table (SPT)
  PasidDirectoryAccess: 0x50,
  PasidDirectoryEntryNotPresent: 0x51,
  PasidDirectoryReserved: 0x52,
  PasidEntryAccess: 0x58,
  PasidEntryNotPresent: 0x59,
  PasidEntryReserved: 0x5a,
  PasidEntryInvalid: 0x5b,
  ExecuteNotEnabled: 0x5c,
  SupervisorNotEnabled: 0x5d,
  // First stage (SFS)
  FirstStageEntryAccess: 0x70,
  FirstStageEntryNotPresent: 0x71,
  FirstStageReserved: 0x72,
  FirstStageTableAccess: 0x73,
  NestedTableBeyondWidth: 0x74,
  NestedTopTableRead: 0x75,
  NestedTableRead: 0x76,
  NestedTableWrite: 0x77,
  // Second stage (SSS)
  ScalableSecondStageEntryAccess: 0x78,
  SecondStageEntryNotPresent: 0x79,
  ScalableSecondStageReserved: 0x7a,
  SecondStageTableAccess: 0x7b,
  // Of both (SGN)
  NotCanonical: 0x80,
  UserNotAllowed: 0x81,
  BeyondHostWidth: 0x83,
  BeyondSecondStage: 0x84,
  NoWritePermission: 0x85,
  NoReadPermission: 0x86,
  ScalableInterruptAddress: 0x87,
  FirstStageFlagUpdate: 0x91,
} as const;

export type FaultReasonName = keyof typeof FaultReason;

/** A fault recording register (VT-d 11.4.14). */
export const faultRecord = layout('FRCD_REG', 2, {
  FI: { word: 0, lsb: 12, width: 52, address: true, doc: 'the page that was asked for' },
  SID: { word: 1, lsb: 0, width: 16 },
  PP: { word: 1, lsb: 31, width: 1, doc: 'the request had a PASID' },
  FR: { word: 1, lsb: 32, width: 8, values: FaultReason },
  PV: { word: 1, lsb: 40, width: 20, doc: 'the PASID' },
  T: { word: 1, lsb: 62, width: 1, doc: '1: a read' },
  F: { word: 1, lsb: 63, width: 1 },
});
