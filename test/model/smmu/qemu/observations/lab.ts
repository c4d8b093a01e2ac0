import { dataAccess, type ReadMemory64 } from '../../../../../model/smmu/architecture/access.ts';
import { issueCommands } from '../../../../../model/smmu/qemu/command.ts';
import { consumeEvents } from '../../../../../model/smmu/qemu/event-queue.ts';
import { type QemuSmmu, reset, writeCr0, writeStreamTable } from '../../../../../model/smmu/qemu/smmu.ts';
import { translateCached } from '../../../../../model/smmu/qemu/translate.ts';
import { smmuQemu11 } from '../../../../../overrides/deviations/smmu-qemu-11.ts';
import { encode } from '../../../../../spec/bits.ts';
import { type Cd, cd } from '../../../../../spec/smmuv3/cd.ts';
import { type CommandFields, type CommandName, encodeCommand } from '../../../../../spec/smmuv3/command.ts';
import { decodeEvent, EventClass } from '../../../../../spec/smmuv3/event.ts';
import { type Ste, ste } from '../../../../../spec/smmuv3/ste.ts';
import { map, type Tables } from '../../tables.ts';

/** The recorded machine: its identification registers, its RAM, its stream table and its device. */
export const REGISTERS = {
  IDR0: 0x0d44101b,
  IDR1: 0x02730010,
  IDR2: 0,
  IDR3: 0x1414,
  IDR4: 0,
  IDR5: 0x74,
  IIDR: 0,
  AIDR: 1,
} as const;
export const SID = 8;
export const RAM = { start: 0x4000_0000n, end: 0x5000_0000n } as const;
/** An address where no memory answers. */
export const OUTSIDE = 0x6000_0000n;
export const STRTAB = 0x4010_0000n;
export const LINEAR_256 = 8;
export const CR0_ALL = 0b1101;

/** A machine of RAM, one SMMU with QEMU's rules, and a device that makes 4-byte accesses. */
export class Lab {
  smmu: QemuSmmu = writeCr0(writeStreamTable(reset(REGISTERS), STRTAB, LINEAR_256, smmuQemu11), CR0_ALL);
  streamId = SID;
  private readonly words = new Map<bigint, bigint>();
  private events: string[] = [];

  readonly read: ReadMemory64 = (address) =>
    address < RAM.start || address + 8n > RAM.end ? undefined : (this.words.get(address) ?? 0n);

  store(address: bigint, words: readonly bigint[]): void {
    words.forEach((word, index) => {
      this.words.set(address + BigInt(index * 8), word);
    });
  }

  ste(fields: Partial<Ste>, streamId = SID): void {
    this.store(STRTAB + BigInt(streamId * 64), encode(ste, fields));
  }

  cd(address: bigint, fields: Partial<Cd>): void {
    this.store(address, encode(cd, fields));
  }

  map(tables: Tables, input: bigint, descriptor: bigint, leafLevel = 3): void {
    map(this.words, tables, input, descriptor, leafLevel);
  }

  command<Name extends CommandName>(name: Name, fields: Partial<CommandFields<Name>> = {}): void {
    this.commands([encodeCommand(name, fields)]);
  }

  commands(words: readonly (readonly bigint[])[]): void {
    this.smmu = issueCommands(this.smmu, words, smmuQemu11).smmu;
  }

  /** Invalidates every cache. */
  afresh(): void {
    this.command('CFGI_STE_RANGE', { Range: 31 });
    this.command('TLBI_NSNH_ALL');
    this.command('SYNC');
  }

  /** The device reads at `iova`: what it found. */
  reads(iova: bigint): string {
    const pa = this.access(iova, 'read');
    return `R ${hex(iova)} -> ${pa === undefined ? 'no data' : `PA ${hex(pa)}`}`;
  }

  /** The device writes at `iova`: where that was found, or that it was not where one would look. */
  writes(iova: bigint, lookedAt = 0n): string {
    const pa = this.access(iova, 'write');
    return `W ${hex(iova)} -> ${pa === undefined ? `not at ${hex(lookedAt)}` : `landed at PA ${hex(pa)}`}`;
  }

  private access(iova: bigint, direction: 'read' | 'write'): bigint | undefined {
    const incoming = dataAccess(this.streamId, iova, direction);
    const { smmu, outcome, event } = translateCached(this.smmu, incoming, this.read, smmuQemu11);
    this.smmu = smmu;
    if (event !== undefined) this.events.push(describeEvent(event));
    if (outcome.kind !== 'translated') return undefined;
    const { address } = outcome;
    return address >= RAM.start && address + 4n <= RAM.end ? address : undefined;
  }

  /** The events since the last call, as the driver would read them from the queue. */
  takeEvents(): string {
    const taken = this.events.length === 0 ? '-' : this.events.join(' ; ');
    this.events = [];
    return taken;
  }

  drainQueue(): void {
    this.smmu = consumeEvents(this.smmu);
  }
}

export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

function describeEvent(words: readonly bigint[]): string {
  const event = decodeEvent(words);
  if (event === undefined) return `unknown ${words.map(hex).join(' ')}`;
  const name = `0x${((words[0] ?? 0n) & 0xffn).toString(16).padStart(2, '0')} ${event.name}`;
  const { fields } = event;
  if ('CLASS' in fields) {
    const [className = '?'] = Object.entries(EventClass).find(([, value]) => value === fields.CLASS) ?? [];
    const attributes = `S2=${fields.S2} CLASS=${className} RnW=${fields.RnW} PnU=${fields.PnU}`;
    return `${name} ${attributes} iova=${hex(fields.InputAddr)} ipa=${hex(words[3] ?? 0n)}`;
  }
  const fetch = 'FetchAddr' in fields ? ` w2=${hex(words[2] ?? 0n)} w3=${hex(words[3] ?? 0n)}` : '';
  return `${name} sid=${fields.StreamID}${fetch}`;
}

/** One observation: its name, what is done, what was seen, and the events that were read. */
export type Observation = readonly [name: string, act: (lab: Lab) => string, seen: string, events: string];

/** Observations made one after the other on one machine. */
export interface Scenario {
  readonly name: string;
  readonly machine: () => Lab;
  readonly observations: readonly Observation[];
}
