import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import { type IoctlArgsOf, type IoctlDeclaration, ioctlCommand } from '../../spec/command/of-struct.ts';
import { COMPAT_CALLS, COMPAT_IOCTLS, type CompatName } from '../../spec/iommufd/compat.ts';
import { IOCTLS, type IoctlName } from '../../spec/iommufd/ioctls.ts';
import { DEVICE_CALLS } from '../../spec/vfio/device-calls.ts';
import { VFIO_IOCTLS, type VfioIoctlName } from '../../spec/vfio/ioctls.ts';
import type { OtherArgs, Reader } from './calls.ts';
import type { FileCallArgs } from './rare-calls.ts';

export type { Reader };

/** Who acts: `operator`, `host`, `vmm:<vm>`, `guest:<vm>` or `device:<id>`. */
export type Actor = string;

/** 64-bit little-endian words of user memory: what a pointer argument points at. */
export type Words = readonly bigint[];

/** Every ioctl of either kind, by command name. */
export const ALL_IOCTLS = { ...IOCTLS, ...COMPAT_IOCTLS, ...VFIO_IOCTLS } as const;

/** Ioctls that few scopes make, by command name. */
export const RARE_IOCTLS = { ...COMPAT_CALLS, ...DEVICE_CALLS } as const;

export type AnyIoctlName = IoctlName | CompatName | VfioIoctlName;

const IOCTL_NAMES: ReadonlySet<string> = new Set(Object.keys(ALL_IOCTLS));

/** Whether a command name is an ioctl's. */
export function isIoctl(name: string): name is AnyIoctlName {
  return IOCTL_NAMES.has(name);
}

/** The arguments of every ioctl: from its struct. */
type IoctlArgs = { readonly [N in AnyIoctlName]: IoctlArgsOf<(typeof ALL_IOCTLS)[N]> };

/**
 * The arguments of every command, by its name: from its declaration. Each machine adds its own beside its commands:
 * `declare module '../world/command.ts' { interface CommandArgs extends … {} }`.
 */
export interface CommandArgs extends IoctlArgs, OtherArgs, FileCallArgs {}

/** The name of a command. */
export type CommandName = keyof CommandArgs;

/** One command, complete: every argument has a value, and names objects by number. */
export type CommandOf<N extends CommandName> = {
  readonly actor: Actor;
  readonly command: N;
  readonly args: CommandArgs[N];
};

/** A command of any name: who gives it, and its arguments. */
export type Command = { [N in CommandName]: CommandOf<N> }[CommandName];

/** What structs of ioctls make of them as commands, on a descriptor of this kind. */
export function ioctlCommands<N extends AnyIoctlName>(
  tables: { readonly [K in N]: IoctlDeclaration },
  on: 'iommufd' | 'cdev',
): { readonly [K in N]: CommandDeclaration } {
  const entries = Object.entries<IoctlDeclaration>(tables);
  // The same names, each with what its struct makes of it.
  return Object.fromEntries(entries.map(([name, table]) => [name, ioctlCommand(table, on)])) as {
    readonly [K in N]: CommandDeclaration;
  };
}
