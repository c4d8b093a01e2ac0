import { ALL_IOCTLS, COMMANDS, isIoctl, type Words } from '../../model/world/command.ts';
import { type Argument, defaultOf } from '../../spec/command/argument.ts';
import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import type { StructTable } from '../../spec/struct.ts';
import type { ArgValue } from '../commands/call.ts';
import { type Draw, oneIn, pick, pickWhere } from './choice.ts';
import type { UapiCall, UapiName } from './move.ts';
import { COMMAND_NAMES } from './moves.ts';
import { fdHandle, type View } from './view.ts';

/** An argument that can be got wrong. */
interface Mistakable {
  readonly name: string;
  readonly shape: Argument;
  /** The largest number that fits its field. */
  readonly most: number;
  readonly isSize: boolean;
}

const U32 = 0xffff_ffff;

/** Bytes that a caller says it has room for, or has written: it has them. */
const MAX_BUFFER = 4097;

function readsMemory(command: UapiName, table: StructTable | null): boolean {
  if (table === null || command === 'vfioSetIrqs') return true;
  return Object.values(table.fields).some((field) => 'buffer' in field && field.buffer === 'in');
}

function argumentsOf(command: UapiName): readonly Mistakable[] {
  const shape: CommandDeclaration = COMMANDS[command];
  const table: StructTable | null = isIoctl(command) ? ALL_IOCTLS[command] : null;
  return Object.entries(shape.args).flatMap(([name, arg]) => {
    // Trailing bytes mean something only together with a size, and memory only where it is read.
    if (name === 'trailing' || (arg.kind === 'words' && !readsMemory(command, table))) return [];
    const width = table?.fields[name]?.width ?? 4;
    const most = name === 'dataLen' ? MAX_BUFFER : width < 4 ? 2 ** (8 * width) - 1 : U32;
    return [{ name, shape: arg, most, isSize: name === 'size' || name === 'argsz' }];
  });
}

const ARGUMENTS = Object.fromEntries(COMMAND_NAMES.map((name) => [name, argumentsOf(name)])) as {
  readonly [N in UapiName]: readonly Mistakable[];
};

/** The commands that take something to get wrong. */
export const FALLIBLE: readonly UapiName[] = COMMAND_NAMES.filter((name) => ARGUMENTS[name].length > 0);

/** A name that no call gives. */
const UNBOUND = 'none0';

/** Any command at all, its objects and descriptors taken at random: what no table of sensible steps would do. */
export function blindCall(view: View, command: UapiName, draw: Draw): UapiCall {
  const args: Record<string, ArgValue> = {};
  for (const { name, shape } of ARGUMENTS[command]) {
    if (shape.kind === 'handle') args[name] = wrongHandle(view, shape.of, draw);
  }
  if (command !== 'smmuEvent') return mistaken(view, { actor: view.actor, command, args }, draw);
  return { actor: pick(['device:none', view.actor], draw), command, args: { words: [0x10n, 0n, 0n, 0n] } };
}

/** A call with one of its arguments wrong, or two. */
export function mistaken(view: View, call: UapiCall, draw: Draw): UapiCall {
  const list = ARGUMENTS[call.command];
  if (list.length === 0) return call;
  const args: Record<string, ArgValue> = { ...call.args };
  for (let mistakes = oneIn(4, draw) ? 2 : 1; mistakes > 0; mistakes--) {
    const argument = pickArgument(list, draw);
    spoil(view, call.command, args, argument, draw);
  }
  return { actor: call.actor, command: call.command, args };
}

/** Any argument, but more often the struct's size or a handle than their share: each has rules of its own. */
function pickArgument(list: readonly Mistakable[], draw: Draw): Mistakable {
  const kind = draw(6);
  const special =
    kind === 0
      ? list.find(({ isSize }) => isSize)
      : kind < 3
        ? pickWhere(list, ({ shape }) => shape.kind === 'handle', draw)
        : undefined;
  return special ?? pick(list, draw);
}

function spoil(
  view: View,
  command: UapiName,
  args: Record<string, ArgValue>,
  { name, shape, most, isSize }: Mistakable,
  draw: Draw,
): void {
  if (isSize && isIoctl(command)) {
    const { size, minSize } = ALL_IOCTLS[command];
    args[name] = pick([0, Math.max(0, minSize - 1), minSize, size + 8, size + 8], draw);
    if (oneIn(2, draw)) args.trailing = true;
    return;
  }
  args[name] = wrongValue(view, command, shape, args[name] ?? defaultOf(shape), most, draw);
}

function wrongValue(
  view: View,
  command: UapiName,
  shape: Argument,
  value: ArgValue,
  most: number,
  draw: Draw,
): ArgValue {
  switch (shape.kind) {
    case 'handle':
      return wrongHandle(view, shape.of, draw);
    case 'number':
      return wrongNumber(value as number, most, draw);
    case 'u64':
      return wrongU64(value as bigint, draw);
    case 'bool':
      return value !== true;
    case 'pointer':
      return oneIn(2, draw) ? 'null' : 'unmapped';
    case 'words':
      return wrongWords(value as Words | null, command !== 'smmuEvent', draw);
    case 'text':
      return 'none';
  }
}

/** Anything but what is meant: names of other things, gone things and nothing, and plain numbers. */
function wrongHandle(view: View, of: string, draw: Draw): ArgValue {
  const { all } = view.names;
  const onFd = of === 'fd' || of === 'cdev' || of === 'iommufd';
  switch (draw(8)) {
    case 0:
      return UNBOUND;
    case 1:
      return onFd && oneIn(2, draw) ? -1 : 0;
    case 2:
      return 1 + draw(12);
    default: {
      const { fds } = view.process;
      if (onFd && fds.length > 0 && !oneIn(4, draw)) return fdHandle(view, 3 + draw(fds.length));
      return all.length === 0 ? UNBOUND : pick(all, draw).text;
    }
  }
}

const NUMBERS: readonly number[] = [
  0,
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  15,
  16,
  17,
  24,
  32,
  63,
  64,
  4096,
  4097,
  0x8000_0000,
  U32,
];

function wrongNumber(value: number, most: number, draw: Draw): number {
  let wrong: number;
  switch (draw(4)) {
    case 0:
      wrong = value + 1;
      break;
    case 1:
      // One more bit: an unknown flag, or a reserved field that is not zero.
      wrong = value | (1 << draw(31));
      break;
    default:
      wrong = pick(NUMBERS, draw);
  }
  return Math.min(Math.max(wrong, 0), most);
}

const U64S: readonly bigint[] = [
  0n,
  1n,
  0x800n,
  0x1000n,
  0x800_0000n,
  1n << 44n,
  1n << 48n,
  1n << 63n,
  ULONG_MAX - 0xfffn,
  ULONG_MAX - 1n,
  ULONG_MAX,
];

function wrongU64(value: bigint, draw: Draw): bigint {
  switch (draw(4)) {
    case 0:
      return BigInt.asUintN(64, value + 1n);
    case 1:
      return BigInt.asUintN(64, value + 0x800n);
    default:
      return pick(U64S, draw);
  }
}

/** Memory that ends too early, goes on too long, is not there, or has one bit flipped. */
function wrongWords(words: Words | null, mayBeAbsent: boolean, draw: Draw): Words | null {
  const old = words ?? [];
  switch (draw(5)) {
    case 0:
      return mayBeAbsent ? null : [];
    case 1:
      return old.slice(0, -1);
    case 2:
      return [...old, 1n << BigInt(draw(64))];
    default: {
      if (old.length === 0) return [BigInt(draw(16))];
      const at = draw(old.length);
      return old.map((word, index) => (index === at ? word ^ (1n << BigInt(draw(64))) : word));
    }
  }
}
