import type { IommuHardware, UserMemory } from '../../model/platform/platform.ts';
import { HW_INFO_TYPE } from '../../spec/iommufd/constants.ts';
import { bytesOfHex } from '../hex.ts';
import { InputError } from '../input-error.ts';
import { recordedLines } from '../recorded-lines.ts';
import { Reads } from '../recorder/queues.ts';
import { type Line, type LineOf, parseLine } from './lines.ts';
import { isInMemory } from './memory-files.ts';

/** What GET_HW_INFO shows of an IOMMU: of an SMMUv3 its ID registers, of a VT-d unit its capabilities, of others that it is one. */
export type Registers = Pick<IommuHardware, 'kind' | 'idr' | 'iidr' | 'aidr' | 'vtd'>;

/** What a recording says of its machine. */
export interface Description {
  readonly setups: readonly LineOf<'setup'>[];
  /** By device. */
  readonly registers: ReadonlyMap<string, Registers>;
  /** What the process had mapped at any time; that it unmaps something is another thing (`unmodelled.ts`). */
  readonly memory: readonly UserMemory[];
  /** As `meta` says it, or else as the answers show it; null: nothing shows it. */
  readonly pageSize: bigint | null;
  readonly hugePages: boolean | null;
  /** Whether it has calls of VFIO's old containers. */
  readonly hasContainers: boolean;
  /** `uname -r`; null: the recording does not say. */
  readonly kernel: string | null;
  /** Whether the process did nothing that is not recorded. */
  readonly complete: boolean;
  /** What the recorded processes read of event queues. */
  readonly reads: Reads;
}

/** Only these lines describe; the others are not even parsed here. */
const DESCRIBES = /"ev":\s*"(?:meta|setup|open|mmap|legacy|read|close)"|"nr":\s*"0x(?:8a|76|84|85)"/;

const BIND = 0x76;
const GET_HW_INFO = 0x8a;
const IOVA_RANGES = 0x84;

/** Devices of one machine. */
const MAX_DEVICES = 256;

/** Reads what a recording says of its machine: its `setup` and `meta` lines, and the registers that the kernel told it. */
export async function describe(path: string): Promise<Description> {
  const setups: LineOf<'setup'>[] = [];
  const memory: UserMemory[] = [];
  const registers = new Map<string, Registers>();
  const cdevs = new Map<string, string>();
  /** Device by descriptor, and by iommufd and id; numbers are given anew after each section, so the last one counts. */
  const files = new Map<string, string>();
  const bound = new Map<string, string>();
  const inMemory = new Set<string>();
  let meta: LineOf<'meta'> | null = null;
  let hasContainers = false;
  const pages = new PageEvidence();
  const reads = new Reads();
  for await (const { number, line } of recordedLines(path, DESCRIBES, parseLine)) {
    if (line === null) continue;
    hasContainers ||= line.ev === 'legacy';
    if (line.ev === 'setup') {
      if (setups.length === MAX_DEVICES)
        throw new InputError(path, number, `expected at most ${MAX_DEVICES} devices`);
      if (setups.some(({ bdf }) => bdf === line.bdf))
        throw new InputError(path, number, `"bdf": expected each device once, ${line.bdf} comes again`);
      setups.push(line);
      const told = line.hw_type === undefined ? null : registersOf(line.hw_type, line.hw_info ?? '');
      if (told !== null) registers.set(line.bdf, told);
      if (line.cdev !== undefined) cdevs.set(line.cdev, line.bdf);
    }
    reads.note(line, number);
    if (line.ev === 'meta') meta = line;
    if (line.ev === 'mmap') pushRegion(memory, line, inMemory);
    if (line.ev === 'open') note(files, line, cdevs.get(line.path));
    if (line.ev === 'open') noteMemory(inMemory, line);
    if (line.ev !== 'ioctl') continue;
    const nr = Number(line.nr);
    if (nr === BIND || nr === GET_HW_INFO) noteIoctl(line, files, bound, registers);
    else if (line.ret === 0) pages.note(line, nr === IOVA_RANGES);
  }
  return {
    setups,
    hasContainers,
    registers,
    memory,
    pageSize: meta?.page_size === undefined ? pages.size : BigInt(meta.page_size),
    hugePages: meta?.thp ?? pages.huge(),
    kernel: meta?.kernel ?? null,
    complete: meta?.complete ?? false,
    reads,
  };
}

/** `inMemory`: descriptors of files that are memory, which is the process's own to whoever pins pages. */
function pushRegion(memory: UserMemory[], line: LineOf<'mmap'>, inMemory: ReadonlySet<string>): void {
  if (line.bar !== undefined) return;
  if (line.fd !== undefined && !inMemory.has(keyOf(line, line.fd))) return;
  const start = BigInt(line.va);
  const last = start + BigInt(line.len) - 1n;
  if (last < start || (line.prot !== undefined && !line.prot.includes('r'))) return;
  if (memory.some((region) => region.start <= last && start <= region.last)) return;
  memory.push({ start, last, writable: line.prot === undefined || line.prot.includes('w') });
}

function note(files: Map<string, string>, line: LineOf<'open'>, bdf: string | undefined): void {
  if (line.ret < 0) return;
  const key = keyOf(line, line.ret);
  if (bdf === undefined) files.delete(key);
  else files.set(key, bdf);
}

function noteMemory(inMemory: Set<string>, line: LineOf<'open'>): void {
  const key = keyOf(line, line.ret);
  if (isInMemory(line.path)) inMemory.add(key);
  else inMemory.delete(key);
}

/** A descriptor among those of all processes. */
function keyOf({ pid = 0 }: Line, fd: number): string {
  return `${pid}:${fd}`;
}

function noteIoctl(
  line: LineOf<'ioctl'>,
  files: ReadonlyMap<string, string>,
  bound: Map<string, string>,
  registers: Map<string, Registers>,
): void {
  if (line.ret !== 0) return;
  const out = new DataView(Uint8Array.from(bytesOfHex(line.out.padEnd(80, '0'))).buffer);
  const word = (at: number): number => out.getUint32(at, true);
  if (Number(line.nr) === BIND) {
    const bdf = files.get(keyOf(line, line.fd));
    if (bdf !== undefined) bound.set(`${keyOf(line, word(8))}:${word(12)}`, bdf);
    return;
  }
  const bdf = bound.get(`${keyOf(line, line.fd)}:${word(8)}`);
  const told = registersOf(word(24), line.bufs?.[0]?.out ?? '');
  if (bdf !== undefined && told !== null && told.kind !== 'plain') registers.set(bdf, told);
}

const FIXED_IOVA = 1;
const USUAL_PAGE = 0x1000n;
const HUGE_PAGE = 0x20_0000n;

/**
 * What the answers show of pages. Tables are of the kernel's pages, and IOVA_RANGES tells the alignment that they ask for. An
 * IOVA that the kernel chooses is aligned as its memory is if there are huge pages, up to those, and else to a page.
 */
class PageEvidence {
  size: bigint | null = null;
  private aligned = 0;
  private unaligned = 0;

  note(line: LineOf<'ioctl'>, isRanges: boolean): void {
    const out = new DataView(Uint8Array.from(bytesOfHex(line.out.padEnd(80, '0'))).buffer);
    if (isRanges) {
      const alignment = out.getBigUint64(24, true);
      if (alignment > USUAL_PAGE) this.size = alignment;
      return;
    }
    if ((out.getUint32(4, true) & FIXED_IOVA) !== 0) return;
    const [va, length, iova] = [16, 24, 32].map((at) => out.getBigUint64(at, true)) as [
      bigint,
      bigint,
      bigint,
    ];
    const wanted = [va & -va, HUGE_PAGE].reduce(
      (least, each) => (each !== 0n && each < least ? each : least),
      power(length),
    );
    if (wanted <= (this.size ?? USUAL_PAGE)) return;
    if (iova % wanted === 0n) this.aligned++;
    else this.unaligned++;
  }

  /** Null: no answer shows it. */
  huge(): boolean | null {
    if (this.unaligned > 0) return false;
    return this.aligned === 0 ? null : true;
  }
}

/** The least power of two that is no less. */
function power(value: bigint): bigint {
  let result = 1n;
  while (result < value) result <<= 1n;
  return result;
}

/** What a struct of this type says, if the caller had room for all of it. */
function registersOf(type: number, hex: string): Registers | null {
  const view = new DataView(Uint8Array.from(bytesOfHex(hex)).buffer);
  const word = (at: number): number => view.getUint32(4 * at, true);
  switch (type) {
    case HW_INFO_TYPE.ARM_SMMUV3:
      if (view.byteLength < SMMUV3_BYTES) return null;
      return { kind: 'smmuv3', idr: [2, 3, 4, 5, 6, 7].map(word), iidr: word(8), aidr: word(9) };
    case HW_INFO_TYPE.INTEL_VTD:
      if (view.byteLength < VTD_BYTES) return null;
      return {
        ...NO_ID,
        kind: 'vtd',
        vtd: { cap: view.getBigUint64(8, true), ecap: view.getBigUint64(16, true) },
      };
    default:
      return { ...NO_ID, kind: 'plain' };
  }
}

/** Bytes of struct iommu_hw_info_arm_smmuv3 and of struct iommu_hw_info_vtd. */
const SMMUV3_BYTES = 40;
const VTD_BYTES = 24;

const NO_ID = { idr: [0, 0, 0, 0, 0, 0], iidr: 0, aidr: 0 } as const;
