import { bool, u32, u64 } from '../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../spec/command/declaration.ts';

/** What devices do. */
export const PAGE_REQUEST_COMMANDS = {
  pageRequest: command(
    ['device'],
    'The acting device asks for a page; `last`: the group is complete, and the device waits for the answer to it.',
    { group: u32, address: u64, perm: u32, last: bool },
  ),
};

export type PageRequestArgs = ArgsOfAll<typeof PAGE_REQUEST_COMMANDS>;
