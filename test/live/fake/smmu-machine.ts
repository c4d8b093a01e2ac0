import type { SmmuArchitectureRules } from '../../../model/smmu/architecture/rules.ts';
import { cmdqConsOf, queueCommands } from '../../../model/smmu/qemu/command.ts';
import { eventqProdOf } from '../../../model/smmu/qemu/event-queue.ts';
import {
  type QemuSmmu,
  reset,
  resetAgain,
  writeCr0,
  writeGbpa,
  writeGerrorn,
  writeStreamTable,
} from '../../../model/smmu/qemu/smmu.ts';
import { translateCached } from '../../../model/smmu/qemu/translate.ts';
import type { IdRegisterValues } from '../../../spec/smmuv3/id-registers.ts';
import { REGISTER_OFFSETS } from '../../../spec/smmuv3/register-offsets.ts';
import { FakeEdu, type Transfer } from './edu.ts';
import { type FakeMachine, wordIn } from './machine.ts';

const SMMU = 0x0c00_0000;
const SMMU_BYTES = 0x2_0000;
const ECAM = 0x40_1000_0000;
const ECAM_BYTES = 0x10_0000;
const RAM = { first: 0x4000_0000n, end: 0x8000_0000n };
const PAGE = 4096;

const NAMES = new Map<number, string>(Object.entries(REGISTER_OFFSETS).map(([name, at]) => [at, name]));

/** `virt` with an SMMU that is the model's, under rules of its own. */
export class FakeSmmuMachine implements FakeMachine {
  readonly #rules: SmmuArchitectureRules;
  readonly #ids: IdRegisterValues;
  readonly #pages = new Map<bigint, Uint8Array>();
  readonly #devices = new Map<number, FakeEdu>();
  readonly #written = new Map<string, bigint>();
  #smmu: QemuSmmu;

  constructor(ids: IdRegisterValues, rules: SmmuArchitectureRules) {
    this.#ids = ids;
    this.#rules = rules;
    this.#smmu = reset(ids);
  }

  get isTranslating(): boolean {
    return this.#smmu.enabled;
  }

  reset(): void {
    this.#smmu = resetAgain(this.#smmu, this.#ids, this.#rules);
    for (const device of this.#devices.values()) device.reset();
    // Description of the machine.
    this.write(RAM.first, new Uint8Array(64).fill(0xd0));
  }

  write(address: bigint, bytes: Uint8Array): void {
    this.#eachPage(address, bytes.length, (page, offset, at, size) =>
      page.set(bytes.subarray(at, at + size), offset),
    );
  }

  read(address: bigint, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.#eachPage(address, size, (page, offset, at, count) =>
      bytes.set(page.subarray(offset, offset + count), at),
    );
    return bytes;
  }

  #eachPage(
    address: bigint,
    size: number,
    take: (page: Uint8Array, offset: number, at: number, size: number) => void,
  ): void {
    for (let at = 0; at < size; ) {
      const where = address + BigInt(at);
      const offset = Number(where % BigInt(PAGE));
      const count = Math.min(PAGE - offset, size - at);
      if (where >= RAM.first && where < RAM.end) take(this.#page(where), offset, at, count);
      at += count;
    }
  }

  store(address: bigint, value: bigint, size: 4 | 8): void {
    const at = Number(address);
    if (at >= SMMU && at < SMMU + SMMU_BYTES) {
      this.#storeRegister(NAMES.get(at - SMMU) ?? '', value);
      return;
    }
    if (at >= ECAM && at < ECAM + ECAM_BYTES) {
      this.#configure(at - ECAM, value);
      return;
    }
    const device = [...this.#devices.values()].find((each) => each.has(at));
    if (device !== undefined) {
      device.store(at, value);
      return;
    }
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    this.write(address, bytes.slice(0, size));
  }

  load(address: bigint): bigint {
    const at = Number(address);
    if (at >= SMMU && at < SMMU + SMMU_BYTES) return BigInt(this.#register(NAMES.get(at - SMMU) ?? '') >>> 0);
    return wordIn(this.read(address, 8)) & 0xffff_ffffn;
  }

  /** There are no ports. */
  out(): void {}

  tick(): readonly ('read' | 'write')[] {
    return [...this.#devices].flatMap(([stream, device]) => {
      const transfer = device.take();
      return transfer === null ? [] : [this.#transfer(stream, device, transfer)];
    });
  }

  #transfer(
    stream: number,
    { buffer }: FakeEdu,
    { write, address, count, offset }: Transfer,
  ): 'read' | 'write' {
    const access = {
      ...{ streamId: stream, substreamId: undefined, address, write },
      ...{ privileged: false, instruction: false },
    };
    const { smmu, outcome, event } = translateCached(
      this.#smmu,
      access,
      (word) =>
        word >= RAM.first && word < RAM.end ? wordIn(this.read(word, 8)) : this.#rules.outsideRam(word),
      this.#rules,
    );
    const { prod } = this.#smmu.eventQueue;
    this.#smmu = smmu;
    if (event !== undefined) {
      const record = new Uint8Array(32);
      for (const [index, word] of this.#rules.queuedEvent(event).entries())
        new DataView(record.buffer).setBigUint64(8 * index, word, true);
      this.write(this.#slot('EVENTQ_BASE', prod, 32n), record);
    }
    const reached = outcome.kind === 'translated' ? outcome.address : null;
    if (write) {
      if (reached !== null) this.write(reached, buffer.slice(offset, offset + count));
    } else buffer.set(reached === null ? new Uint8Array(count) : this.read(reached, count), offset);
    return write ? 'write' : 'read';
  }

  #configure(offset: number, value: bigint): void {
    const stream = Math.floor(offset / PAGE);
    const device = this.#devices.get(stream) ?? new FakeEdu();
    this.#devices.set(stream, device);
    if (offset % PAGE === 0x10) device.bar = Number(value);
    if (offset % PAGE === 0x04) device.enabled = (value & 6n) === 6n;
  }

  #storeRegister(name: string, value: bigint): void {
    this.#written.set(name, value);
    const number = Number(value);
    switch (name) {
      case 'CR0':
        this.#smmu = writeCr0(this.#smmu, number);
        this.#consume();
        return;
      case 'GBPA':
        this.#smmu = writeGbpa(this.#smmu, number);
        return;
      case 'STRTAB_BASE_CFG':
        this.#smmu = writeStreamTable(
          this.#smmu,
          this.#written.get('STRTAB_BASE') ?? 0n,
          number,
          this.#rules,
        );
        return;
      case 'CMDQ_PROD':
        this.#smmu = { ...this.#smmu, commandQueue: { ...this.#smmu.commandQueue, prod: number } };
        this.#consume();
        return;
      case 'GERRORN':
        this.#smmu = writeGerrorn(this.#smmu, number);
        this.#consume();
        return;
      case 'EVENTQ_CONS':
        this.#smmu = { ...this.#smmu, eventQueue: { ...this.#smmu.eventQueue, cons: number } };
        return;
      default:
        return;
    }
  }

  /** Executes what lies in the queue's memory. */
  #consume(): void {
    const { cons, prod } = this.#smmu.commandQueue;
    const commands: bigint[][] = [];
    for (let at = cons; at !== prod; at = (at + 1) % 2 ** 20) {
      const bytes = this.read(this.#slot('CMDQ_BASE', at, 16n), 16);
      commands.push([wordIn(bytes), wordIn(bytes.slice(8))]);
    }
    this.#smmu = queueCommands({ ...this.#smmu, waiting: [] }, commands, this.#rules);
  }

  #slot(base: string, index: number, bytes: bigint): bigint {
    return ((this.#written.get(base) ?? 0n) & ~0x1fn) + BigInt(index % 2 ** 19) * bytes;
  }

  #register(name: string): number {
    switch (name) {
      case 'GERROR':
        return this.#smmu.gerror;
      case 'CMDQ_CONS':
        return cmdqConsOf(this.#smmu);
      case 'EVENTQ_PROD':
        return eventqProdOf(this.#smmu);
      default:
        return this.#ids[name as keyof IdRegisterValues] ?? 0;
    }
  }

  #page(address: bigint): Uint8Array {
    const number = address / BigInt(PAGE);
    const page = this.#pages.get(number) ?? new Uint8Array(PAGE);
    this.#pages.set(number, page);
    return page;
  }
}
