import { FaultReason, type FaultReasonName } from '../../../spec/vtd/fault.ts';

/**
 * The fault conditions of DMA remapping (VT-d 7.1.3): what each is reported as in legacy and in scalable mode, and whether
 * it is qualified, that is whether an FPD bit keeps it from being recorded.
 */
interface Condition {
  readonly legacy?: FaultReasonName;
  readonly scalable?: FaultReasonName;
  readonly qualified: boolean;
}

const plain = { qualified: false } as const;
const qualified = { qualified: true } as const;

const table = {
  tableMode: { ...plain, legacy: 'RootTableMode', scalable: 'RootTableMode' },
  pasidInLegacyMode: { ...plain, legacy: 'PasidInLegacyMode' },

  rootAccess: { ...plain, legacy: 'RootAccess', scalable: 'ScalableRootAccess' },
  rootNotPresent: { ...plain, legacy: 'RootNotPresent', scalable: 'ScalableRootNotPresent' },
  rootReserved: { ...plain, legacy: 'RootReserved', scalable: 'ScalableRootReserved' },

  contextAccess: { ...plain, legacy: 'ContextAccess', scalable: 'ScalableContextAccess' },
  contextNotPresent: { ...qualified, legacy: 'ContextNotPresent', scalable: 'ScalableContextNotPresent' },
  contextReserved: { ...qualified, legacy: 'ContextReserved', scalable: 'ScalableContextReserved' },
  contextInvalid: { ...qualified, legacy: 'ContextInvalid', scalable: 'ScalableContextInvalid' },
  translatedBlocked: { ...qualified, legacy: 'TranslationTypeBlocks', scalable: 'DeviceTlbNotEnabled' },
  pasidNotEnabled: { ...qualified, scalable: 'PasidNotEnabled' },
  pasidBeyondDirectory: { ...qualified, scalable: 'PasidBeyondDirectory' },
  ridPasidInvalid: { ...qualified, scalable: 'RidPasidInvalid' },

  directoryAccess: { ...plain, scalable: 'PasidDirectoryAccess' },
  directoryNotPresent: { ...qualified, scalable: 'PasidDirectoryEntryNotPresent' },
  directoryReserved: { ...qualified, scalable: 'PasidDirectoryReserved' },
  entryAccess: { ...plain, scalable: 'PasidEntryAccess' },
  entryNotPresent: { ...qualified, scalable: 'PasidEntryNotPresent' },
  entryReserved: { ...qualified, scalable: 'PasidEntryReserved' },
  entryInvalid: { ...qualified, scalable: 'PasidEntryInvalid' },
  supervisorNotEnabled: { ...qualified, scalable: 'SupervisorNotEnabled' },

  firstTableAccess: { ...qualified, scalable: 'FirstStageTableAccess' },
  firstEntryAccess: { ...qualified, scalable: 'FirstStageEntryAccess' },
  firstNotPresent: { ...qualified, scalable: 'FirstStageEntryNotPresent' },
  firstReserved: { ...qualified, scalable: 'FirstStageReserved' },
  notCanonical: { ...qualified, scalable: 'NotCanonical' },
  userNotAllowed: { ...qualified, scalable: 'UserNotAllowed' },
  firstWrite: { ...qualified, scalable: 'NoWritePermission' },

  nestedTableBeyond: { ...qualified, scalable: 'NestedTableBeyondWidth' },
  nestedTopTableRead: { ...qualified, scalable: 'NestedTopTableRead' },
  nestedTableRead: { ...qualified, scalable: 'NestedTableRead' },
  nestedTableWrite: { ...qualified, scalable: 'NestedTableWrite' },

  secondTableAccess: { ...qualified, legacy: 'ContextInvalid', scalable: 'SecondStageTableAccess' },
  secondEntryAccess: {
    ...qualified,
    legacy: 'SecondStageEntryAccess',
    scalable: 'ScalableSecondStageEntryAccess',
  },
  secondNotPresentForRead: {
    ...qualified,
    legacy: 'SecondStageRead',
    scalable: 'SecondStageEntryNotPresent',
  },
  secondNotPresentForWrite: {
    ...qualified,
    legacy: 'SecondStageWrite',
    scalable: 'SecondStageEntryNotPresent',
  },
  secondReserved: { ...qualified, legacy: 'SecondStageReserved', scalable: 'ScalableSecondStageReserved' },
  secondRead: { ...qualified, legacy: 'SecondStageRead', scalable: 'NoReadPermission' },
  secondWrite: { ...qualified, legacy: 'SecondStageWrite', scalable: 'NoWritePermission' },
  beyondSecondStage: { ...qualified, legacy: 'AddressBeyondWidth', scalable: 'BeyondSecondStage' },
  beyondHost: { ...qualified, legacy: 'AddressBeyondWidth', scalable: 'BeyondHostWidth' },
  interruptAddress: { ...qualified, legacy: 'InterruptAddress', scalable: 'ScalableInterruptAddress' },
} as const satisfies Record<string, Condition>;

export type VtdCondition = keyof typeof table;

export const conditions: Readonly<Record<VtdCondition, Condition>> = table;

/** The fault reason of a condition; conditions that one mode lacks are reported as in the other. */
export function reasonOf(condition: VtdCondition, scalable: boolean): number {
  const { legacy, scalable: own } = conditions[condition];
  const name = (scalable ? (own ?? legacy) : (legacy ?? own)) as FaultReasonName;
  return FaultReason[name];
}
