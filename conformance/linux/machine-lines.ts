import { noteWrite } from '../../model/smmu/permitted/history.ts';
import { fillBytes, readBytes, writeBytes } from '../../model/world/memory/memory.ts';
import { physicalOf, ramOffsetOf } from '../../model/world/memory/user-pages.ts';
import type { World } from '../../model/world/world.ts';
import { bytesOfHex, hexOfBytes } from '../hex.ts';
import { InputError } from '../input-error.ts';
import { raiseMsi, transfer } from './dma.ts';
import type { Ask, Happen } from './follower.ts';
import type { LineOf } from './lines.ts';
import type { System } from './system.ts';

/*
 * Lines about the machine rather than the kernel: memory, DMA, interrupts.
 */

/** The place in RAM of a stretch of user memory, which must be there as a whole. */
function placeOf(world: World, va: bigint, length: number): number | null {
  const start = physicalOf(world.platform, va);
  const last = length === 0 ? start : physicalOf(world.platform, va + BigInt(length - 1));
  return start === null || last === null ? null : ramOffsetOf(world.platform, start);
}

/** The process writes its memory. */
export function storeOf(line: LineOf<'store'>): Happen {
  const va = BigInt(line.va);
  const bytes = line.hex === undefined ? null : bytesOfHex(line.hex);
  const length = bytes?.length ?? line.len ?? 0;
  return ({ world, machine }) => {
    const at = placeOf(world, va, length);
    if (at === null) return [{ world, machine }];
    const memory =
      bytes === null
        ? fillBytes(machine.memory, at, length, line.byte ?? 0)
        : writeBytes(machine.memory, at, bytes);
    const translates = machine.driver.placed.some((ref) => ref !== null);
    const history = translates
      ? noteWrite(machine.history, machine.memory, memory, at, length)
      : machine.history;
    return [{ world, machine: { ...machine, memory, history } }];
  };
}

type MemoryLine = LineOf<'store'> | LineOf<'load'>;

/** Whether a line is about registers of a device that the process has mapped. */
export function isInBar({ va }: MemoryLine, { world }: System, actor: string): boolean {
  return (
    world.processes[actor]?.mappings.some((mapping) => {
      const of = world.files[mapping.file]?.of;
      const size = of?.kind === 'cdev' ? (world.platform.devices[of.device]?.bar0Size ?? 0) : 0;
      return BigInt(va) >= mapping.va && BigInt(va) < mapping.va + BigInt(size);
    }) === true
  );
}

/** Whether a line is about memory that the process has. */
export function isDescribed(line: MemoryLine, { world }: System): boolean {
  const length = line.hex === undefined ? ('len' in line ? (line.len ?? 0) : 0) : line.hex.length / 2;
  return placeOf(world, BigInt(line.va), length) !== null;
}

/** The process reads its memory. */
export function loadOf(line: LineOf<'load'>): Ask {
  const length = line.hex.length / 2;
  return (system) => {
    const at = placeOf(system.world, BigInt(line.va), length);
    const bytes = at === null ? new Uint8Array(length) : readBytes(system.machine.memory, at, length);
    return [{ system, answer: { hex: hexOfBytes(bytes) } }];
  };
}

/** A device moves data. */
export function transferOf(line: LineOf<'transfer'>, file: string, number: number): Happen {
  return (system, rules) => {
    const device = system.world.platform.devices.findIndex(({ id }) => id === line.bdf);
    if (device < 0) throw new InputError(file, number, `"bdf": no device ${line.bdf} in the "setup" lines`);
    const { dir: direction, len: length } = line;
    return transfer(system, { device, direction, iova: BigInt(line.iova), length }, rules);
  };
}

/**
 * A device raises its MSI. The line does not say which, unless it has a `bdf`: it is one of those that have theirs on,
 * and with none on nothing arrives.
 */
export function msiOf(line: LineOf<'msi'>, file: string, number: number): Ask {
  return (system, rules) =>
    devicesOf(line, system, file, number).flatMap((device) =>
      raiseMsi(system, device, rules).map((end) => ({
        system: end.system,
        answer: { fired: String(end.fired) },
      })),
    );
}

function devicesOf(
  { bdf }: LineOf<'msi'>,
  { world }: System,
  file: string,
  number: number,
): readonly number[] {
  const named = world.platform.devices.findIndex(({ id }) => id === bdf);
  if (named >= 0) return [named];
  if (bdf !== undefined) throw new InputError(file, number, `"bdf": no device ${bdf} in the "setup" lines`);
  const on = world.devices.flatMap(({ messages }, index) => (messages.length > 0 ? [index] : []));
  return on.length > 0 ? on : [0];
}
