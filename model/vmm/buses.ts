import type { Vmm } from './process.ts';
import type { PluggedDevice } from './vm.ts';
import { changeDevice, changeVsmmu, deviceOfVsid, vsmmuAt } from './vsmmu.ts';

/*
 * Buses by their numbers, which a guest gives them. A VMM can look a number up once, and go by what it found then
 * (`oldStreamsAnswer`): QEMU's smmu_find_smmu_pcibus() keeps the bus until a reset, whatever number that has later and whatever
 * is plugged into its port meanwhile.
 */

/** StreamIDs have 16 bits on PCI: segment-less bus, device and function. */
const REQUESTER_MASK = 0xffff;
const FUNCTION_MASK = 0xff;
const BUS_SHIFT = 8;

export function busOf(streamId: number): number {
  return (streamId & REQUESTER_MASK) >> BUS_SHIFT;
}

/** Device and function of a StreamID: its place on its bus. */
export function functionOf(streamId: number): number {
  return streamId & FUNCTION_MASK;
}

/** The StreamID of the same place on a bus with another number. */
export function onBus(number: number, streamId: number): number {
  return (number << BUS_SHIFT) | functionOf(streamId);
}

/** The device that a StreamID in a command finds. */
export function deviceMeant(vmm: Vmm, index: number, streamId: number): PluggedDevice | null {
  const vsmmu = vsmmuAt(vmm, index);
  if (!vmm.tx.rules.vmm.oldStreamsAnswer) return deviceOfVsid(vsmmu, streamId);
  const requester = streamId & REQUESTER_MASK;
  const { devices } = vsmmu;
  const before = devices.find(({ aliases }) => aliases.includes(requester));
  if (before !== undefined) return before;
  const own = devices.find(({ port, vsid }) => port === null && vsid === requester);
  if (own !== undefined) {
    changeDevice(vmm, index, own.device, { aliases: [...own.aliases, requester] });
    return own;
  }
  const port = portFound(vmm, index, busOf(requester));
  const isThere = (device: PluggedDevice): boolean =>
    device.port === port && functionOf(device.vsid) === functionOf(requester);
  return port === null ? null : (devices.find(isThere) ?? null);
}

/** The port that the number of a bus leads to, now and until the next reset; null: none, for now. */
function portFound(vmm: Vmm, index: number, number: number): string | null {
  const { buses } = vsmmuAt(vmm, index);
  const before = buses.find(({ found }) => found.includes(number));
  if (before !== undefined) return before.port;
  const bus = buses.find((each) => each.number === number);
  if (bus === undefined) return null;
  const kept = { ...bus, found: [...bus.found, number] };
  changeVsmmu(vmm, index, { buses: buses.map((each) => (each === bus ? kept : each)) });
  return bus.port;
}

/** A device came: from now on its bus can be found, also when it has gone. */
export function keepBus(vmm: Vmm, index: number, { port, vsid }: PluggedDevice): void {
  if (port === null || !vmm.tx.rules.vmm.oldStreamsAnswer) return;
  const { buses } = vsmmuAt(vmm, index);
  if (buses.some((bus) => bus.port === port)) numberBus(vmm, index, port, busOf(vsid));
  else changeVsmmu(vmm, index, { buses: [...buses, { port, number: busOf(vsid), found: [] }] });
}

/** The guest gave the bus behind a port a number. */
export function numberBus(vmm: Vmm, index: number, port: string, number: number): void {
  const { buses } = vsmmuAt(vmm, index);
  if (!buses.some((bus) => bus.port === port && bus.number !== number)) return;
  changeVsmmu(vmm, index, { buses: buses.map((bus) => (bus.port === port ? { ...bus, number } : bus)) });
}
