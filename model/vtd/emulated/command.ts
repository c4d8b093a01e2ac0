import { bool, oneOf, u32, u64, words } from '../../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../../spec/command/declaration.ts';
import { WRITTEN_REGISTERS } from '../../../spec/vtd/register-offsets.ts';

/** What a guest does with an emulated remapping unit, what its devices do, and its machine's reset. */
export const EMULATED_VTD_COMMANDS = {
  vtdStore: command(['guest'], 'The guest stores words in its memory, from an address on.', {
    address: u64,
    words,
  }),
  vtdWrite: command(['guest'], 'The guest writes a register of the remapping unit.', {
    register: oneOf(WRITTEN_REGISTERS),
    value: u64,
  }),
  vtdDescriptors: command(
    ['guest'],
    'The guest puts descriptors where IQA and IQT say that the queue goes on, two or four words each, and moves IQT behind them.',
    { words },
  ),
  vtdDma: command(['device'], 'A device accesses memory under a source id.', {
    source: u32,
    iova: u64,
    write: bool,
  }),
  vtdReset: command(['operator'], 'The machine is reset, but for its memory.', {}),
};

export type EmulatedVtdArgs = ArgsOfAll<typeof EMULATED_VTD_COMMANDS>;

export type EmulatedVtdCommandName = keyof EmulatedVtdArgs;

declare module '../../world/command.ts' {
  interface CommandArgs extends EmulatedVtdArgs {}
}
