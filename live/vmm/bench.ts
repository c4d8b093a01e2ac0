import { hexOfBytes, overwrite } from '../../conformance/hex.ts';
import { bootSystem, type System } from '../../conformance/linux/system.ts';
import { Inputs } from '../../conformance/vmm/inputs.ts';
import type { LineOf, OwnLine } from '../../conformance/vmm/lines.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import { type ControlName, isWide } from '../../model/vmm/control.ts';
import type { Vm, Vsmmu } from '../../model/vmm/vm.ts';
import type { Words } from '../../model/world/command.ts';
import { REGISTER_OFFSETS } from '../../spec/smmuv3/register-offsets.ts';
import { type Cold, machineFor } from './machine.ts';
import { hexOf, lineOf, type Planned, type Seen } from './planned.ts';

const ECAM = 0x40_1000_0000n;
export const FIRST_SMMU = 0xc00_0000n;
const SMMU_STEP = 0x2_0000n;
const OFFSETS: Readonly<Record<string, number>> = REGISTER_OFFSETS;

/** Accesses of a guest, as lines of a recording and as operations of qtest, while the model follows what comes of them. */
export class Bench {
  readonly rules: Rules;
  readonly #inputs: Inputs;
  #system: System;
  #planned: Planned[] = [];

  constructor(platform: Platform, rules: Rules, cold: readonly Cold[]) {
    this.rules = rules;
    this.#inputs = new Inputs(machineFor(cold));
    this.#system = bootSystem(platform, true);
  }

  get system(): System {
    return this.#system;
  }

  get vm(): Vm {
    const [vm] = this.#system.world.vms;
    if (vm === undefined) throw new Error('a platform with a virtual machine has one');
    return vm;
  }

  vsmmu(index: number): Vsmmu | null {
    return this.vm.vsmmus[index] ?? null;
  }

  /** What was planned since this was last asked. */
  taken(): readonly Planned[] {
    const planned = this.#planned;
    this.#planned = [];
    return planned;
  }

  /** Something happens; gives whether the model says that it was done. */
  act(input: OwnLine, operations: readonly string[], replies = false): boolean {
    const { act } = this.#inputs.of(input, this.#system);
    const happened = act?.(this.#system, this.rules);
    if (happened !== undefined) this.#system = happened.system;
    if (input.ev === 'qmp' && happened?.result.ok === false) this.#inputs.refuse();
    this.#planned.push({ operations, input, sees: replies ? { kind: 'reply' } : null });
    return happened?.result.ok ?? true;
  }

  /** A device moves something, and the VMM's loop takes what events come of it. */
  move(input: LineOf<'transfer'>, operations: readonly string[]): void {
    this.#system = this.#inputs.transfer(input, 'live')(this.#system, this.rules).system;
    for (const vsmmu of this.vm.vsmmus.keys())
      if (this.#inputs.hasEvents(this.#system, vsmmu))
        this.#system = this.#inputs.serve(vsmmu)(this.#system, this.rules).system;
    this.#planned.push({ operations, input, sees: null });
  }

  see(sees: Seen, operations: readonly string[]): void {
    this.#planned.push({ operations, input: null, sees });
  }

  /** `settling`: operations that wait for what follows from it. */
  config(bdf: string, off: number, value: number, len: 2 | 4, settling: readonly string[] = []): void {
    const [bus = 0, slot = 0] = bdf.split(/[:.]/).map((part) => Number.parseInt(part, 16));
    const address = ECAM + (BigInt((bus << 8) | (slot << 3)) << 12n) + BigInt(off);
    const line = lineOf({ ev: 'guest-config', bdf, off, val: hexOf(value), len });
    this.act(line, [`qtest write${len === 4 ? 'l' : 'w'} ${hexOf(address)} ${hexOf(value)}`, ...settling]);
  }

  /** A register of a vSMMU, or (`half`: 1 low, 2 high) the half of one. */
  write(index: number, register: ControlName, value: bigint, half = 0): void {
    const offset = OFFSETS[register];
    if (offset === undefined || this.vsmmu(index) === null) return;
    const isHalf = isWide(register) && half !== 0;
    const isHigh = isHalf && half === 2;
    const isWhole = isWide(register) && !isHalf;
    const smmu = smmuAt(index);
    const val = hexOf(isWhole ? value : value & 0xffff_ffffn);
    const address = hexOf(BigInt(smmu) + BigInt(offset) + (isHigh ? 4n : 0n));
    const reg = isHigh ? `${register}+4` : register;
    const line = lineOf({ ev: 'guest-write', reg, smmu, val, ...(isHalf ? { len: 4 } : {}) });
    this.act(line, [`qtest write${isWhole ? 'q' : 'l'} ${address} ${val}`]);
  }

  read(index: number, register: string): void {
    const offset = OFFSETS[register];
    if (offset === undefined || this.vsmmu(index) === null) return;
    const smmu = smmuAt(index);
    const width = isWide(register as ControlName) ? 'q' : 'l';
    this.see({ kind: 'read', reg: register, smmu }, [
      `qtest read${width} ${hexOf(BigInt(smmu) + BigInt(offset))}`,
    ]);
  }

  /** Zeros, and words over them. */
  store(address: bigint, words: Words, zeros = 0): void {
    const bytes = new Uint8Array(Math.max(8 * words.length, zeros));
    overwrite(bytes, words);
    if (bytes.length > 0) this.storeHex(address, hexOfBytes(bytes));
  }

  storeHex(address: bigint, hex: string): void {
    const line = lineOf({ ev: 'guest-store', pa: hexOf(address), hex });
    this.act(line, [`qtest write ${hexOf(address)} ${hexOf(hex.length / 2)} 0x${hex}`]);
  }
}

function smmuAt(index: number): string {
  return hexOf(FIRST_SMMU + SMMU_STEP * BigInt(index));
}
