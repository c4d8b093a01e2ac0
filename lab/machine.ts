/** A machine that QEMU makes, with devices whose DMA and MSI a program can start. */
export interface LabMachine {
  readonly name: string;
  readonly summary: string;
  /** QEMU's arguments for SMMUs, bridges and devices. */
  readonly hardware: readonly string[];
  /** Whether its SMMUs have both stages. */
  readonly nests: boolean;
  /** PCI addresses of the devices that the agent is given. */
  readonly devices: readonly string[];
}

/** Where a device is: what a program can tell of it. */
export interface Place {
  readonly smmu: number;
  /** Devices of one group cannot be told apart by the IOMMU. */
  readonly group: number;
}

/** Behind the root port of the second SMMU. */
const SECOND_BUS = '0000:09:';

/** Where devices of the machines here are, by their PCI addresses: functions of one slot share a group. */
export function placeOf(bdf: string, devices: readonly string[]): Place {
  const slot = (each: string) => each.slice(0, -2);
  return {
    smmu: bdf.startsWith(SECOND_BUS) ? 1 : 0,
    group: devices.findIndex((other) => slot(other) === slot(bdf)),
  };
}

/** Devices of a machine that are placed to each other as those that are wanted; null: it has none. */
export function devicesLike(wanted: readonly Place[], devices: readonly string[]): readonly string[] | null {
  return choose(wanted, devices, []);
}

function choose(
  wanted: readonly Place[],
  devices: readonly string[],
  chosen: readonly string[],
): readonly string[] | null {
  const next = wanted[chosen.length];
  if (next === undefined) return chosen;
  for (const device of devices) {
    if (chosen.includes(device)) continue;
    const place = placeOf(device, devices);
    const fits = chosen.every((other, at) => {
      const [theirs, theirPlace] = [wanted[at] as Place, placeOf(other, devices)];
      return (
        (theirs.smmu === next.smmu) === (theirPlace.smmu === place.smmu) &&
        (theirs.group === next.group) === (theirPlace.group === place.group)
      );
    });
    const found = fits ? choose(wanted, devices, [...chosen, device]) : null;
    if (found !== null) return found;
  }
  return null;
}

const edu = (place: string): readonly string[] => ['-device', `edu,dma_mask=0xffffffffffffffff,${place}`];

/** Two alone in their groups, two that share one, one behind a bridge to conventional PCI, which has two StreamIDs. */
const DEVICES = [
  ...edu('bus=pcie.0,addr=2.0'),
  ...edu('bus=pcie.0,addr=3.0'),
  ...edu('bus=pcie.0,addr=4.0,multifunction=on'),
  ...edu('bus=pcie.0,addr=4.1'),
  '-device',
  'pcie-pci-bridge,id=conventional,bus=pcie.0,addr=5.0',
  ...edu('bus=conventional,addr=1.0'),
];

const NAMED = ['0000:00:02.0', '0000:00:03.0', '0000:00:04.0', '0000:00:04.1', '0000:01:01.0'];

const smmu = (bus: string, id: string, stage: string): readonly string[] => [
  '-device',
  `arm-smmuv3,primary-bus=${bus},id=${id},stage=${stage}`,
];

export const LAB_MACHINES: readonly LabMachine[] = [
  {
    name: 'two-smmus',
    summary: 'five devices behind one SMMUv3 with both stages, one behind another',
    hardware: [
      ...smmu('pcie.0', 'smmu0', 'nested'),
      ...['-device', 'pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0,addr=0xa'],
      ...smmu('pcie.1', 'smmu1', 'nested'),
      ...['-device', 'pcie-root-port,id=port1,bus=pcie.1,chassis=1,slot=1'],
      ...edu('bus=port1,addr=0.0'),
      ...DEVICES,
    ],
    nests: true,
    devices: [...NAMED, '0000:09:00.0'],
  },
  {
    name: 'one-smmu',
    summary: 'five devices behind one SMMUv3 with both stages',
    hardware: [...smmu('pcie.0', 'smmu0', 'nested'), ...DEVICES],
    nests: true,
    devices: NAMED,
  },
  {
    name: 'stage-1',
    summary: 'the same devices behind an SMMUv3 without stage 2: no nesting',
    hardware: [...smmu('pcie.0', 'smmu0', '1'), ...DEVICES],
    nests: false,
    devices: NAMED,
  },
];

/** What a guest has beside its machine's devices. */
export interface GuestHardware {
  readonly processors: number;
  readonly accelerator: 'tcg' | 'kvm';
  /** Whether it is to run VMMs. */
  readonly runsVmms?: boolean;
}

/** What is emulated costs: a kernel that finds few extensions of the architecture is carried out in a tenth less time. */
function processorOf(accelerator: GuestHardware['accelerator'], runsVmms: boolean): string {
  if (accelerator === 'kvm') return 'host';
  return runsVmms ? 'max,pauth-impdef=on' : 'cortex-a72';
}

/** What QEMU is started with. The agent speaks on its standard input and output, the kernel's console goes to a file. */
export function qemuArguments(
  machine: LabMachine,
  files: {
    readonly firmware: string;
    readonly kernel: string;
    readonly initramfs: string;
    readonly console: string;
  },
  { processors, accelerator, runsVmms = false }: GuestHardware,
): readonly string[] {
  const names = machine.devices.map((bdf) => `nestcheck.device=${bdf}`);
  // `edu` takes a tenth of a second for a transfer, and a call that hangs, its time-out: an emulated guest that waits for time
  // to pass need not.
  const isAlone = accelerator === 'tcg' && processors === 1;
  return [
    ...(isAlone ? ['-icount', 'shift=0,sleep=off'] : []),
    // A VMM needs EL2, and memory for a guest of its own.
    ...['-machine', `virt,gic-version=3${runsVmms ? ',virtualization=on' : ''}`, '-accel', accelerator],
    ...['-smp', String(processors), '-m', runsVmms ? '3G' : '1G'],
    ...['-cpu', processorOf(accelerator, runsVmms)],
    ...['-nodefaults', '-nographic', '-no-reboot', '-bios', files.firmware],
    ...['-kernel', files.kernel, '-initrd', files.initramfs, '-serial', `file:${files.console}`],
    ...['-chardev', 'stdio,id=agent,signal=off', '-device', 'virtio-serial-pci,bus=pcie.0,addr=6.0'],
    ...['-device', 'virtserialport,chardev=agent'],
    ...machine.hardware,
    '-append',
    // Addresses are the same in every run; devices stay powered, or each open would take a tenth of a second.
    ['console=ttyAMA0 acpi=force norandmaps vfio_pci.disable_idle_d3=1 panic=-1', ...names].join(' '),
  ];
}
