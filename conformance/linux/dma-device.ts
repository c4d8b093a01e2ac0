import type { Command } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { sameBytes } from '../../model/world/memory/memory.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';

/** QEMU's `edu` device: a buffer that DMA fills and empties, and one MSI. */
export interface DmaDevice {
  /** Kept whatever the process does to the device; never changed in place. */
  readonly buffer: Uint8Array;
  /** The address that its MSI is programmed with; null while MSI is off. */
  readonly msiAddress: bigint | null;
}

export const BUFFER_BYTES = 4096;

/** Offset of the register in the doorbell's page that takes MSIs (GICv2m: MSI_SETSPI_NS). */
const MSI_REGISTER = 0x40n;

export const idleDevice: DmaDevice = Object.freeze({
  buffer: new Uint8Array(BUFFER_BYTES),
  msiAddress: null,
});

/**
 * Follows what addresses the devices' MSIs are programmed with: SET_IRQS composes it for the domain that the group is on
 * then, and it stays until MSI is off.
 */
export function noteInterrupts(
  devices: readonly DmaDevice[],
  before: World,
  after: World,
  command: Command,
  { ok }: Result,
): readonly DmaDevice[] {
  if (before.devices === after.devices && command.command !== 'vfioSetIrqs') return devices;
  return devices.map((device, index) => {
    const { enabledMsi } = after.devices[index] ?? { enabledMsi: 0 };
    if (enabledMsi === 0) return device.msiAddress === null ? device : { ...device, msiAddress: null };
    const programmed = ok && command.command === 'vfioSetIrqs' && isFileOf(after, command, index);
    return programmed ? { ...device, msiAddress: msiAddressOf(after, index) } : device;
  });
}

function isFileOf(world: World, { actor, args }: Command, device: number): boolean {
  const file = fileOf({ world }, actor, (args as { readonly fd: number }).fd);
  return file?.of.kind === 'cdev' && file.of.device === device;
}

/** Its doorbell's page in the MSI window, or the doorbell itself where nothing was attached. */
function msiAddressOf(world: World, index: number): bigint | null {
  const hardware = world.platform.devices[index];
  const doorbell = hardware === undefined ? undefined : world.platform.its[hardware.its]?.doorbell;
  if (hardware === undefined || doorbell === undefined) return null;
  const { pageSize } = world.platform.kernel;
  for (const context of world.contexts) {
    const group = context?.groups.find((candidate) => candidate.group === hardware.group);
    if (context === null || group === undefined) continue;
    const map = context.msiMaps.find((m) => m.swMsiStart === group.swMsiStart && m.doorbell === doorbell);
    if (group.attach === null || map === undefined) break;
    return map.swMsiStart + BigInt(map.pgoff) * pageSize + MSI_REGISTER;
  }
  return doorbell + MSI_REGISTER;
}

export function sameBuffer(a: DmaDevice, b: DmaDevice | undefined): boolean {
  return a.buffer === b?.buffer || (b !== undefined && sameBytes(a.buffer, b.buffer));
}
