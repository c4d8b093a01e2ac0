import { isDoorbell, itsOf } from '../../model/platform/doorbell.ts';
import type { DeviceHardware } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import { type Access, dataAccess } from '../../model/smmu/architecture/access.ts';
import { implementationOf } from '../../model/smmu/architecture/implementation.ts';
import type { Outcome } from '../../model/smmu/architecture/outcome.ts';
import { eventWords } from '../../model/smmu/architecture/report.ts';
import { addressIn } from '../../model/smmu/driver/tables.ts';
import { noteWrite } from '../../model/smmu/permitted/history.ts';
import { permittedOutcomes } from '../../model/smmu/permitted/outcomes.ts';
import type { Setting } from '../../model/smmu/permitted/setting.ts';
import { refusedPiece } from '../../model/smmu/qemu/access-size.ts';
import { consumeEvents } from '../../model/smmu/qemu/event-queue.ts';
import { translateCached } from '../../model/smmu/qemu/translate.ts';
import type { Command, Words } from '../../model/world/command.ts';
import { readBytes, writeBytes } from '../../model/world/memory/memory.ts';
import { isPlace } from '../../model/world/memory/places.ts';
import { ramOffsetOf } from '../../model/world/memory/user-pages.ts';
import { BUFFER_BYTES, idleDevice } from './dma-device.ts';
import { registersOf } from './smmus.ts';
import { distinct, readPhysical, type System, stepSystem } from './system.ts';

const PAGE_BYTES = 4096;

export interface Transfer {
  readonly device: number;
  readonly direction: 'from-mem' | 'to-mem';
  readonly iova: bigint;
  readonly length: number;
}

/** One way in which a transaction may end, and the system then. */
interface Ended {
  readonly system: System;
  readonly outcome: Outcome;
}

interface Progress {
  readonly system: System;
  readonly done: number;
  /** How the piece before this one was refused in the same page; absent: it was not. */
  readonly refused?: Outcome | undefined;
}

/**
 * DMA between a device's buffer and memory, page by page. What cannot be read is read as zero. Gives every system that
 * may come of it.
 */
export function transfer(start: System, dma: Transfer, rules: Rules): readonly System[] {
  const length = Math.min(dma.length, BUFFER_BYTES);
  let open: readonly Progress[] = [{ system: cleared(start, dma, length), done: 0 }];
  const ended: System[] = [];
  while (open.length > 0) {
    ended.push(...open.filter(({ done }) => done >= length).map(({ system }) => system));
    open = open
      .filter(({ done }) => done < length)
      .flatMap((progress) => movePiece(progress, dma, length, rules));
  }
  return distinct(ended);
}

/** The device's buffer as it is where nothing can be read: zero, as far as it is to be filled. */
function cleared({ world, machine }: System, { device, direction }: Transfer, length: number): System {
  if (direction === 'to-mem') return { world, machine };
  const filled = withBuffer(machine, device, (buffer) => buffer.fill(0, 0, length));
  const { isUnknown: _, ...known } = filled.devices[device] ?? idleDevice;
  const devices = length < BUFFER_BYTES ? filled.devices : filled.devices.with(device, known);
  return { world, machine: { ...filled, devices } };
}

function withBuffer(
  machine: System['machine'],
  device: number,
  change: (buffer: Uint8Array<ArrayBuffer>) => void,
): System['machine'] {
  const buffer = machine.devices[device]?.buffer.slice() ?? new Uint8Array(BUFFER_BYTES);
  change(buffer);
  return { ...machine, devices: machine.devices.with(device, { ...machine.devices[device], buffer }) };
}

/**
 * What was refused in a page is refused in the rest of it, in the same way: with a choice for each piece, a page would have as many
 * endings as sets of its words.
 */
function movePiece(
  { system, done, refused }: Progress,
  dma: Transfer,
  length: number,
  rules: Rules,
): readonly Progress[] {
  const iova = BigInt.asUintN(64, dma.iova + BigInt(done));
  const left = Math.min(length - done, PAGE_BYTES - Number(iova % BigInt(PAGE_BYTES)));
  const ends =
    refused === undefined || system.machine.smmus !== null
      ? transact(system, dma.device, iova, dma.direction === 'to-mem', rules)
      : [refuseToo(system, dma.device, refusedAt(refused, iova), rules)];
  return ends.map((end) => {
    const isRefused = end.outcome.kind !== 'translated';
    const size = isRefused ? refusedPiece(iova, left) : left;
    const system = move(end, dma, done, size);
    return { system, done: done + size, refused: isRefused && size < left ? end.outcome : undefined };
  });
}

/** A refusal of another address in the same page. */
function refusedAt(outcome: Outcome, iova: bigint): Outcome {
  if (outcome.kind !== 'fault') return outcome;
  const { event } = outcome;
  const offset = iova - event.inputAddress;
  const ipa = event.stage2 && event.class === 'IN' ? event.ipa + offset : event.ipa;
  return { ...outcome, event: { ...event, inputAddress: iova, ipa } };
}

function refuseToo(system: System, device: number, outcome: Outcome, rules: Rules): Ended {
  return ending(system, hardwareOf(system, device), outcome, eventOf(outcome, rules), rules);
}

function hardwareOf({ world }: System, device: number): DeviceHardware {
  return world.platform.devices[device] as DeviceHardware;
}

/** A device raises its MSI: a write of four bytes, if the host has programmed it. Gives whether it reaches its ITS. */
export function raiseMsi(
  system: System,
  device: number,
  rules: Rules,
): readonly { readonly system: System; readonly fired: boolean }[] {
  const { platform, devices } = system.world;
  const message = devices[device]?.messages[0];
  if (message === undefined || message === null) return [{ system, fired: false }];
  return transact(system, device, message.address, true, rules).map((end) => ({
    system: end.system,
    fired:
      end.outcome.kind === 'translated' && isDoorbell(itsOf(platform, device), platform, end.outcome.address),
  }));
}

/** One transaction through the device's pSMMU; an event that it records reaches the kernel at once. */
function transact(
  system: System,
  device: number,
  address: bigint,
  write: boolean,
  rules: Rules,
): readonly Ended[] {
  const hardware = hardwareOf(system, device);
  // Behind a bridge to conventional PCI, DMA arrives under the bridge's own requester ID.
  const access = dataAccess(hardware.streamIds.at(-1) ?? 0, address, write ? 'write' : 'read');
  const { smmus } = system.machine;
  if (smmus === null) return permitted(system, hardware, access, rules);
  const smmu = smmus[hardware.iommu];
  if (smmu === undefined) return [];
  const {
    smmu: after,
    outcome,
    event,
  } = translateCached(smmu, access, readPhysical(system), rules.smmuArchitecture);
  const read = consumeEvents(after);
  const changed = read === smmu ? smmus : smmus.with(hardware.iommu, read);
  const machine = { ...system.machine, permitted: 1, smmus: changed };
  return [ending({ world: system.world, machine }, hardware, outcome, event, rules)];
}

/** Every end that the caches permit. */
function permitted(system: System, hardware: DeviceHardware, access: Access, rules: Rules): readonly Ended[] {
  const { world, machine } = system;
  const { platform } = world;
  const smmu = platform.iommus[hardware.iommu];
  if (smmu === undefined) return [];
  const setting: Setting = {
    smmu: hardware.iommu,
    implementation: implementationOf(registersOf(smmu)),
    history: machine.history,
    read: readPhysical(system),
    streamTable: machine.driver.streamTables[hardware.iommu] ?? {},
    rules: rules.smmuArchitecture,
    pageOf: (area, input) => {
      const page = input - (input % BigInt(PAGE_BYTES));
      return addressIn(area, page, platform);
    },
  };
  const outcomes = permittedOutcomes(setting, access);
  const counted = { world, machine: { ...machine, permitted: outcomes.length } };
  return outcomes.map((outcome) => ending(counted, hardware, outcome, eventOf(outcome, rules), rules));
}

function ending(
  system: System,
  { id }: DeviceHardware,
  outcome: Outcome,
  event: Words | undefined,
  rules: Rules,
): Ended {
  if (event === undefined) return { system, outcome };
  const command: Command = { actor: `device:${id}`, command: 'smmuEvent', args: { words: event } };
  return { system: stepSystem(system, command, rules).system, outcome };
}

/** The event of an outcome, where there is room for it. */
function eventOf(outcome: Outcome, rules: Rules): Words | undefined {
  return outcome.kind === 'fault' ? eventWords(outcome.event, rules.smmuArchitecture) : undefined;
}

/** Moves one piece between buffer and memory. */
function move(
  { system: { world, machine }, outcome }: Ended,
  { device, direction }: Transfer,
  offset: number,
  size: number,
): System {
  if (outcome.kind !== 'translated') return { world, machine };
  if (isPlace(outcome.address)) return { world, machine: moveUnknown(machine, device, direction) };
  const at = ramOffsetOf(world.platform, outcome.address);
  if (at === null) return { world, machine };
  if (direction === 'from-mem') {
    const bytes = readBytes(machine.memory, at, size);
    return { world, machine: withBuffer(machine, device, (buffer) => buffer.set(bytes, offset)) };
  }
  const buffer = machine.devices[device]?.buffer ?? new Uint8Array(BUFFER_BYTES);
  const memory = writeBytes(machine.memory, at, buffer.subarray(offset, offset + size));
  const history = noteWrite(machine.history, machine.memory, memory, at, size);
  const unknown = machine.devices[device]?.isUnknown;
  const written = { ...machine, memory, history };
  return { world, machine: unknown === undefined ? written : { ...written, isUnknown: unknown } };
}

/** What is read from a file or from registers is not known. */
function moveUnknown(
  machine: System['machine'],
  device: number,
  direction: Transfer['direction'],
): System['machine'] {
  const before = machine.devices[device];
  if (before === undefined) return machine;
  if (direction === 'to-mem') return { ...machine, isFileWritten: true };
  return { ...machine, devices: machine.devices.with(device, { ...before, isUnknown: true }) };
}
