import { decode } from '../../../spec/bits.ts';
import type { WrittenRegister } from '../../../spec/vtd/register-offsets.ts';
import {
  contextCommand,
  globalCommand,
  invalidateAddress,
  iotlbCommand,
} from '../../../spec/vtd/registers.ts';
import type { GuestMemory } from '../../platform/guest-memory.ts';
import { guestWord } from '../../platform/guest-memory.ts';
import type { VtdArchitectureRules } from '../architecture/rules.ts';
import { LARGEST_MASK, setVtdRegisters, writeContextCommand, writeIotlbCommand } from '../qemu/invalidate.ts';
import type { EmulatedVtd } from './emulated.ts';
import { isQueued, resumeQueue, switchQueue, type Working, writeTail } from './queue.ts';
import { FAULT, IQE, PFO, PPF, type VtdRegisters } from './registers.ts';

type Write = (
  hardware: GuestMemory,
  state: EmulatedVtd,
  value: bigint,
  rules: VtdArchitectureRules,
) => Working;

const TES = 1 << 31;
const RTPS = 1 << 30;
const ICC = 1n << 63n;
const IVT = 1n << 63n;
const GLOBAL = 1;
const PAGES = 3;

/** What a write to each register does (VT-d 11.4). What is not writable in it stays as it is. */
export const VTD_WRITES: { readonly [Name in WrittenRegister]: Write } = {
  // TE first, then SRTP, then QIE.
  GCMD(hardware, state, value, rules) {
    const { TE, SRTP, QIE } = decode(globalCommand, [value & 0xffff_ffffn]);
    const read = (address: bigint) => guestWord(hardware, state.memory, address);
    let { vtd, registers } = state;
    const { gsts } = registers;
    if ((TE === 1) !== vtd.enabled) {
      vtd = setVtdRegisters(vtd, null, TE === 1, read, rules);
      registers = { ...registers, gsts: (TE === 1 ? registers.gsts | TES : registers.gsts & ~TES) >>> 0 };
    }
    if (SRTP === 1) {
      vtd = setVtdRegisters(vtd, registers.rtaddr, vtd.enabled, read, rules);
      registers = { ...registers, gsts: (registers.gsts | RTPS) >>> 0 };
    }
    const next = { ...state, vtd, registers };
    const wasQueued = isQueued({ registers: { ...registers, gsts } });
    return (QIE === 1) === wasQueued ? quiet(next) : switchQueue(hardware, next, QIE === 1, rules);
  },

  RTADDR: (_, state, value) => {
    const kept = state.vtd.unit.scalable ? ~0x3ffn : ~0xfffn;
    return written(state, { rtaddr: value & kept & ALL });
  },

  IQA: (_, state, value) => {
    const kept = (~0xfffn & ALL) | 7n | (state.vtd.unit.scalable ? 0x800n : 0n);
    return written(state, { iqa: value & kept });
  },

  IQT: writeTail,

  IVA: (_, state, value) => written(state, { iva: value & 0xffff_ffff_ffff_f07fn }),

  // A queue that is on has these to itself.
  CCMD(hardware, state, value, rules) {
    const own = (state.registers.ccmd & ~CCMD_WRITABLE) | (value & CCMD_WRITABLE);
    if ((own & ICC) === 0n || isQueued(state)) return written(state, { ccmd: own });
    const read = (address: bigint) => guestWord(hardware, state.memory, address);
    const { CIRG } = decode(contextCommand, [own]);
    const vtd = writeContextCommand(state.vtd, own, read, rules);
    const actual = CIRG === 2 ? GLOBAL : CIRG;
    return written({ ...state, vtd }, { ccmd: (own & ~(ICC | (3n << 59n))) | (BigInt(actual) << 59n) });
  },

  IOTLB(_, state, value, rules) {
    const { registers } = state;
    const own = (registers.iotlb & ~IOTLB_WRITABLE) | (value & IOTLB_WRITABLE);
    if ((own & IVT) === 0n || isQueued(state)) return written(state, { iotlb: own });
    const { IIRG } = decode(iotlbCommand, [own]);
    const { AM } = decode(invalidateAddress, [registers.iva]);
    const isRefused = IIRG === PAGES && AM > LARGEST_MASK;
    const vtd = writeIotlbCommand(state.vtd, own, registers.iva, rules);
    const actual = isRefused ? 0 : IIRG;
    return written({ ...state, vtd }, { iotlb: (own & ~(IVT | (3n << 57n))) | (BigInt(actual) << 57n) });
  },

  // Writing ones clears.
  FSTS(hardware, state, value, rules) {
    const { fsts } = state.registers;
    const cleared = fsts & ~(Number(value & 0xffff_ffffn) & (PFO | IQE));
    const next = { ...state, registers: { ...state.registers, fsts: cleared } };
    return (fsts & ~cleared & IQE) === 0 ? quiet(next) : resumeQueue(hardware, next, rules);
  },

  FRCD(_, state, value) {
    const { record, fsts } = state.registers;
    const high = record[1] & ~(value & FAULT);
    return written(state, {
      record: [record[0], high],
      fsts: (high & FAULT) === 0n ? fsts & ~PPF : fsts | PPF,
    });
  },

  ICS: (_, state, value) => written(state, { ics: state.registers.ics & ~Number(value & 1n) }),
};

const ALL = (1n << 64n) - 1n;
const CCMD_WRITABLE = 0xe000_0003_ffff_ffffn;
const IOTLB_WRITABLE = 0xb003_ffff_0000_0000n;

function quiet(state: EmulatedVtd): Working {
  return { state, executed: [] };
}

function written(state: EmulatedVtd, registers: Partial<VtdRegisters>): Working {
  return quiet({ ...state, registers: { ...state.registers, ...registers } });
}
