import { layout } from '../bits.ts';

/** Fault reasons (VT-d 7.1.3), those that scalable mode and the legacy one share included. */
export const FaultReason = {
  ContextNotPresent: 0x02,
  SecondStageWrite: 0x05,
  SecondStageRead: 0x06,
  PasidNotEnabled: 0x47,
  PasidDirectoryEntryNotPresent: 0x51,
  PasidEntryNotPresent: 0x59,
  PasidEntryInvalid: 0x5b,
  FirstStageEntryNotPresent: 0x71,
  NoWritePermission: 0x85,
  NoReadPermission: 0x86,
} as const;

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
