import { type Access, dataAccess, type ReadMemory64 } from '../../../model/smmu/architecture/access.ts';
import { implementationOf } from '../../../model/smmu/architecture/implementation.ts';
import type { Outcome } from '../../../model/smmu/architecture/outcome.ts';
import { eventWords } from '../../../model/smmu/architecture/report.ts';
import {
  type SmmuArchitectureRules,
  smmuArchitectureIntended,
} from '../../../model/smmu/architecture/rules.ts';
import { translateThroughSte } from '../../../model/smmu/architecture/translate.ts';
import { encode, update } from '../../../spec/bits.ts';
import { type Cd, cd } from '../../../spec/smmuv3/cd.ts';
import { events } from '../../../spec/smmuv3/event.ts';
import { type IdRegisterName, idRegisters } from '../../../spec/smmuv3/id-registers.ts';
import { AddressSize, type Ste, SteConfig, ste } from '../../../spec/smmuv3/ste.ts';
import { map, type Tables, tablesAt } from './tables.ts';

/** The recorded QEMU machine's identification registers. */
export const REGISTERS: Readonly<Record<IdRegisterName, number>> = {
  IDR0: 0x0d44101b,
  IDR1: 0x02730010,
  IDR2: 0,
  IDR3: 0x1414,
  IDR4: 0,
  IDR5: 0x74,
  IIDR: 0,
  AIDR: 1,
};

/** An address where nothing answers. */
export const OUTSIDE = 0x6000_0000n;
const OUTSIDE_END = 0x7000_0000n;

/** Stage-1 leaf descriptors: page, AP[1], access flag. */
export const S1_PAGE = 0x443n;
/** Stage-2 leaf descriptors: page, Normal memory, access flag, S2AP. */
export const S2_PAGE = 0x4ffn;

export const SID = 8;
const CD_ADDRESS = 0x4020_0000n;
const TTB0 = 0x4030_0000n;
const S2TTB = 0x4040_0000n;

/** How far a guest's memory really is from where it seems to be. */
const DISTANCE = 0x1_0000_0000n;
/** Where the memory of a guest's address is. */
export const physical = (ipa: bigint): bigint => ipa - DISTANCE;
/** The guest's address of this memory. */
export const ipaOf = (address: bigint): bigint => address + DISTANCE;

export const CD: Partial<Cd> = {
  V: 1,
  AA64: 1,
  A: 1,
  R: 1,
  T0SZ: 16,
  EPD1: 1,
  IPS: AddressSize.Bits44,
  ASID: 5,
};

export const STAGE_2: Partial<Ste> = {
  S2VMID: 9,
  S2T0SZ: 24,
  S2SL0: 1,
  S2PS: AddressSize.Bits44,
  S2AA64: 1,
  S2TTB,
  S2R: 1,
};

/** One stream of one SMMU, its configuration and its tables in a memory that reads zero where nothing was written. */
export class Machine {
  registers = REGISTERS;
  readonly memory = new Map<bigint, bigint>();
  ste: Partial<Ste>;
  /** The tables of TTB0 and of stage 2. */
  readonly stage1: Tables;
  readonly stage2: Tables;
  private readonly cdAddress: bigint;

  /** A stream of this configuration; nested: its CD and stage-1 tables lie in IPA space. */
  constructor(config: number, { granule = 12 }: { readonly granule?: 12 | 14 | 16 } = {}) {
    const nested = config === SteConfig.Nested;
    const place = nested ? ipaOf : (address: bigint) => address;
    const at = nested ? physical : (address: bigint) => address;
    this.cdAddress = place(CD_ADDRESS);
    this.stage1 = tablesAt(place(TTB0), granule === 16 ? 1 : 0, { granule, physical: at });
    // Two concatenated tables of level 1 take the first 8 KiB.
    this.stage2 = { ...tablesAt(S2TTB, 1), free: S2TTB + 0x2000n };
    this.ste = { V: 1, Config: config, S1ContextPtr: this.cdAddress, ...(config & 2 ? STAGE_2 : {}) };
    this.cd({});
  }

  /** Changes fields of identification registers. */
  implementing(changes: Partial<Record<IdRegisterName, Readonly<Record<string, number>>>>): this {
    const changed = { ...this.registers };
    for (const [name, fields] of Object.entries(changes) as [IdRegisterName, Record<string, number>][]) {
      const [value = 0n] = update(idRegisters[name], [BigInt(changed[name])], fields);
      changed[name] = Number(value);
    }
    this.registers = changed;
    return this;
  }

  store(address: bigint, words: readonly bigint[]): this {
    words.forEach((word, index) => {
      this.memory.set(address + BigInt(index * 8), word);
    });
    return this;
  }

  with(fields: Partial<Ste>): this {
    this.ste = { ...this.ste, ...fields };
    return this;
  }

  /** Writes the CD: the default fields, `fields` in their place, TTB0 at the tables. */
  cd(fields: Partial<Cd>): this {
    const words = encode(cd, { ...CD, TTB0: this.stage1.root, ...fields });
    return this.store(this.stage1.physical(this.cdAddress), words);
  }

  /** Maps a page or block in stage 1. */
  s1(va: bigint, descriptor: bigint, level = 3): this {
    map(this.memory, this.stage1, va, descriptor, level);
    return this;
  }

  /** Maps a page or block in stage 2. */
  s2(ipa: bigint, descriptor: bigint, level = 3): this {
    map(this.memory, this.stage2, ipa, descriptor, level);
    return this;
  }

  /** Maps the pages of the CD and of the stage-1 tables in stage 2, where they really are. */
  s2Tables(): this {
    const page = this.cdAddress & ~0xfffn;
    this.s2(page, physical(page) | S2_PAGE);
    for (let at = this.stage1.root; at < this.stage1.free; at += 0x1000n) this.s2(at, physical(at) | S2_PAGE);
    return this;
  }

  readonly read: ReadMemory64 = (address) =>
    address >= OUTSIDE && address < OUTSIDE_END ? undefined : (this.memory.get(address) ?? 0n);

  translate(access: Access, rules: SmmuArchitectureRules = smmuArchitectureIntended): Outcome {
    const implementation = implementationOf(this.registers);
    return translateThroughSte(encode(ste, this.ste), access, implementation, this.read, rules);
  }

  reads(address: bigint, rules: SmmuArchitectureRules = smmuArchitectureIntended): string {
    return describeOutcome(this.translate(dataAccess(SID, address, 'read'), rules), rules);
  }

  writes(address: bigint, rules: SmmuArchitectureRules = smmuArchitectureIntended): string {
    return describeOutcome(this.translate(dataAccess(SID, address, 'write'), rules), rules);
  }
}

/** An outcome on one line. */
export function describeOutcome(
  outcome: Outcome,
  rules: SmmuArchitectureRules = smmuArchitectureIntended,
): string {
  switch (outcome.kind) {
    case 'translated':
      return `PA ${hex(outcome.address)}`;
    case 'silent':
      return `silent ${outcome.response}`;
    case 'unmodelled':
      return `unmodelled: ${outcome.what}`;
    case 'fault': {
      const { event, response } = outcome;
      const words = eventWords(event, rules);
      const suffix = response === 'abort' ? '' : ` ${response}`;
      if (events[event.name].type >= events.F_WALK_EABT.type) {
        const fields = `S2=${Number(event.stage2)} CLASS=${event.class} RnW=${Number(event.read)}`;
        return `${event.name} ${fields} w3=${hex(words[3] ?? 0n)}${suffix}`;
      }
      const fetch = event.fetchAddress === 0n ? '' : ` w2=${hex(words[2] ?? 0n)} w3=${hex(words[3] ?? 0n)}`;
      return `${event.name}${fetch}${suffix}`;
    }
  }
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
