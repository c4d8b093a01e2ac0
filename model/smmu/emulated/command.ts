import { bool, u32, u64, words } from '../../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../../spec/command/declaration.ts';

/** What a guest does with an emulated SMMUv3, what its devices do, and its machine's reset. */
export const EMULATED_COMMANDS = {
  emulatedStore: command(['guest'], 'The guest stores words in its memory, from an address on.', {
    address: u64,
    words,
  }),
  emulatedCr0: command(['guest'], 'The guest writes CR0.', { value: u32 }),
  emulatedGbpa: command(['guest'], 'The guest writes GBPA.', { value: u32 }),
  emulatedStreamTable: command(['guest'], 'The guest writes STRTAB_BASE and STRTAB_BASE_CFG.', {
    base: u64,
    config: u32,
  }),
  emulatedCommands: command(['guest'], 'The guest puts commands into the queue, two words each.', { words }),
  emulatedAcknowledge: command(
    ['guest'],
    'The guest puts CMD_SYNC in the place of a command at which the queue has stopped, and acknowledges the error.',
    {},
  ),
  emulatedEvents: command(['guest'], 'The guest takes every record out of its event queue.', {}),
  emulatedDma: command(['device'], 'A device accesses memory under a StreamID.', {
    stream: u32,
    iova: u64,
    write: bool,
    ssv: bool,
    ssid: u32,
  }),
  emulatedReset: command(
    ['operator'],
    "The machine is reset: it begins with the devices' queues still at work, and ends with everything at rest.",
    { ends: bool },
  ),
};

export type EmulatedArgs = ArgsOfAll<typeof EMULATED_COMMANDS>;

export type EmulatedCommandName = keyof EmulatedArgs;

declare module '../../world/command.ts' {
  interface CommandArgs extends EmulatedArgs {}
}
