import type { ArgValue, Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import { ALL_IOCTLS, type AnyIoctlName, isIoctl } from '../../model/world/command.ts';
import { OPTION } from '../../spec/iommufd/constants.ts';
import { readField, type StructTable } from '../../spec/struct.ts';
import { ioctlBytes } from '../ioctl-bytes.ts';
import { stepText } from '../step.ts';
import { type Asserted, ExportError } from './answer.ts';
import type { ProgramTitle } from './c.ts';

/** The descriptions that a program needs beside syzkaller's own dev_iommu.txt. */
export const SYZ_DESCRIPTIONS = 'lab/syzkaller/dev_iommu_nested.txt';

/** AT_FDCWD, as a program has it. */
const CWD = '0xffffffffffffff9c';
const RDWR = '0x2';
const NONBLOCK = '0x800';
const IOCTL_TYPE = 0x3b00;
const RANGE_BYTES = 16;

/** Where a program's memory begins in its text, and how much of it there is (prog/encoding.go). */
const MEMORY = 0x7f00_0000_0000;
const HALF = 0x80_0000;

/** What a name stands for: a result of the program, and of which kind. */
interface Bound {
  readonly name: string;
  readonly of: string;
}

/**
 * What a description adds to the name of an ioctl: nothing, always the same, or the kind of what a field names, of which there are
 * these.
 */
export const DESCRIBED: { readonly [N in AnyIoctlName]?: string | readonly [string, readonly string[]] } = {
  destroy: ['id', ['ioas', 'device', 'hwpt', 'fault', 'viommu', 'vdevice', 'veventq']],
  ioasAlloc: '',
  ioasIovaRanges: '',
  ioasMap: '$PAGES',
  ioasMapFile: '',
  ioasCopy: '',
  ioasUnmap: '',
  ioasChangeProcess: '',
  option: ['optionId', ['IOMMU_OPTION_RLIMIT_MODE', 'IOMMU_OPTION_HUGE_PAGES']],
  getHwInfo: '$pasid',
  hwptAlloc: ['ptId', ['ioas', 'hwpt', 'viommu']],
  hwptInvalidate: ['hwptId', ['hwpt', 'viommu']],
  hwptSetDirtyTracking: '',
  hwptGetDirtyBitmap: '',
  faultQueueAlloc: '',
  viommuAlloc: '',
  vdeviceAlloc: '',
  veventqAlloc: '',
  hwQueueAlloc: '',
  vfioBind: '',
  vfioAttach: ['ptId', ['ioas', 'hwpt']],
  vfioDetach: '',
};

function optionOf({ args }: Call): string {
  return Number(args.optionId ?? 0) === OPTION.HUGE_PAGES
    ? 'IOMMU_OPTION_HUGE_PAGES'
    : 'IOMMU_OPTION_RLIMIT_MODE';
}

/** A trace as a program of syzkaller. It asserts nothing; what is expected stands in comments. */
export function toSyz(steps: readonly Asserted[], { title, under }: ProgramTitle): string {
  const writer = new SyzWriter(steps);
  return [
    `# ${comment(title)}`,
    `# Made by nestcheck; answers expected under ${comment(under)}. Descriptions: ${SYZ_DESCRIPTIONS}`,
    ...steps.flatMap((each, index) => writer.lines(each, index + 1)),
    '',
  ].join('\n');
}

function comment(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}

class SyzWriter {
  readonly #bound = new Map<string, Bound>();
  readonly #devices: readonly string[];
  /** The lowest address that is mapped: the process's memory moves as a whole. */
  readonly #lowest: bigint;
  #results = 0;
  #memory = 0;

  constructor(steps: readonly Asserted[]) {
    const calls = steps.flatMap(({ step }) => (step.kind === 'call' ? [step.call] : []));
    this.#devices = [
      ...new Set(calls.flatMap(({ command, args }) => (command === 'openCdev' ? [String(args.device)] : []))),
    ];
    const mapped = calls.flatMap(({ command, args }) =>
      command === 'ioasMap' && typeof args.userVa === 'bigint' ? [args.userVa] : [],
    );
    this.#lowest = mapped.reduce((least, va) => (va < least ? va : least), mapped[0] ?? 0n);
  }

  lines({ step, result }: Asserted, number: number): readonly string[] {
    if (step.kind !== 'call') throw new ExportError(stepText(step));
    const expected = result === null ? '' : ` -> ${result.ok ? '0' : result.errno}`;
    return [`# ${number}: ${comment(stepText(step))}${expected}`, this.#call(step.call)];
  }

  #call(call: Call): string {
    const { command, args } = call;
    if (isIoctl(command)) return this.#ioctl(command, call);
    const fd = this.#value(args.fd ?? 0, call);
    switch (command) {
      case 'openIommufd':
        return this.#made(call, `openat$iommufd(${CWD}, ${this.#room(16)}, ${RDWR}, 0x0)`);
      case 'openCdev': {
        const nth = this.#devices.indexOf(String(args.device));
        return this.#made(call, `syz_open_dev$vfio_cdev(${this.#room(32)}, ${hex(nth)}, ${RDWR})`);
      }
      case 'openOther':
        return this.#made(call, `eventfd2(0x0, ${NONBLOCK})`);
      case 'close':
        return `close(${fd})`;
      case 'poll':
        return `poll(${this.#room(8)}=[{${fd}, 0x1}], 0x1, 0x1)`;
      case 'read': {
        const count = Number(args.count ?? 4096);
        return `read(${fd}, ${this.#room(count)}=""/${count}, ${hex(count)})`;
      }
      default:
        throw new ExportError(call);
    }
  }

  #made({ command, as }: Call, text: string): string {
    if (as === undefined) return text;
    const name = this.#bind(as, COMMANDS[command].binds[0]?.of ?? 'fd');
    return `${name} = ${text}`;
  }

  #bind(as: string, of: string): string {
    const name = `r${this.#results++}`;
    this.#bound.set(as, { name, of });
    return name;
  }

  #ioctl(command: AnyIoctlName, call: Call): string {
    const table: StructTable & { readonly nr: number } = ALL_IOCTLS[command];
    const { bytes, references, buffers } = ioctlBytes(command, call.args);
    // A description has a struct of one size, in memory that can be written.
    if (bytes.length !== table.size || call.args.unwritable === true) throw new ExportError(call);
    const fd = this.#value(call.args.fd ?? 0, call);
    const at = this.#room(table.size);
    const fields = Object.entries(table.fields)
      .toSorted(([, a], [, b]) => a.offset - b.offset)
      .map(([field, layout]) => {
        const made = COMMANDS[command].binds.find(({ out }) => out === field);
        if (layout.direction === 'out' && made !== undefined && call.as !== undefined)
          return `<${this.#bind(call.as + made.suffix, made.of)}=>0x0`;
        const reference = references.find(({ offset }) => offset === layout.offset);
        if (reference !== undefined) return this.#value(reference.name, call);
        const buffer = buffers.find(({ offset }) => offset === layout.offset);
        if (buffer !== undefined && command === 'ioasIovaRanges') return this.#ranges(buffer.bytes.length);
        if (buffer !== undefined && 'buffer' in layout) return this.#buffer(buffer.bytes, layout.buffer);
        const value = BigInt.asUintN(8 * layout.width, BigInt(readField(bytes, layout)));
        if ('buffer' in layout) return value === 0n ? '0x0' : '0xffffffffffffffff';
        if (command === 'ioasMap' && field === 'userVa') return this.#pages(value, call);
        return hex(value);
      });
    return `ioctl$${this.#variant(command, call)}(${fd}, ${hex(IOCTL_TYPE | table.nr)}, ${at}={${fields.join(', ')}})`;
  }

  /** The description of a call: by what one of its ids stands for, where there are several. */
  #variant(command: AnyIoctlName, call: Call): string {
    const described = DESCRIBED[command];
    if (described === undefined) throw new ExportError(call);
    const { name } = ALL_IOCTLS[command];
    if (typeof described === 'string') return `${name}${described}`;
    if (command === 'option') return `${name}$${optionOf(call)}`;
    const [field, kinds] = described;
    const kind = this.#bound.get(String(call.args[field]))?.of ?? kinds[0];
    if (kind === undefined || !kinds.includes(kind)) throw new ExportError(call);
    return `${name}$${kind}`;
  }

  #buffer(bytes: Uint8Array, direction: 'in' | 'out' | 'inout'): string {
    if (bytes.length === 0) return this.#room(8);
    if (direction === 'out') return `${this.#room(bytes.length)}=""/${bytes.length}`;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const words = Array.from({ length: bytes.length >> 3 }, (_, at) => hex(view.getBigUint64(8 * at, true)));
    return `${this.#room(bytes.length)}=[${words.join(', ')}]`;
  }

  /** What syzkaller describes as an array of structs that the kernel fills in. */
  #ranges(bytes: number): string {
    const ranges = new Array<string>(Math.floor(bytes / RANGE_BYTES)).fill('{0x0, 0x0}');
    return `${this.#room(Math.max(bytes, 8))}=[${ranges.join(', ')}]`;
  }

  /** Memory of the process: pages of the upper half of the program's. */
  #pages(va: bigint, call: Call): string {
    const length = BigInt((call.args.length as bigint | number | undefined) ?? 0);
    const from = va - this.#lowest;
    if (length === 0n || from % 4096n !== 0n || length % 4096n !== 0n || from + length > BigInt(HALF))
      throw new ExportError(call);
    return `&(${hex(BigInt(MEMORY + HALF) + from)}/${hex(length)})=nil`;
  }

  /** A pointer to so many bytes that nothing else is at. */
  #room(bytes: number): string {
    const at = this.#memory;
    this.#memory += (bytes + 63) & ~63;
    if (this.#memory > HALF) throw new ExportError('more than 8 MiB of arguments');
    return `&(${hex(MEMORY + at)})`;
  }

  #value(handle: ArgValue, call: Call): string {
    if (typeof handle === 'number') return hex(BigInt.asUintN(64, BigInt(handle)));
    const bound = this.#bound.get(String(handle));
    if (bound === undefined) throw new ExportError(call);
    return bound.name;
  }
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
