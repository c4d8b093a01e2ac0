import { dataAccess, type ReadMemory64 } from '../../model/smmu/architecture/access.ts';
import type { Outcome } from '../../model/smmu/architecture/outcome.ts';
import type { SmmuArchitectureRules } from '../../model/smmu/architecture/rules.ts';
import { abortCommand, cmdqConsOf, issueCommands } from '../../model/smmu/qemu/command.ts';
import { abortEvent, eventqProdOf } from '../../model/smmu/qemu/event-queue.ts';
import {
  following,
  type QemuSmmu,
  reset,
  writeCr0,
  writeCr2,
  writeGbpa,
  writeGerrorn,
  writeStreamTable,
} from '../../model/smmu/qemu/smmu.ts';
import { translateCached } from '../../model/smmu/qemu/translate.ts';
import { decode, encode } from '../../spec/bits.ts';
import { cmdqCons, eventqCons, eventqProd, gerror } from '../../spec/smmuv3/registers.ts';
import type { RecordedMemory } from './recorded-memory.ts';
import { entryAddress, type Ring, ringOf } from './ring.ts';
import type { Episode, RegisterName, SequenceFile } from './sequence-file.ts';

const COMMAND_BYTES = 16n;
const RECORD_BYTES = 32n;
const WORD_BYTES = 8n;

/** A transaction's end, and the record of it that was written to the event queue. */
export interface TransactionEnd {
  readonly outcome: Outcome;
  readonly event: readonly bigint[] | undefined;
}

const [CMDQ_ERR = 0n] = encode(gerror, { CMDQ_ERR: 1 });

/** An SMMU with its registers and queues as software sees them, on memory that the recording describes. */
export class SmmuMachine {
  readonly rules: SmmuArchitectureRules;
  /** Is told of each command that is executed. */
  readonly #executed: (words: readonly bigint[]) => void;
  readonly #memory: RecordedMemory;
  readonly #ownCommands = new Map<number, readonly bigint[]>();
  readonly #written = new Map<RegisterName, bigint>();
  #smmu: QemuSmmu;
  #commands: Ring;
  #events: Ring;
  #overflowFlag = 0;

  constructor(
    file: SequenceFile,
    episode: Episode,
    memory: RecordedMemory,
    rules: SmmuArchitectureRules,
    executed: (words: readonly bigint[]) => void = () => {},
  ) {
    this.rules = rules;
    this.#executed = executed;
    this.#memory = memory;
    this.#smmu = reset(file.registers);
    const { CMDQS, EVENTQS } = this.#smmu.implementation.idr1;
    this.#commands = { base: null, log2Size: CMDQS };
    this.#events = { base: null, log2Size: EVENTQS };
    this.#resize();
    const { CR0, ...others } = episode.registers;
    for (const [name, value] of Object.entries(others)) this.write(name as RegisterName, BigInt(value ?? 0));
    if (CR0 !== undefined) this.write('CR0', BigInt(CR0));
  }

  get smmu(): QemuSmmu {
    return this.#smmu;
  }

  /** What answers at an address, by the rules. */
  readonly reach: ReadMemory64 = (address) => this.#memory.read(address) ?? this.rules.outsideRam(address);

  /** Software writes a register. What waits in the command queue is executed as far as it goes then. */
  write(name: RegisterName, value: bigint): void {
    this.#written.set(name, value);
    if (name.startsWith('CMDQ_') || name.startsWith('EVENTQ_')) this.#writeQueue(name, value);
    else this.#smmu = this.#after(name, Number(BigInt.asUintN(32, value)));
    this.#consume();
  }

  #after(name: RegisterName, value: number): QemuSmmu {
    switch (name) {
      case 'CR0':
        return writeCr0(this.#smmu, value);
      case 'CR2':
        return writeCr2(this.#smmu, value);
      case 'GBPA':
        return writeGbpa(this.#smmu, value);
      case 'GERRORN':
        return writeGerrorn(this.#smmu, value);
      case 'STRTAB_BASE':
      case 'STRTAB_BASE_CFG': {
        const configuration = Number(this.#written.get('STRTAB_BASE_CFG') ?? 0n);
        const base = this.#written.get('STRTAB_BASE') ?? 0n;
        return writeStreamTable(this.#smmu, base, configuration, this.rules);
      }
      default:
        return this.#smmu;
    }
  }

  #writeQueue(name: RegisterName, value: bigint): void {
    const { CMDQS, EVENTQS } = this.#smmu.implementation.idr1;
    const indexIn = ({ log2Size }: Ring, index: number): number => index % 2 ** (log2Size + 1);
    switch (name) {
      case 'CMDQ_BASE':
        this.#commands = ringOf(value, CMDQS, COMMAND_BYTES);
        this.#resize();
        break;
      case 'EVENTQ_BASE':
        this.#events = ringOf(value, EVENTQS, RECORD_BYTES);
        this.#resize();
        break;
      case 'CMDQ_PROD':
        this.#setCommands({ prod: indexIn(this.#commands, decode(cmdqCons, [value]).RD) });
        break;
      case 'CMDQ_CONS':
        this.#setCommands({ cons: indexIn(this.#commands, decode(cmdqCons, [value]).RD) });
        break;
      case 'EVENTQ_PROD': {
        const { WR, OVFLG } = decode(eventqProd, [value]);
        this.#overflowFlag = OVFLG;
        this.#setEvents({ prod: indexIn(this.#events, WR) });
        break;
      }
      case 'EVENTQ_CONS': {
        const { RD, OVACKFLG } = decode(eventqCons, [value]);
        const overflowed = this.#smmu.eventQueue.overflowed && OVACKFLG !== this.#overflowFlag;
        this.#setEvents({ cons: indexIn(this.#events, RD), overflowed });
        break;
      }
    }
  }

  /** What software reads of a register. */
  read(name: RegisterName): bigint {
    const { smmu } = this;
    switch (name) {
      case 'GBPA':
        return BigInt(smmu.gbpa);
      case 'GERROR':
        return BigInt(smmu.gerror);
      case 'GERRORN':
        return BigInt(smmu.gerrorn);
      case 'CMDQ_PROD':
        return BigInt(smmu.commandQueue.prod);
      case 'CMDQ_CONS':
        return BigInt(cmdqConsOf(smmu));
      case 'EVENTQ_PROD':
        return (BigInt(eventqProdOf(smmu)) & 0xf_ffffn) | (BigInt(this.#overflowFlag) << 31n);
      case 'EVENTQ_CONS': {
        const acknowledged = smmu.eventQueue.overflowed ? 1 - this.#overflowFlag : this.#overflowFlag;
        const [value = 0n] = encode(eventqCons, { RD: smmu.eventQueue.cons, OVACKFLG: acknowledged });
        return value;
      }
      default:
        return this.#written.get(name) ?? 0n;
    }
  }

  /** The bits of a register that mean something: CMDQ_CONS.ERR does only while its error is active (IHI0070 6.3.28). */
  meant(name: RegisterName): bigint {
    const all = (1n << 64n) - 1n;
    const active = ((this.#smmu.gerror ^ this.#smmu.gerrorn) & Number(CMDQ_ERR)) !== 0;
    if (name !== 'CMDQ_CONS' || active || this.rules.commandErrorStays) return all;
    const [error = 0n] = encode(cmdqCons, { ERR: 0x7f });
    return all & ~error;
  }

  /** Software puts commands behind the others in the queue, and tells the SMMU. */
  queue(commands: readonly (readonly bigint[])[]): void {
    let { prod } = this.#smmu.commandQueue;
    for (const words of commands) {
      const address = entryAddress(this.#commands, prod, COMMAND_BYTES);
      if (address === null) this.#ownCommands.set(prod % 2 ** this.#commands.log2Size, words);
      else this.#memory.write(address, words);
      prod = following(prod, this.#commands.log2Size);
    }
    this.write('CMDQ_PROD', BigInt(prod));
  }

  /** Software takes every record out of the event queue. */
  take(): void {
    this.write('EVENTQ_CONS', this.read('EVENTQ_PROD'));
  }

  transact(streamId: number, iova: bigint, write: boolean): TransactionEnd {
    const access = dataAccess(streamId, iova, write ? 'write' : 'read');
    const before = this.#smmu.eventQueue;
    const place = entryAddress(this.#events, before.prod, RECORD_BYTES);
    const { smmu, outcome, event } = translateCached(this.#smmu, access, this.reach, this.rules);
    this.#smmu = smmu;
    if (!before.overflowed && smmu.eventQueue.overflowed) this.#overflowFlag = 1 - this.#overflowFlag;
    if (event === undefined) return { outcome, event };
    if (place !== null && this.reach(place) === undefined) {
      this.#smmu = abortEvent({ ...smmu, eventQueue: before });
      return { outcome, event: undefined };
    }
    const record = this.rules.queuedEvent(event);
    if (place !== null) this.#memory.write(place, record);
    return { outcome, event: record };
  }

  /** These records were written instead of those since the queue had stood there. */
  recorded(since: number, records: readonly (readonly bigint[])[]): void {
    let prod = since;
    for (const record of records) {
      const place = entryAddress(this.#events, prod, RECORD_BYTES);
      if (place !== null) this.#memory.write(place, record);
      prod = following(prod, this.#events.log2Size);
    }
    this.#setEvents({ prod });
  }

  /** Executes what waits, as far as it goes. */
  #consume(): void {
    for (;;) {
      const { commandsEnabled, commandQueue, gerror: raised, gerrorn } = this.#smmu;
      const stopped = ((raised ^ gerrorn) & Number(CMDQ_ERR)) !== 0;
      if (!commandsEnabled || stopped || commandQueue.prod === commandQueue.cons) return;
      const words = this.#fetch(commandQueue.cons);
      if (words === undefined) {
        this.#smmu = abortCommand(this.#smmu);
        return;
      }
      const { smmu, executed } = issueCommands(this.#smmu, [words], this.rules);
      this.#smmu = smmu;
      if (executed > 0) this.#executed(words);
    }
  }

  #fetch(index: number): readonly bigint[] | undefined {
    const address = entryAddress(this.#commands, index, COMMAND_BYTES);
    if (address === null) return this.#ownCommands.get(index % 2 ** this.#commands.log2Size) ?? [0n, 0n];
    const first = this.reach(address);
    const second = this.reach(address + WORD_BYTES);
    return first === undefined || second === undefined ? undefined : [first, second];
  }

  #resize(): void {
    this.#setCommands({ log2Size: this.#commands.log2Size });
    this.#setEvents({ log2Size: this.#events.log2Size });
  }

  #setCommands(changes: Partial<QemuSmmu['commandQueue']>): void {
    this.#smmu = { ...this.#smmu, commandQueue: { ...this.#smmu.commandQueue, ...changes } };
  }

  #setEvents(changes: Partial<QemuSmmu['eventQueue']>): void {
    this.#smmu = { ...this.#smmu, eventQueue: { ...this.#smmu.eventQueue, ...changes } };
  }
}
