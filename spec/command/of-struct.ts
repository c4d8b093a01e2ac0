import type { InFields, IntegerField, StructTable } from '../struct.ts';
import {
  type Argument,
  bool,
  descriptor,
  i32,
  id,
  isDescriptorKind,
  type NumberArgument,
  or,
  pointer,
  u64,
  uint,
  words,
} from './argument.ts';
import type { Binds, CommandDeclaration } from './declaration.ts';

/** What declares an ioctl: its struct, what it does, and whether it takes back what it made. */
export interface IoctlDeclaration extends StructTable {
  readonly sentence: string;
  readonly takesBack?: true;
}

/** What an ioctl takes: the fields that the caller fills in, the descriptor, and what lies around the struct. */
export type IoctlArgsOf<T extends StructTable> = InFields<T> & {
  readonly fd: number;
  /** Whether any byte past the kernel's struct is non-zero. */
  readonly trailing: boolean;
  /** What the struct's pointer points at; null where it points at nothing readable. */
  readonly data: readonly bigint[] | null;
} & (T extends { readonly takesBack: true } ? { readonly unwritable: boolean } : unknown);

/** The command that an ioctl is, on a descriptor of this kind. */
export function ioctlCommand(table: IoctlDeclaration, on: 'iommufd' | 'cdev'): CommandDeclaration {
  const args: Record<string, Argument> = { fd: descriptor(on) };
  const binds: Binds[] = [];
  let data = words;
  for (const [name, field] of Object.entries(table.fields)) {
    if ('makes' in field && field.makes !== undefined)
      binds.push({ suffix: binds.length === 0 ? '' : '.fd', of: field.makes, out: name });
    if (field.direction === 'out') continue;
    if (!('buffer' in field)) {
      args[name] = argumentOf(name, field, table.size);
      continue;
    }
    args[name] = pointer;
    const { holds, where } = field;
    if (holds !== undefined) data = { ...data, holds, ...(where === undefined ? {} : { where }) };
  }
  args.trailing = bool;
  if (table.takesBack) args.unwritable = bool;
  args.data = data;
  return { by: ['vmm'], sentence: table.sentence, args, binds };
}

function argumentOf(name: string, field: IntegerField, structSize: number): Argument {
  const { handle, width, signed, flags, values, unit } = field;
  if (handle !== undefined) return isDescriptorKind(handle) ? descriptor(handle) : id(handle);
  const inUnit = unit === undefined ? {} : { unit };
  if (width === 8) return { ...u64, ...inUnit };
  const integer: NumberArgument = {
    ...(signed ? i32 : uint(8 * width)),
    ...inUnit,
    ...(flags === undefined ? {} : { flags }),
    ...(values === undefined ? {} : { values }),
  };
  return name === 'size' || name === 'argsz' ? or(structSize, integer) : integer;
}
