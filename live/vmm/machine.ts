import { type Machine, machineOf } from '../../conformance/vmm/command-line.ts';
import { RAM_BYTES } from './layout.ts';

/*
 * The machine that the VMM builds: two vSMMUs, each with ports to which devices are plugged. Its command line is what a recording of a
 * VMM begins with.
 */

/** A port behind which a device can be. */
export interface Port {
  readonly id: string;
  readonly vsmmu: number;
  /** The bus that it is on, by its number. */
  readonly on: number;
  readonly slot: number;
  /** The number that the firmware gives the bus behind it. */
  readonly bus: number;
  /** Where the firmware puts the registers of the device behind it. */
  readonly bar: bigint;
}

const PORTS_OF_EACH = 3;
/** The number of the second vSMMU's root bus. */
const SECOND_BUS = 8;
const FIRST_SLOT = 4;

export const PORTS: readonly Port[] = [0, 1].flatMap((vsmmu) =>
  Array.from({ length: PORTS_OF_EACH }, (_, at): Port => {
    const index = vsmmu * PORTS_OF_EACH + at;
    const on = vsmmu === 0 ? 0 : SECOND_BUS;
    return {
      id: `port${index}`,
      vsmmu,
      on,
      slot: vsmmu === 0 ? FIRST_SLOT + at : at,
      bus: on + 1 + at,
      bar: 0x1000_0000n + 0x100_0000n * BigInt(index),
    };
  }),
);

export function portNamed(id: string): Port | null {
  return PORTS.find((port) => port.id === id) ?? null;
}

/** Numbers that a guest can give the buses behind a vSMMU's ports. */
export function busesOf(vsmmu: number): readonly number[] {
  const first = vsmmu === 0 ? 1 : SECOND_BUS + 1;
  return Array.from({ length: 7 }, (_, at) => first + at);
}

/** A device that is there when the machine is started. */
export interface Cold {
  readonly device: string;
  readonly port: Port;
}

const smmu = (bus: string, at: number, ril: string): readonly string[] => [
  '-device',
  `arm-smmuv3,primary-bus=${bus},id=smmuv3.${at},accel=on,ats=off,ril=${ril},ssidsize=0,oas=44`,
];

/** The VMM's command line behind its name, but for what the driver in the guest adds. */
export function wordsOf(cold: readonly Cold[]): readonly string[] {
  return [
    ...['-M', 'virt,gic-version=3', '-accel', 'kvm', '-cpu', 'host', '-m', `${RAM_BYTES >> 20n}M`, '-S'],
    ...['-nodefaults', '-display', 'none', '-object', 'iommufd,id=iommufd0'],
    ...smmu('pcie.0', 0, 'on'),
    ...['-device', `pxb-pcie,id=pcie.1,bus_nr=${SECOND_BUS},bus=pcie.0,addr=0xa`],
    ...smmu('pcie.1', 1, 'off'),
    ...PORTS.flatMap(({ id, vsmmu, slot }, at) => [
      '-device',
      `pcie-root-port,id=${id},bus=pcie.${vsmmu},addr=${slot.toString(16)},chassis=${1 + at},slot=${1 + at}`,
    ]),
    ...cold.flatMap(({ device, port }) => [
      '-device',
      `vfio-pci,host=${device},iommufd=iommufd0,bus=${port.id},id=${idOf(device, 0)}`,
    ]),
  ];
}

/** What a device is called by the operator, the `count`th time that it is plugged. */
export function idOf(device: string, count: number): string {
  return `d${device.replaceAll(/[^0-9a-f]/g, '')}n${count}`;
}

export function machineFor(cold: readonly Cold[]): Machine {
  return machineOf(wordsOf(cold).join(' '));
}
