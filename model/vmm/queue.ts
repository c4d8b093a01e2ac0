import { VIOMMU_INVALIDATE_DATA } from '../../spec/iommufd/constants.ts';
import { type Command, decodeCommand, encodeCommand } from '../../spec/smmuv3/command.ts';
import type { CommandPair } from '../../spec/smmuv3/illegal-command.ts';
import { streamsNamed } from '../../spec/smmuv3/invalidation.ts';
import { CommandError } from '../../spec/smmuv3/registers.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';
import type { Words } from '../world/command.ts';
import { deviceMeant } from './buses.ts';
import { CMDQEN, type Control } from './control.ts';
import { entriesInvalidated, invalidationsComplete } from './held.ts';
import { isRam } from './iommufd.ts';
import { readGuest } from './memory.ts';
import { call, numberOf, type Vmm, vmOf } from './process.ts';
import { reconfigure } from './reconfigure.ts';
import { isEmpty, next, type Ring, ringOf, slotAt } from './ring.ts';
import type { CommandKind } from './rules.ts';
import { isEnabled } from './stream.ts';
import type { Backing } from './vm.ts';
import { backingOf, changeVsmmu, vsmmuAt } from './vsmmu.ts';

/*
 * The guest's command queue (IHI0070 4, 7.1). It goes on from where it is whenever there is a reason to, and stands still
 * at a command that failed, until the guest has acknowledged that.
 */

/** Bytes and words of a command (struct iommu_viommu_arm_smmuv3_invalidate). */
const COMMAND_BYTES = 16;
export const COMMAND_WORDS = 2;

/** GERROR.CMDQ_ERR. */
const COMMAND_ERROR = 1 << 0;

/** Where CMDQ_CONS.ERR begins, and the bits below. */
const ERR_SHIFT = 24;
const RD_MASK = 0xf_ffff;
const ERR_MASK = 0x7f;

export function commandRing({ tx }: Vmm, { CMDQ_BASE, CMDQ_PROD, CMDQ_CONS }: Control): Ring {
  return ringOf(CMDQ_BASE, CMDQ_PROD, CMDQ_CONS, tx.rules.vmm.queuesAreAligned);
}

/** Whether an error waits for the guest to acknowledge it. */
export function isStopped({ GERROR, GERRORN }: Control): boolean {
  return ((GERROR ^ GERRORN) & COMMAND_ERROR) !== 0;
}

/** CMDQ_CONS.ERR, while an error waits. */
export function commandErrorOf(control: Control): number {
  return isStopped(control) ? (control.CMDQ_CONS >>> ERR_SHIFT) & ERR_MASK : CommandError.None;
}

/**
 * Consumes what is in the queue. Configuration is the VMM's business; invalidations of what the pSMMU caches go to the
 * kernel in batches, each finished before the next command that is not one of them. CONS is at the command that failed.
 */
export function consume(vmm: Vmm, index: number): void {
  const batch: CommandPair[] = [];
  for (;;) {
    const { cr0, control } = vsmmuAt(vmm, index);
    if ((cr0 & CMDQEN) === 0 || isStopped(control)) return;
    const ring = commandRing(vmm, control);
    const at = ahead(ring, batch.length);
    if (isEmpty({ ...ring, cons: at })) {
      flush(vmm, index, batch);
      return;
    }
    const words = fetch(vmm, slotAt(ring, at, COMMAND_WORDS));
    if (words === null) {
      if (flush(vmm, index, batch)) fail(vmm, index, CommandError.Abort);
      return;
    }
    const command = decodeCommand(words);
    const kind = kindOf(vmm, index, command, words);
    if (kind === 'host') {
      batch.push(words);
      if (batch.length >= vmm.tx.rules.vmm.mostInBatch && !flush(vmm, index, batch)) return;
      continue;
    }
    if (!flush(vmm, index, batch)) return;
    if (kind === 'illegal' || !carryOut(vmm, index, command, kind)) {
      note(vmm, index, words, false);
      fail(vmm, index, CommandError.Illegal);
      return;
    }
    advance(vmm, index, words, command);
  }
}

function ahead(ring: Ring, by: number): number {
  let at = ring.cons;
  for (let n = 0; n < by; n++) at = next(ring, at);
  return at;
}

function fetch(vmm: Vmm, address: bigint): CommandPair | null {
  if (!isRam(vmm.tx.world, vmm.index, address)) return null;
  const { memory } = vmOf(vmm);
  return [readGuest(memory, address), readGuest(memory, address + 8n)];
}

/** What is to be done about a command; those for streams with no nested device are nobody's. */
function kindOf(vmm: Vmm, index: number, command: Command | undefined, words: CommandPair): CommandKind {
  const vsmmu = vsmmuAt(vmm, index);
  const registers = vsmmu.registers ?? EMULATED_REGISTERS;
  const kind = vmm.tx.rules.vmm.commandKind(command, words, registers, isEnabled(vsmmu));
  if (kind !== 'host' || command === undefined || !('StreamID' in command.fields)) return kind;
  if (vmm.tx.rules.vmm.handsOnForeignStreams) return kind;
  // Nothing is cached for a stream with no nested device, and the kernel does not know its StreamID.
  const device = deviceMeant(vmm, index, command.fields.StreamID);
  return device?.place?.kind === 'nested' && device.place.vdevice !== null ? kind : 'nothing';
}

/** Whether a command that is no host's did what it should. */
function carryOut(vmm: Vmm, index: number, command: Command | undefined, kind: CommandKind): boolean {
  return command === undefined || kind !== 'configuration' || reconfigure(vmm, index, command);
}

/** A command is done: CONS goes on, and what the architecture says of caches has happened. */
function advance(vmm: Vmm, index: number, words: CommandPair, command: Command | undefined): void {
  const { control } = vsmmuAt(vmm, index);
  const ring = commandRing(vmm, control);
  const { CMDQ_CONS } = control;
  const above = CMDQ_CONS - (CMDQ_CONS & (2 ** (ring.log2Size + 1) - 1));
  changeVsmmu(vmm, index, { control: { ...control, CMDQ_CONS: above + next(ring, ring.cons) } });
  note(vmm, index, words, true);
  if (command?.name === 'CFGI_STE' || command?.name === 'CFGI_STE_RANGE')
    entriesInvalidated(vmm, index, streamsNamed(command));
  if (command?.name === 'SYNC') invalidationsComplete(vmm, index);
}

function note(vmm: Vmm, index: number, words: CommandPair, done: boolean): void {
  vmm.tx.effects.push({ kind: 'guestCommand', vm: vmOf(vmm).name, vsmmu: index, words, done });
}

/** The queue stops at CONS. */
function fail(vmm: Vmm, index: number, error: number): void {
  const { control } = vsmmuAt(vmm, index);
  const { GERROR, CMDQ_CONS } = control;
  changeVsmmu(vmm, index, {
    control: {
      ...control,
      GERROR: GERROR ^ COMMAND_ERROR,
      CMDQ_CONS: (CMDQ_CONS & RD_MASK) + error * 2 ** ERR_SHIFT,
    },
  });
}

/** Hands the invalidations collected so far to the kernel; false where it refuses one of them, at which CONS then is. */
function flush(vmm: Vmm, index: number, batch: CommandPair[]): boolean {
  if (batch.length === 0) return true;
  const commands = batch.splice(0);
  const { backings } = vsmmuAt(vmm, index);
  let handled = commands.length;
  for (const backing of backings) {
    const took = handOn(vmm, index, backing, commands, backings.length > 1);
    if (vmm.tx.rules.vmm.refusedInvalidationStops) handled = Math.min(handled, took);
  }
  for (const words of commands.slice(0, handled)) advance(vmm, index, words, decodeCommand(words));
  const failed = commands[handled];
  if (failed === undefined) return true;
  note(vmm, index, failed, false);
  fail(vmm, index, CommandError.Illegal);
  return false;
}

/** How many of the commands one vIOMMU took. */
function handOn(
  vmm: Vmm,
  index: number,
  backing: Backing,
  commands: readonly CommandPair[],
  isOneOfSeveral: boolean,
): number {
  const vsmmu = vsmmuAt(vmm, index);
  const registers = vsmmu.registers ?? EMULATED_REGISTERS;
  const meant = (words: CommandPair): boolean => {
    if (!isOneOfSeveral) return true;
    const fields: Readonly<Record<string, unknown>> = decodeCommand(words)?.fields ?? {};
    if (typeof fields.StreamID !== 'number') return true;
    // What one of several vIOMMUs is to hear: of TLBs all of it, of streams its own.
    const device = deviceMeant(vmm, index, fields.StreamID);
    return device === null || backingOf(vsmmu, device) === backing;
  };
  const own = commands.flatMap((words, at) => (meant(words) ? [at] : []));
  if (own.length === 0) return commands.length;
  const data: Words = own.flatMap((at) => [
    ...vmm.tx.rules.vmm.commandForKernel(commands[at] as CommandPair, registers),
  ]);
  const told = call(vmm, 'hwptInvalidate', {
    fd: backing.fd,
    hwptId: backing.viommu,
    dataType: VIOMMU_INVALIDATE_DATA.ARM_SMMUV3,
    entryLen: COMMAND_BYTES,
    entryNum: own.length,
    data,
  });
  if (told.ok) return commands.length;
  return own[Math.min(numberOf(told, 'entryNum'), own.length - 1)] ?? 0;
}

/** CMD_SYNC, which a guest puts in the place of a command that failed. */
export const SYNC: CommandPair = encodeCommand('SYNC');
