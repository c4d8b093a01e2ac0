import { u32 } from '../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../spec/command/declaration.ts';

/** What a guest does with an IOMMU whose mappings its VMM repeats on the host. Pages, not addresses. */
export const NOTIFIER_COMMANDS = {
  repeatedMap: command(
    ['guest'],
    'The guest maps pages in its table, one after the other from page `to` on.',
    {
      first: u32,
      pages: u32,
      to: u32,
    },
  ),
  repeatedUnmap: command(['guest'], 'The guest takes pages out of its table.', { first: u32, pages: u32 }),
  repeatedFlush: command(['guest'], 'The guest invalidates pages; none named: everything.', {
    first: u32,
    pages: u32,
  }),
};

export type NotifierArgs = ArgsOfAll<typeof NOTIFIER_COMMANDS>;

declare module '../world/command.ts' {
  interface CommandArgs extends NotifierArgs {}
}
