import { done, type Result, refused } from '../world/result.ts';
import { busOf, numberBus, onBus } from './buses.ts';
import type { VmmArgs } from './command.ts';
import { type Control, isControlName } from './control.ts';
import { serveEvents, takeEvents } from './events.ts';
import { putMemory } from './held.ts';
import { clearGuest, writeGuest } from './memory.ts';
import { storeRegister } from './mmio.ts';
import { configure, giveVdevice } from './place.ts';
import { type Vmm, vmOf } from './process.ts';
import { COMMAND_WORDS, commandErrorOf, commandRing, isStopped, SYNC } from './queue.ts';
import { leaveVdevice } from './renumber.ts';
import { isEmpty, isFull, next, slotAt } from './ring.ts';
import { placeOfSte } from './ste-place.ts';
import type { PluggedDevice } from './vm.ts';
import { changeDevice, changeVsmmu, vsmmuAt } from './vsmmu.ts';

const ID_REGISTERS = 8;

/** The ID registers as the guest reads them, IDR0 to IDR5, IIDR, AIDR; zeros where nobody has decided them. */
export function readId(vmm: Vmm, { vsmmu }: VmmArgs['readId']): Result {
  const { registers } = vsmmuAt(vmm, vsmmu);
  const values = Array.from({ length: ID_REGISTERS }, (_, at) =>
    registers === null ? 0 : vmm.tx.rules.vmm.idRegisterAt(4 * at, registers),
  );
  return done({ data: values.map(BigInt) });
}

export function writeCr0(vmm: Vmm, { vsmmu, value }: VmmArgs['writeCr0']): Result {
  storeRegister(vmm, vsmmu, 'CR0', BigInt(value), null);
  settleQueue(vmm, vsmmu);
  return done();
}

export function writeGbpa(vmm: Vmm, { vsmmu, value }: VmmArgs['writeGbpa']): Result {
  storeRegister(vmm, vsmmu, 'GBPA', BigInt(value), null);
  return done();
}

/** A register by its name in IHI0070. EINVAL: there is none, or none that can be written. */
export function writeRegister(vmm: Vmm, args: VmmArgs['writeRegister']): Result {
  const { vsmmu, register, value, half } = args;
  if (!isControlName(register) || half < 0 || half > 2) return refused('EINVAL');
  storeRegister(vmm, vsmmu, register, value, half === 0 ? null : half === 1 ? 0 : 1);
  return done();
}

export function readRegister(vmm: Vmm, { vsmmu: index, register }: VmmArgs['readRegister']): Result {
  const { cr0, gbpa, control, registers } = vsmmuAt(vmm, index);
  const known: Readonly<Record<string, number | bigint>> = {
    ...registers,
    ...withoutState(control),
    CR0: cr0,
    GBPA: gbpa,
  };
  const value = Object.hasOwn(known, register) ? known[register] : undefined;
  return value === undefined ? refused('EINVAL') : done({ data: [BigInt(value)] });
}

function withoutState({ twoLevels: _, ...registers }: Control): Omit<Control, 'twoLevels'> {
  return registers;
}

/** Words of memory; of zeros as many bytes as are said. Nobody hears of it. */
export function storeGuest(vmm: Vmm, { address, words, zeros }: VmmArgs['storeGuest']): Result {
  if (address % 8n !== 0n || zeros % 8 !== 0) return refused('EINVAL');
  const { memory } = vmOf(vmm);
  const cleared = zeros === 0 ? memory : clearGuest(memory, address, address + BigInt(zeros));
  putMemory(vmm, words === null ? cleared : writeGuest(cleared, address, words));
  return done();
}

/** Stores a stream table entry where the guest's table has it. EINVAL: it has no place for it. */
export function writeSte(vmm: Vmm, { vsmmu: index, vsid, words }: VmmArgs['writeSte']): Result {
  const address = placeOfSte(vmm, index, vsid);
  if (address === null) return refused('EINVAL');
  return storeGuest(vmm, { address, words, zeros: STE_BYTES });
}

const STE_BYTES = 64;

/**
 * Puts commands into the command queue, as many as it has room for, and says so. How many were consumed then, and
 * CMDQ_CONS.ERR while one of them has stopped the queue.
 */
export function issueCommands(vmm: Vmm, { vsmmu: index, words: given }: VmmArgs['issueCommands']): Result {
  const words = given ?? [];
  const { control } = vsmmuAt(vmm, index);
  const ring = commandRing(vmm, control);
  let { prod } = ring;
  let { memory } = vmOf(vmm);
  for (let at = 0; at + 1 < words.length && !isFull({ ...ring, prod }); at += COMMAND_WORDS) {
    memory = writeGuest(memory, slotAt(ring, prod, COMMAND_WORDS), words.slice(at, at + COMMAND_WORDS));
    prod = next(ring, prod);
  }
  putMemory(vmm, memory);
  storeRegister(vmm, index, 'CMDQ_PROD', BigInt(prod), null);
  return answer(vmm, index, ring.cons);
}

/** What a guest's driver does about a command error: a SYNC in the place of the command, and GERRORN. */
export function acknowledge(vmm: Vmm, { vsmmu: index }: VmmArgs['acknowledge']): Result {
  const { control } = vsmmuAt(vmm, index);
  const ring = commandRing(vmm, control);
  if (isStopped(control)) {
    putMemory(vmm, writeGuest(vmOf(vmm).memory, slotAt(ring, ring.cons, COMMAND_WORDS), SYNC));
  }
  storeRegister(vmm, index, 'GERRORN', BigInt(control.GERROR), null);
  return answer(vmm, index, ring.cons);
}

function answer(vmm: Vmm, index: number, from: number): Result {
  const { control } = vsmmuAt(vmm, index);
  const ring = commandRing(vmm, control);
  const consumed = (ring.cons - from) & (2 ** (ring.log2Size + 1) - 1);
  const error = commandErrorOf(control);
  settleQueue(vmm, index);
  return done({ consumed, error });
}

/**
 * Of an empty queue it means nothing where its indices are: they are put to the start, and what was in it is erased, so
 * that worlds that differ in nothing else are one.
 */
function settleQueue(vmm: Vmm, index: number): void {
  const { control } = vsmmuAt(vmm, index);
  const ring = commandRing(vmm, control);
  if (!isEmpty(ring) || isStopped(control) || (control.CMDQ_PROD === 0 && control.CMDQ_CONS === 0)) return;
  const from = slotAt(ring, 0, COMMAND_WORDS);
  const to = from + BigInt(8 * COMMAND_WORDS) * 2n ** BigInt(ring.log2Size);
  putMemory(vmm, clearGuest(vmOf(vmm).memory, from, to));
  changeVsmmu(vmm, index, { control: { ...control, CMDQ_PROD: 0, CMDQ_CONS: 0 } });
}

/** What is in the event queue, after the VMM has put what waited for it in the kernel there. */
export function readEvents(vmm: Vmm, { vsmmu }: VmmArgs['readEvents']): Result {
  for (let more = true; more; ) more = serveEvents(vmm, vsmmu) === 'events';
  return done({ data: takeEvents(vmm, vsmmu) });
}

/** The guest gives a device's bus another number, or that of a port with all that is on it: they have other StreamIDs. */
export function renumber(vmm: Vmm, { vsmmu: index, device, to, port }: VmmArgs['renumber']): Result {
  const { devices, buses } = vsmmuAt(vmm, index);
  const behind = devices.filter((each) => (port === '' ? each.device === device : each.port === port));
  if (behind.length === 0 && !buses.some((bus) => port !== '' && bus.port === port)) return refused('ENODEV');
  if (to < 0 || to > 0xffff) return refused('EINVAL');
  const numbered = (vsid: number): number => (port === '' ? to : onBus(busOf(to), vsid));
  // Nothing keeps a guest from giving two buses one number; a VMM that keeps vDEVICEs right cannot follow it there.
  const taken = devices.filter(({ vsid }) => behind.some((each) => numbered(each.vsid) === vsid));
  if (taken.length > 0 && vmm.tx.rules.vmm.renumberMakesVdevice) return refused('EINVAL');
  if (port !== '') numberBus(vmm, index, port, busOf(to));
  for (const each of behind) giveStream(vmm, index, each, numbered(each.vsid));
  return done();
}

function giveStream(vmm: Vmm, index: number, device: PluggedDevice, vsid: number): void {
  changeDevice(vmm, index, device.device, { vsid });
  if (!vmm.tx.rules.vmm.renumberMakesVdevice) return;
  leaveVdevice(vmm, index, device);
  giveVdevice(vmm, index, device.device, vsid);
  configure(vmm, index, device.device, vsid);
}
