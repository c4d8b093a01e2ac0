import type { Platform, RamRange, UserMemory } from '../../model/platform/platform.ts';
import { RAM_BASE } from '../../model/vmm/vm.ts';
import { ERRNO } from '../../spec/errno.ts';
import { bytesOfHex } from '../hex.ts';
import { InputError } from '../input-error.ts';
import type { LineOf as KernelLineOf } from '../linux/lines.ts';
import { machinesOf } from '../linux/machines.ts';
import { Reads } from '../recorder/queues.ts';
import type { Machine } from './command-line.ts';
import type { Line, LineOf } from './lines.ts';

/** The virtual machine's name. */
export const VM = 'vm0';

const IOAS_MAP = 0x85;
const IOAS_UNMAP = 0x86;
const WRITEABLE = 1 << 1;
const PAGE = 4096n;

/** A mapping of memory as an IOAS_MAP asks for it. */
interface Mapped {
  readonly va: bigint;
  readonly length: bigint;
  readonly iova: bigint;
}

/** Places of a guest's memory: more than any machine has. */
const MOST_PLACES = 4096;

/** Gathers the memory that a VMM maps into its guest's address space, the first mapping at each address. */
export class Memory {
  readonly #mapped = new Map<bigint, Mapped>();

  note(line: Line, number: number, file: string): void {
    const mapped = line.ev === 'ioctl' && line.ret === 0 ? mappedBy(line) : null;
    if (mapped === null || this.#mapped.has(mapped.iova)) return;
    if (this.#mapped.size === MOST_PLACES)
      throw new InputError(file, number, `expected at most ${MOST_PLACES} places of memory`);
    this.#mapped.set(mapped.iova, mapped);
  }

  places(): Iterable<Mapped> {
    return this.#mapped.values();
  }
}

function mappedBy(line: LineOf<'ioctl'>): Mapped | null {
  if (Number(line.nr) !== IOAS_MAP) return null;
  const view = new DataView(bytesOfHex(line.in).buffer);
  if (view.byteLength < 40 || (view.getUint32(4, true) & WRITEABLE) === 0) return null;
  const word = (at: number): bigint => view.getBigUint64(at, true);
  return { va: word(16), length: word(24), iova: word(32) };
}

/** Whether an IOAS_MAP or IOAS_UNMAP is of a device's registers, which the kernel does not take. */
export function isBarMapping(line: LineOf<'ioctl'>): boolean {
  const nr = Number(line.nr);
  return (
    (nr === IOAS_MAP && line.errno === ERRNO.EFAULT) || (nr === IOAS_UNMAP && line.errno === ERRNO.ENOENT)
  );
}

/** What a recording of a VMM leaves to its `setup` lines. */
const NOTHING_SAID = {
  registers: new Map(),
  memory: [],
  pageSize: null,
  hugePages: null,
  hasContainers: false,
  kernel: null,
  complete: false,
  reads: new Reads(),
};

/** The host of a recording: its devices, the VMM's memory, and the machine's. */
export function hostOf(
  mapped: Memory,
  { vsmmus, memory: bytes }: Machine,
  setups: readonly KernelLineOf<'setup'>[],
  file: string,
): Platform {
  // No vIOMMU is there without CANWBS, and nothing else of the machine is left open.
  const [machine] = machinesOf({ ...NOTHING_SAID, setups }, file);
  if (machine === undefined) throw new InputError(file, null, 'expected the devices of a known machine');
  const slots: RamRange[] = [];
  const memory: UserMemory[] = [];
  for (const { va, length, iova: start } of mapped.places()) {
    slots.push({ start, pages: Number(length / PAGE), va });
    memory.push({ start: va, last: va + length - 1n, writable: true });
  }
  // A machine without a device has memory that nobody maps.
  if (!slots.some(({ start }) => start === RAM_BASE))
    slots.push({ start: RAM_BASE, pages: Number(bytes / PAGE) });
  return {
    ...machine.platform,
    vms: [VM],
    userMemory: memory,
    vmHardware: [{ vm: VM, vsmmus, ram: slots }],
  };
}
