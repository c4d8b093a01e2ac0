import { bool, inUnit, pageAddress, u16, u32, u64 } from '../../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../../spec/command/declaration.ts';

const page = inUnit('pages', u32);
/** The index of a pSMMU. */
const SMMU = { smmu: u32 };

/** What guests write for the pSMMU into their RAM, what devices do, and what the host does to a pSMMU: where caches are followed. */
export const MACHINE_COMMANDS = {
  guestWriteCd: command(
    ['guest'],
    'The acting guest writes a CD (`valid`), or clears one, in a page of its RAM; `table` is TTB0, `silent` is CD.R = 0.',
    { page, slot: u32, valid: bool, asid: u16, table: pageAddress, silent: bool },
  ),
  guestWritePte: command(
    ['guest'],
    'The acting guest writes a page descriptor (`valid`), or clears one, for VA page `index` in a table of its RAM.',
    { page, index: u32, valid: bool, ipa: pageAddress, readOnly: bool, global: bool },
  ),
  dma: command(
    ['device'],
    'The acting device accesses memory; `stream` counts its StreamIDs, `translated` is by its ATC.',
    { iova: u64, write: bool, stream: u32, ssv: bool, ssid: u32, translated: bool },
  ),
  hostInterrupt: command(
    ['host'],
    'The next call into the kernel stops between two writes of its driver.',
    {},
  ),
  hostProceed: command(['host'], 'The call that was stopped goes on, to the next write.', {}),
  hostDisable: command(['host'], 'The host switches a pSMMU off.', SMMU),
  hostReset: command(['host'], 'The host sets a pSMMU up anew.', SMMU),
  hostDelayEvents: command(['host'], "The host reads a pSMMU's event queue later.", SMMU),
  hostReadEvents: command(['host'], "The host reads a pSMMU's event queue.", SMMU),
};

export type MachineArgs = ArgsOfAll<typeof MACHINE_COMMANDS>;
