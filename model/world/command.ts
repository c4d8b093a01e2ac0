import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import { type IoctlArgsOf, type IoctlDeclaration, ioctlCommand } from '../../spec/command/of-struct.ts';
import { COMPAT_IOCTLS, type CompatName } from '../../spec/iommufd/compat.ts';
import { IOCTLS, type IoctlName } from '../../spec/iommufd/ioctls.ts';
import { VFIO_IOCTLS, type VfioIoctlName } from '../../spec/vfio/ioctls.ts';
import { ACCESS_COMMANDS, type AccessArgs } from '../accesses/command.ts';
import { LEGACY_COMMANDS, type LegacyArgs } from '../legacy/command.ts';
import { MSI_COMMANDS, type MsiArgs } from '../msi/command.ts';
import { PAGE_REQUEST_COMMANDS, type PageRequestArgs } from '../page-requests/command.ts';
import { PASID_COMMANDS, type PasidArgs } from '../pasid/command.ts';
import { EMULATED_COMMANDS, type EmulatedArgs } from '../smmu/emulated/command.ts';
import { MACHINE_COMMANDS, type MachineArgs } from '../smmu/machine/command.ts';
import { BACKDOOR_COMMANDS, type BackdoorArgs, VMM_COMMANDS, type VmmArgs } from '../vmm/command.ts';
import { OTHER_COMMANDS, type OtherArgs, type Reader } from './calls.ts';

export type { Reader };

/** Who acts: `operator`, `host`, `vmm:<vm>`, `guest:<vm>` or `device:<id>`. */
export type Actor = string;

/** 64-bit little-endian words of user memory: what a pointer argument points at. */
export type Words = readonly bigint[];

/** Every ioctl of either kind, by command name. */
export const ALL_IOCTLS = { ...IOCTLS, ...COMPAT_IOCTLS, ...VFIO_IOCTLS } as const;

export type AnyIoctlName = IoctlName | CompatName | VfioIoctlName;

/** Whether a command name is an ioctl's. */
export function isIoctl(name: string): name is AnyIoctlName {
  return Object.hasOwn(ALL_IOCTLS, name);
}

/** The arguments of every ioctl: from its struct. */
type IoctlArgs = { readonly [N in AnyIoctlName]: IoctlArgsOf<(typeof ALL_IOCTLS)[N]> };

/** The arguments of every command, by its name: from its declaration. */
export type CommandArgs = IoctlArgs &
  OtherArgs &
  BackdoorArgs &
  VmmArgs &
  MachineArgs &
  PageRequestArgs &
  PasidArgs &
  EmulatedArgs &
  LegacyArgs &
  AccessArgs &
  MsiArgs;

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

function ioctlCommands<N extends AnyIoctlName>(
  tables: { readonly [K in N]: IoctlDeclaration },
  on: 'iommufd' | 'cdev',
): { readonly [K in N]: CommandDeclaration } {
  const entries = Object.entries<IoctlDeclaration>(tables);
  // The same names, each with what its struct makes of it.
  return Object.fromEntries(entries.map(([name, table]) => [name, ioctlCommand(table, on)])) as {
    readonly [K in N]: CommandDeclaration;
  };
}

const GROUPS = {
  iommufd: { ...ioctlCommands(IOCTLS, 'iommufd'), ...ioctlCommands(COMPAT_IOCTLS, 'iommufd') },
  vfio: ioctlCommands(VFIO_IOCTLS, 'cdev'),
  world: OTHER_COMMANDS,
  'page-requests': PAGE_REQUEST_COMMANDS,
  vmm: { ...VMM_COMMANDS, ...BACKDOOR_COMMANDS },
  smmu: MACHINE_COMMANDS,
  pasid: PASID_COMMANDS,
  'smmu/emulated': EMULATED_COMMANDS,
  legacy: LEGACY_COMMANDS,
  accesses: ACCESS_COMMANDS,
  msi: MSI_COMMANDS,
};

/** The commands of each machine, by the machine's folder. */
export const COMMAND_GROUPS: Readonly<Record<string, Readonly<Record<string, CommandDeclaration>>>> = GROUPS;

/** Every command as it is declared. */
export const COMMANDS: { readonly [N in CommandName]: CommandDeclaration } = {
  ...GROUPS.iommufd,
  ...GROUPS.vfio,
  ...GROUPS.world,
  ...GROUPS['page-requests'],
  ...GROUPS.vmm,
  ...GROUPS.smmu,
  ...GROUPS.pasid,
  ...GROUPS['smmu/emulated'],
  ...GROUPS.legacy,
  ...GROUPS.accesses,
  ...GROUPS.msi,
};

/** Whether there is a command of this name. */
export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
