import { ALL_IOCTLS, COMMAND_GROUPS, isIoctl } from '../model/world/command.ts';
import { type Argument, defaultOf } from '../spec/command/argument.ts';
import type { CommandDeclaration } from '../spec/command/declaration.ts';
import type { Names } from '../spec/command/handle.ts';
import { numberText } from '../spec/command/names.ts';
import { toJson } from './trace/values.ts';

/** An argument of a command, as `list commands --json` has it. */
export interface ListedArgument {
  readonly name: string;
  /** `u8` to `u64`, `i32`, `size`, `bool`, `pointer`, `words`, `text`, `id` or `descriptor`. */
  readonly type: string;
  /** What an id or a descriptor is of, or a name is a name of. */
  readonly of?: string;
  readonly min?: number | string;
  readonly max?: number | string;
  /** A multiple of this. */
  readonly align?: number;
  /** The most characters or words. */
  readonly most?: number;
  readonly unit?: string;
  readonly flags?: Names;
  readonly values?: Names;
  /** The words that mean something. */
  readonly words?: readonly string[];
  readonly default: number | string | boolean | null | readonly string[];
}

interface ListedCommand {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly by: readonly string[];
  readonly args: readonly ListedArgument[];
  readonly details: readonly string[];
}

/** Every command: what it takes, in which ranges and units, and who may give it. */
export function listCommands(): readonly ListedCommand[] {
  return Object.entries(COMMAND_GROUPS).flatMap(([machine, commands]) =>
    Object.entries(commands).map(([name, declaration]) => {
      const { by, sentence, args } = declaration;
      return {
        name,
        summary: sentence,
        source: sourceOf(name, machine),
        by,
        args: Object.entries(args).map(([arg, argument]) => listed(arg, argument)),
        details: detailsOf(declaration),
      };
    }),
  );
}

function sourceOf(name: string, machine: string): string {
  if (!isIoctl(name)) return `model/${machine}`;
  const { name: ioctl, struct } = ALL_IOCTLS[name];
  return struct === '' ? ioctl : `${ioctl}, struct ${struct}`;
}

function listed(name: string, argument: Argument): ListedArgument {
  const standard = toJson(defaultOf(argument));
  switch (argument.kind) {
    case 'handle': {
      const { of, min, max } = argument;
      return { name, type: min < 0 ? 'descriptor' : 'id', of, min, max, default: standard };
    }
    case 'number': {
      const { kind: _, ...rest } = argument;
      return { name, ...rest, default: standard };
    }
    case 'u64': {
      const { unit, align } = argument;
      return {
        name,
        type: 'u64',
        min: '0x0',
        max: '0xffffffffffffffff',
        ...(align === undefined ? {} : { align: Number(align) }),
        ...(unit === undefined ? {} : { unit }),
        default: standard,
      };
    }
    case 'words':
      return {
        name,
        type: 'words',
        most: argument.most,
        ...(argument.holds === undefined ? {} : { of: argument.holds }),
        default: standard,
      };
    case 'text': {
      const { most, words, unit } = argument;
      return {
        name,
        type: 'text',
        most,
        ...(unit === undefined ? {} : { of: unit }),
        ...(words === undefined ? {} : { words }),
        default: standard,
      };
    }
    default:
      return { name, type: argument.kind, default: standard };
  }
}

function detailsOf({ by, args }: CommandDeclaration): readonly string[] {
  const lines = Object.entries(args).map(([name, argument]) => `${name}: ${describe(argument)}`);
  return [`given by ${by.join(', ')}`, ...lines];
}

/** `u32, NEST_PARENT=1|…, 0 if left out` */
function describe(argument: Argument): string {
  switch (argument.kind) {
    case 'handle':
      return `${argument.min < 0 ? 'descriptor' : 'id'} (${argument.of})`;
    case 'number': {
      const { type, unit, flags, values } = argument;
      const parts = [
        type,
        ...(unit === undefined ? [] : [unit]),
        ...(flags === undefined ? [] : [`bits ${namesText(flags)}`]),
        ...(values === undefined ? [] : [namesText(values)]),
        ...(argument.default === 0 ? [] : [`${numberText(argument, argument.default)} if left out`]),
      ];
      return parts.join(', ');
    }
    case 'u64':
      return [
        'u64',
        ...(argument.unit === undefined ? [] : [argument.unit]),
        ...(argument.align === undefined ? [] : [`a multiple of ${argument.align}`]),
      ].join(', ');
    case 'words':
      return `at most ${argument.most} words of 64 bits${argument.holds === undefined ? '' : ` (${argument.holds})`}`;
    case 'text':
      return argument.words === undefined
        ? `name of a ${argument.unit ?? 'thing'}`
        : argument.words.join(' or ');
    default:
      return argument.kind;
  }
}

function namesText(names: Names): string {
  return Object.entries(names)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
