import { cmdqConsOf } from '../../../../../model/smmu/qemu/command.ts';
import { eventqProdOf } from '../../../../../model/smmu/qemu/event-queue.ts';
import { resizeQueues, writeCr0, writeGerrorn } from '../../../../../model/smmu/qemu/smmu.ts';
import { encodeCommand } from '../../../../../spec/smmuv3/command.ts';
import { CommandError } from '../../../../../spec/smmuv3/registers.ts';
import { CR0_ALL, hex, type Lab, type Observation, type Scenario, SID } from './lab.ts';
import { nestedMachine } from './nested.ts';

const UNMAPPED = 0x12_3456_f000n;
const EVENTQEN = 1 << 2;
const FAULT = '0x10 F_TRANSLATION S2=0 CLASS=IN RnW=1 PnU=0 iova=0x123456f000 ipa=0x0';

export const eventQueue: Scenario = {
  name: 'the event queue',
  machine: nestedMachine,
  observations: [
    [
      'EVENTQEN=0: fault not recorded',
      (lab) => {
        lab.smmu = writeCr0(lab.smmu, CR0_ALL & ~EVENTQEN);
        return lab.reads(UNMAPPED);
      },
      'R 0x123456f000 -> no data',
      '-',
    ],
    [
      'EVTQ overflow (2 entries, 3 faults)',
      (lab) => {
        lab.smmu = resizeQueues(writeCr0(lab.smmu, CR0_ALL), { commands: 8, events: 1 });
        for (let fault = 0; fault < 3; fault++) lab.reads(UNMAPPED);
        return `PROD=${hex(eventqProdOf(lab.smmu))} GERROR=${hex(lab.smmu.gerror)}`;
      },
      'PROD=0x2 GERROR=0x4',
      `${FAULT} ; ${FAULT}`,
    ],
  ],
};

/** Issues one command to a fresh queue, on a machine whose errors are all acknowledged. */
function issue(lab: Lab, words: readonly bigint[]): void {
  lab.smmu = writeGerrorn(resizeQueues(lab.smmu, { commands: 8, events: 8 }), lab.smmu.gerror);
  lab.commands([words]);
}

function errorsOf({ smmu }: Lab): string {
  return `CERROR=${smmu.commandQueue.error} GERROR^N=${hex((smmu.gerror ^ smmu.gerrorn) & 1)}`;
}

const ACCEPTED = 'CERROR=0 GERROR^N=0x0';
const REFUSED = 'CERROR=1 GERROR^N=0x1';

function command(name: string, words: readonly bigint[], seen: string): Observation {
  return [
    name,
    (lab) => {
      issue(lab, words);
      return errorsOf(lab);
    },
    seen,
    '-',
  ];
}

export const commandQueue: Scenario = {
  name: 'the command queue',
  machine: nestedMachine,
  observations: [
    [
      'CMDQ illegal opcode 0x7f',
      (lab) => {
        lab.smmu = resizeQueues(lab.smmu, { commands: 8, events: 8 });
        lab.afresh();
        lab.commands([[0x7fn, 0n]]);
        return `CONS=${hex(cmdqConsOf(lab.smmu))} ${errorsOf(lab)}`;
      },
      'CONS=0x1000003 CERROR=1 GERROR^N=0x1',
      '-',
    ],
    command('CMD CFGI_VMS_PIDM 0x08', [0x08n, 0n], REFUSED),
    command('CMD TLBI_EL2_ALL 0x20', encodeCommand('TLBI_EL2_ALL'), ACCEPTED),
    command('CMD ATC_INV 0x40', encodeCommand('ATC_INV'), ACCEPTED),
    command('CMD PRI_RESP 0x41', encodeCommand('PRI_RESP'), ACCEPTED),
    command('CMD RESUME 0x44', encodeCommand('RESUME'), ACCEPTED),
    command('CMD PREFETCH_CONFIG 0x01', encodeCommand('PREFETCH_CONFIG'), ACCEPTED),
    command('CMD DPTI_ALL 0x70', [0x70n, 0n], REFUSED),
    command('CMD CFGI_STE SSEC=1', encodeCommand('CFGI_STE', { StreamID: SID, SSec: 1 }), REFUSED),
    command('CMD CFGI_CD SSV/SSID=1', encodeCommand('CFGI_CD', { StreamID: SID, SubstreamID: 1 }), ACCEPTED),
    [
      'CMD_SYNC with MSI address',
      (lab) => {
        const doorbell = 0x4070_0000n;
        issue(lab, encodeCommand('SYNC', { CS: 1, MSIAddress: doorbell, MSIData: 0x1234 }));
        const written = lab.read(doorbell) ?? 0n;
        return `mem=${hex(written)} CERROR=${lab.smmu.commandQueue.error}`;
      },
      `mem=0x0 CERROR=${CommandError.None}`,
      '-',
    ],
  ],
};
