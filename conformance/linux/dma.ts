import type { DeviceHardware } from '../../model/platform/platform.ts';
import { dataAccess } from '../../model/smmu/architecture/access.ts';
import type { Outcome } from '../../model/smmu/architecture/outcome.ts';
import { consumeEvents } from '../../model/smmu/qemu/event-queue.ts';
import { translateCached } from '../../model/smmu/qemu/translate.ts';
import type { Command } from '../../model/world/command.ts';
import { readBytes, writeBytes } from '../../model/world/memory/memory.ts';
import { ramOffsetOf } from '../../model/world/memory/user-pages.ts';
import { BUFFER_BYTES } from './dma-device.ts';
import { type Machine, readPhysical, type System, type SystemRules, stepSystem } from './system.ts';

const PAGE_BYTES = 4096;

/** What cannot reach memory is retried in pieces of this size, each a transaction of its own. */
const REFUSED_BYTES = 4;

export interface Transfer {
  readonly device: number;
  readonly direction: 'from-mem' | 'to-mem';
  readonly iova: bigint;
  readonly length: number;
}

interface Translated {
  readonly system: System & { readonly machine: Machine };
  readonly outcome: Outcome;
}

/** DMA between a device's buffer and memory, page by page. What cannot be read is read as zero. */
export function transfer(system: System, dma: Transfer, rules: SystemRules): System {
  const { machine } = system;
  if (machine === null) return system;
  const length = Math.min(dma.length, BUFFER_BYTES);
  let current: Translated['system'] = { ...system, machine };
  for (let done = 0; done < length; ) {
    const iova = BigInt.asUintN(64, dma.iova + BigInt(done));
    const translated = translateFor(current, dma.device, iova, dma.direction === 'to-mem', rules);
    const left = Math.min(length - done, PAGE_BYTES - Number(iova % BigInt(PAGE_BYTES)));
    const { outcome } = translated;
    const address = outcome.kind === 'translated' ? outcome.address : null;
    const size =
      address === null ? Math.min(left, REFUSED_BYTES - Number(iova % BigInt(REFUSED_BYTES))) : left;
    current = move(translated.system, dma, address, done, size);
    done += size;
  }
  return current;
}

/** A device raises its MSI, a write of four bytes. Gives whether it reached the doorbell. */
export function raiseMsi(
  system: System,
  device: number,
  rules: SystemRules,
): { readonly system: System; readonly fired: boolean } {
  const { machine, world } = system;
  const address = machine?.devices[device]?.msiAddress ?? null;
  if (machine === null || address === null) return { system, fired: false };
  const translated = translateFor({ ...system, machine }, device, address, true, rules);
  const { outcome } = translated;
  const doorbell = world.platform.its[world.platform.devices[device]?.its ?? 0]?.doorbell;
  const fired =
    outcome.kind === 'translated' && outcome.address - (outcome.address % BigInt(PAGE_BYTES)) === doorbell;
  return { system: translated.system, fired };
}

/** One transaction through the device's pSMMU; an event that it records reaches the kernel at once. */
function translateFor(
  system: Translated['system'],
  device: number,
  address: bigint,
  write: boolean,
  rules: SystemRules,
): Translated {
  const { world, machine } = system;
  const hardware = world.platform.devices[device] as DeviceHardware;
  const smmu = machine.smmus[hardware.smmu];
  // Behind a bridge to conventional PCI, DMA arrives under the bridge's own requester ID.
  const streamId = hardware.streamIds.at(-1);
  if (smmu === undefined || streamId === undefined)
    return { system, outcome: { kind: 'silent', response: 'abort' } };
  const access = dataAccess(streamId, address, write ? 'write' : 'read');
  const {
    smmu: after,
    outcome,
    event,
  } = translateCached(smmu, access, readPhysical(world, machine), rules.rules);
  const smmus = machine.smmus.map((other, index) => (index === hardware.smmu ? consumeEvents(after) : other));
  const translated = { world, machine: { ...machine, smmus } };
  if (event === undefined) return { system: translated, outcome };
  const command: Command = { actor: `device:${hardware.id}`, command: 'smmuEvent', args: { words: event } };
  const { system: reported } = stepSystem(translated, command, rules);
  return { system: { world: reported.world, machine: reported.machine ?? translated.machine }, outcome };
}

/** Moves one piece between buffer and memory; null: nothing answered. */
function move(
  system: Translated['system'],
  { device, direction }: Transfer,
  address: bigint | null,
  offset: number,
  size: number,
): Translated['system'] {
  const { world, machine } = system;
  const at = address === null ? null : ramOffsetOf(world.platform, address);
  const buffer = machine.devices[device]?.buffer ?? new Uint8Array(BUFFER_BYTES);
  if (direction === 'to-mem') {
    if (at === null) return system;
    const memory = writeBytes(machine.memory, at, buffer.subarray(offset, offset + size));
    return { world, machine: { ...machine, memory } };
  }
  const filled = buffer.slice();
  filled.set(at === null ? new Uint8Array(size) : readBytes(machine.memory, at, size), offset);
  const devices = machine.devices.map((each, index) =>
    index === device ? { ...each, buffer: filled } : each,
  );
  return { world, machine: { ...machine, devices } };
}
