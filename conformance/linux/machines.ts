import type { DeviceHardware, Platform } from '../../model/platform/platform.ts';
import { kernel, smmu, USER_MEMORY } from '../../workload/scopes/hardware.ts';
import { InputError } from '../input-error.ts';
import type { LineOf } from './lines.ts';

/**
 * The machines on which the recordings were taken. A recording names its devices and their groups; the rest of what
 * the answers depend on is here. Where two machines have the same devices, the answers tell which one it was.
 */
export interface Machine {
  readonly name: string;
  readonly summary: string;
  /** Bus numbers behind the second SMMU; null with one SMMU. */
  readonly secondSmmuBus: number | null;
  readonly canwbs: boolean;
}

export const MACHINES: readonly Machine[] = [
  { name: 'one-smmu', summary: 'QEMU virt, one SMMUv3, coherent devices', secondSmmuBus: null, canwbs: true },
  {
    name: 'one-smmu-no-canwbs',
    summary: 'the same, whose firmware does not promise coherent DMA (IORT CANWBS)',
    secondSmmuBus: null,
    canwbs: false,
  },
  { name: 'two-smmus', summary: 'a second SMMUv3 in front of bus 9', secondSmmuBus: 9, canwbs: true },
];

/** A PCIe-to-PCI bridge's secondary bus: what is behind it arrives under two requester IDs. */
const CONVENTIONAL_PCI_BUS = 1;

/** The first page of the GICv2m or ITS translation frame of QEMU's virt machine. */
const DOORBELL = 0x802_0000n;

const BAR0_SIZE = 0x10_0000;

/** The devices are conventional PCI, whatever bus they are on. */
const CONVENTIONAL_CONFIG = 256;

type Setup = LineOf<'setup'>;

/** The platform that the `setup` lines of a recording describe, on a machine. */
export function platformOf(machine: Machine, setups: readonly Setup[], file: string): Platform {
  if (setups.length === 0) throw new InputError(file, null, 'expected "setup" lines that name the devices');
  const hasSecond = setups.some((setup) => busOf(setup.bdf) === machine.secondSmmuBus);
  const names = hasSecond ? ['smmu0', 'smmu1'] : ['smmu0'];
  return {
    name: machine.name,
    kernel: kernel({ capSysResource: true }),
    smmus: names.map(smmu),
    devices: setups.map((setup) => deviceOf(machine, setup)),
    its: [{ doorbell: DOORBELL }],
    vms: ['process'],
    userMemory: [USER_MEMORY],
  };
}

/** Whether a machine can be the one behind these devices. */
export function suits(machine: Machine, setups: readonly Setup[]): boolean {
  const onSecond = setups.some((setup) => busOf(setup.bdf) === 9);
  return onSecond === (machine.secondSmmuBus !== null);
}

function busOf(bdf: string): number {
  return Number.parseInt(bdf.slice(5, 7), 16);
}

function deviceOf(machine: Machine, { bdf, grp }: Setup): DeviceHardware {
  const bus = busOf(bdf);
  const slot = Number.parseInt(bdf.slice(8, 10), 16);
  const requesterId = (bus << 8) | (slot << 3) | Number.parseInt(bdf.slice(11), 8);
  const bridged = bus === CONVENTIONAL_PCI_BUS;
  return {
    id: bdf,
    smmu: bus === machine.secondSmmuBus ? 1 : 0,
    group: Number.parseInt(grp, 10),
    streamIds: bridged ? [requesterId, bus << 8] : [requesterId],
    canwbs: machine.canwbs,
    bar0Size: BAR0_SIZE,
    msiVectors: 1,
    its: 0,
    configSize: CONVENTIONAL_CONFIG,
  };
}
