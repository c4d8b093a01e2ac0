import type { Override } from '../../../model/rules.ts';
import type { CommandKind } from '../../../model/vmm/rules.ts';
import { decode } from '../../../spec/bits.ts';
import type { Command } from '../../../spec/smmuv3/command.ts';
import { type IdRegisterValues, idr0 } from '../../../spec/smmuv3/id-registers.ts';

const SSEC = 1n << 10n;

/** smmuv3_cmdq_consume(), case by case. */
function kindOf(
  command: Command | undefined,
  [first]: readonly [bigint, bigint],
  registers: IdRegisterValues,
): CommandKind {
  switch (command?.name) {
    case 'CFGI_STE':
    case 'CFGI_STE_RANGE':
      return (first & SSEC) === 0n ? 'configuration' : 'illegal';
    case 'CFGI_CD':
    case 'CFGI_CD_ALL':
      return (first & SSEC) === 0n ? 'host' : 'illegal';
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_ASID':
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
    case 'TLBI_NSNH_ALL':
      return 'host';
    case 'ATC_INV':
      return decode(idr0, [BigInt(registers.IDR0)]).ATS === 1 ? 'host' : 'nothing';
    case 'SYNC':
    case 'PREFETCH_CONFIG':
    case 'PREFETCH_ADDR':
    case 'TLBI_EL3_ALL':
    case 'TLBI_EL3_VA':
    case 'TLBI_EL2_ALL':
    case 'TLBI_EL2_ASID':
    case 'TLBI_EL2_VA':
    case 'TLBI_EL2_VAA':
    case 'PRI_RESP':
    case 'RESUME':
    case 'STALL_TERM':
      return 'nothing';
    default:
      return 'illegal';
  }
}

/** Commands that the ID registers rule out are consumed without a word, and a CMD_SYNC whose CS is reserved is. */
export const unadvertisedCommandsConsumed: Override = {
  name: 'unadvertised-commands-consumed',
  kind: 'deviation',
  summary:
    'ATC_INV without ATS, EL2 and EL3 commands, RESUME, STALL_TERM, PRI_RESP and CS=3 are consumed without an error',
  source: 'QEMU hw/arm/smmuv3.c: smmuv3_cmdq_consume(); recorded (commands)',
  rules: { vmm: { commandKind: kindOf } },
};

export const guardedRegistersWritten: Override = {
  name: 'guarded-registers-written',
  kind: 'deviation',
  summary: 'STRTAB_BASE and the bases and indices of queues can be written while they are in use',
  source: 'QEMU hw/arm/smmuv3.c: smmu_writel(), smmu_writell(); recorded (walk-1)',
  rules: { vmm: { takesWrite: () => true } },
};

/** smmuv3_propagate_event() knows one error for all that keeps a record from the guest's queue. */
export const lostEventIsQueueError: Override = {
  name: 'lost-event-is-queue-error',
  kind: 'deviation',
  summary:
    "an event that finds the guest's queue full or disabled raises GERROR.EVENTQ_ABT_ERR, and never OVFLG",
  source: 'QEMU hw/arm/smmuv3.c: smmuv3_propagate_event(), smmuv3_write_eventq(); recorded (events)',
  rules: { vmm: { fullQueue: 'error', disabledQueue: 'error' } },
};
