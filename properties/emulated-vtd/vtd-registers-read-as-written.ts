import type { EmulatedVtd } from '../../model/vtd/emulated/emulated.ts';
import { hex } from '../look.ts';
import { bits } from '../own/bits.ts';
import { hasEmulatedVtd } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { isCold } from './emulation.ts';

/* What is read from registers behind a write to one (VT-d 11.4), read anew. */

const ALL = (1n << 64n) - 1n;
const F = 1n << 63n;
const PFO = 0x1;
const PPF = 0x2;
const IQE = 0x10;
/** Of GSTS_REG. */
const QIES = 26;
const RTPS = 30;
const TES = 31;
const MOST_MASK = 18;

interface Write {
  readonly register: string;
  readonly value: bigint;
  readonly before: EmulatedVtd;
  readonly after: EmulatedVtd;
  /** ECAP_REG.SMTS and ADMS. */
  readonly scalable: boolean;
  readonly aborts: boolean;
}

function writeOf({ before, command, world, result }: Transition): Write | null {
  const { emulatedVtd: hardware } = before.platform;
  if (command.command !== 'vtdWrite' || !result.ok || hardware === undefined) return null;
  const { emulatedVtd: old } = before;
  const { emulatedVtd: now } = world;
  if (old === null || now === null) return null;
  const { register, value } = command.args;
  const scalable = bits(hardware.ecap, 43, 1) === 1;
  const aborts = bits(hardware.ecap, 52, 1) === 1;
  return { register, value, before: old, after: now, scalable, aborts };
}

function differs(name: string, given: bigint | number, expected: bigint | number): Violation {
  return BigInt(given) === BigInt(expected)
    ? null
    : `${name} reads ${hex(BigInt(given))}, and is to read ${hex(BigInt(expected))}`;
}

function modeOf(rtaddr: bigint, { scalable, aborts }: Write): string {
  const mode = bits(rtaddr, 10, 2);
  if (mode === 0) return 'legacy';
  if (mode === 1 && scalable) return 'scalable';
  return mode === 3 && aborts ? 'abort' : 'invalid';
}

/** GCMD_REG: what is on, the root table, and that nothing is cached once either has changed. */
function globalCommand(write: Write): Violation {
  const { value, before, after } = write;
  const [queue, root, translation] = [QIES, RTPS, TES].map((at) => bits(value, at, 1));
  const { gsts, rtaddr } = before.registers;
  const wasRoot = bits(BigInt(gsts), RTPS, 1);
  const others =
    BigInt(gsts) & ~((1n << BigInt(QIES)) | (1n << BigInt(RTPS)) | (1n << BigInt(TES))) & 0xffff_ffffn;
  const on = (flag: number | undefined, at: number): bigint => BigInt(flag ?? 0) << BigInt(at);
  const expected = others | on(queue, QIES) | on((root ?? 0) | wasRoot, RTPS) | on(translation, TES);
  const status = differs('GSTS_REG', after.registers.gsts, expected);
  if (status !== null) return status;
  if (after.vtd.enabled !== (translation === 1)) return 'translation is not as TES says';
  if (root === 1) {
    const { mode, address } = after.vtd.root;
    if (mode !== modeOf(rtaddr, write) || address !== rtaddr - (rtaddr % 0x1000n))
      return `the root table is at ${hex(address)} in ${mode} mode, and RTADDR_REG says ${hex(rtaddr)}`;
  }
  const empties = root === 1 || after.vtd.enabled !== before.vtd.enabled;
  const { iotlb, contexts } = after.vtd;
  return empties && Object.keys(iotlb).length + Object.keys(contexts).length > 0
    ? 'caches are not empty behind a change of translation'
    : null;
}

/** CCMD_REG and IOTLB_REG, where no queue is on: done, at the granularity that they tell. */
function contextCommand({ value, before, after }: Write): Violation {
  const { ccmd } = after.registers;
  if (bits(value, 63, 1) === 0 || isOn(before)) return null;
  const wanted = bits(value, 61, 2);
  const told = bits(ccmd, 59, 2);
  if (bits(ccmd, 63, 1) === 1) return 'ICC is still set';
  if ((told === 0) !== (wanted === 0) || told > wanted)
    return `CAIG is ${told}, where ${wanted} was asked for`;
  const left = Object.keys(after.vtd.contexts).map(Number);
  const mask = [0xffff, 0xfffb, 0xfff9, 0xfff8][bits(value, 32, 2)] ?? 0;
  const meant = left.find(
    (source) => told === 1 || (told === 3 && ((source ^ bits(value, 16, 16)) & mask) === 0),
  );
  return meant === undefined ? null : `the context entry of ${hex(BigInt(meant))} is still cached`;
}

function isOn({ registers }: EmulatedVtd): boolean {
  return bits(BigInt(registers.gsts), QIES, 1) === 1;
}

function iotlbCommand({ value, before, after }: Write): Violation {
  const { iotlb, iva } = after.registers;
  if (bits(value, 63, 1) === 0 || isOn(before)) return null;
  const [wanted, domain, mask] = [bits(value, 60, 2), bits(value, 32, 16), bits(iva, 0, 6)];
  const expected = wanted === 3 && mask > MOST_MASK ? 0 : wanted;
  if (bits(iotlb, 63, 1) === 1) return 'IVT is still set';
  if (bits(iotlb, 57, 2) !== expected) return `IAIG is ${bits(iotlb, 57, 2)}, and is to be ${expected}`;
  const first = ((iva >> 12n) >> BigInt(mask)) << BigInt(mask);
  const kept = Object.values(after.vtd.iotlb).find((entry) => {
    if (expected === 1) return true;
    if (expected === 0 || entry.domainId !== domain) return false;
    const end = entry.page + (1n << BigInt(9 * (entry.level - 1)));
    const meets = entry.page < first + (1n << BigInt(mask)) && first < end;
    return expected === 2 || (!entry.firstStage && meets);
  });
  return kept === undefined ? null : `the translation of ${hex(kept.page << 12n)} is still cached`;
}

/** FSTS_REG: ones clear PFO and IQE. A queue that goes on may stop again. */
function faultStatus({ value, before, after }: Write): Violation {
  const keeps = PFO | PPF | (bits(value, 4, 1) === 0 ? IQE : 0);
  const expected = before.registers.fsts & ~(Number(value & 0xffn) & PFO);
  return differs('FSTS_REG', after.registers.fsts & keeps, expected & keeps);
}

/** FRCD_REG: one clears F, and PPF goes with it. */
function faultRecord({ value, before, after }: Write): Violation {
  const [low, high] = before.registers.record;
  const now = (value & F) === 0n ? high : high & ~F;
  const pending = (now & F) === 0n ? 0 : PPF;
  return (
    differs('FRCD_REG', after.registers.record[0], low) ??
    differs('FRCD_REG', after.registers.record[1], now) ??
    differs('FSTS_REG', after.registers.fsts, (before.registers.fsts & ~PPF) | pending)
  );
}

function wrongIn(write: Write): Violation {
  const { register, value, before, after, scalable } = write;
  switch (register) {
    case 'GCMD':
      return globalCommand(write);
    case 'RTADDR':
      return differs('RTADDR_REG', after.registers.rtaddr, value & ALL & ~(scalable ? 0x3ffn : 0xfffn));
    case 'IQA': {
      const low = scalable ? 0x807n : 0x7n;
      return differs('IQA_REG', after.registers.iqa, value & ((ALL & ~0xfffn) | low));
    }
    case 'IVA':
      return differs('IVA_REG', after.registers.iva, value & (ALL & ~0xf80n));
    case 'CCMD':
      return contextCommand(write);
    case 'IOTLB':
      return iotlbCommand(write);
    case 'FSTS':
      return faultStatus(write);
    case 'FRCD':
      return faultRecord(write);
    case 'ICS':
      return differs('ICS_REG', after.registers.ics, (value & 1n) === 1n ? 0 : before.registers.ics);
    default:
      return null;
  }
}

/** Behind a reset: nothing translated, cached or recorded. */
function afterReset({ command, result, world: { emulatedVtd } }: Transition): Violation {
  if (command.command !== 'vtdReset' || !result.ok || emulatedVtd === null) return null;
  const { vtd, registers } = emulatedVtd;
  const { gsts, fsts, record, rtaddr, iqa, iqt, iqh, ics } = registers;
  const isZero = [gsts, fsts, ...record, rtaddr, iqa, iqt, iqh, ics].every((word) => BigInt(word) === 0n);
  return isZero && !vtd.enabled && isCold(emulatedVtd)
    ? null
    : 'a register or a cache is as before the reset';
}

export const vtdRegistersReadAsWritten: StepProperty = {
  id: 'vtd-registers-read-as-written',
  sentence:
    'After a write to a register of an emulated VT-d unit, its registers read as documented, and nothing is cached that the write invalidates. After a reset, they are as at power-on.',
  source: 'VT-d 11.4; a second reading of it',
  kind: 'step',
  appliesTo: hasEmulatedVtd,
  brokenBy: 'vtd-queue-stays-on',
  violated(transition) {
    const write = writeOf(transition);
    return write === null ? afterReset(transition) : wrongIn(write);
  },
  witness: (transition) => writeOf(transition)?.register === 'GCMD',
};
