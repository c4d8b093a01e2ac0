import { VTD_SOURCES } from '../../workload/scopes/emulated-vtd-memory.ts';
import { outl } from '../emulated/operations.ts';
import { barOf } from './places.ts';

/*
 * The PC that QEMU makes: `q35`, devices on its root bus, one behind a root port (bus 1), and one behind a bridge to PCI
 * (buses 2 and 3), whose requests carry the source id of that.
 */

const ADDRESS_PORT = 0xcf8;
const DATA_PORT = 0xcfc;

/** Writes a register of a function's configuration space. */
function configure(
  bus: number,
  device: number,
  fn: number,
  register: number,
  value: number,
): readonly string[] {
  const address = 0x8000_0000 + bus * 0x1_0000 + device * 0x800 + fn * 0x100 + register;
  return [outl(ADDRESS_PORT, address), outl(DATA_PORT, value)];
}

const COMMAND = 0x04;
const BAR0 = 0x10;
const BUS_NUMBERS = 0x18;
const WINDOW = 0x20;
/** Memory accesses, and DMA. */
const ENABLED = 0x6;

/** A bridge to some buses, with a megabyte of registers behind it. */
function bridge(
  bus: number,
  device: number,
  buses: readonly [number, number],
  window: bigint,
): readonly string[] {
  const [secondary, subordinate] = buses;
  const part = Number(window >> 16n);
  return [
    ...configure(bus, device, 0, BUS_NUMBERS, subordinate * 0x1_0000 + secondary * 0x100 + bus),
    ...configure(bus, device, 0, WINDOW, part * 0x1_0000 + part),
    ...configure(bus, device, 0, COMMAND, ENABLED),
  ];
}

/** Where a device is; behind the bridge to PCI its requests carry another's source id. */
function placeOf(source: number): readonly [number, number, number] {
  return source === BEHIND_BRIDGE ? [3, 4, 0] : [source >> 8, (source >> 3) & 0x1f, source & 7];
}

const BEHIND_BRIDGE = 0x300;
const BEHIND_PORT = 0x100;

/** After a reset: buses have numbers, and devices do DMA. */
export const WAKE: readonly string[] = [
  ...bridge(0, 5, [1, 1], barOf(BEHIND_PORT)),
  ...bridge(0, 6, [2, 3], barOf(BEHIND_BRIDGE)),
  ...bridge(2, 0, [3, 3], barOf(BEHIND_BRIDGE)),
  ...VTD_SOURCES.flatMap((source) => [
    ...configure(...placeOf(source), BAR0, Number(barOf(source))),
    ...configure(...placeOf(source), COMMAND, ENABLED),
  ]),
];

const onRootBus = (source: number): readonly string[] => [
  '-device',
  `edu,bus=pcie.0,addr=${((source >> 3) & 0x1f).toString(16)}.${source & 7},multifunction=on`,
];

/** QEMU's command line, but for the unit's own properties and the control sockets. */
export function pcWords(unit: string): readonly string[] {
  return [
    ...['-machine', 'q35', '-m', '256', '-device', `intel-iommu,${unit}`],
    ...['-global', 'edu.dma_mask=0xffffffffffffffff'],
    ...VTD_SOURCES.filter((source) => source < BEHIND_PORT).flatMap(onRootBus),
    ...['-device', 'pcie-root-port,id=port1,bus=pcie.0,addr=5,chassis=1,slot=1'],
    ...['-device', 'edu,bus=port1'],
    ...['-device', 'pcie-root-port,id=port2,bus=pcie.0,addr=6,chassis=2,slot=2'],
    ...['-device', 'pcie-pci-bridge,id=bridge,bus=port2', '-device', 'edu,bus=bridge,addr=4'],
  ];
}
