import {
  descriptor,
  device,
  type TextArgument,
  text,
  u32,
  u64,
  vm,
  words,
  wordsOf,
} from '../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../spec/command/declaration.ts';
import { VECTOR_COMMANDS } from '../msi/command.ts';

/** Which vSMMU of the acting guest's machine. */
const VSMMU = { vsmmu: u32 };

/** A register by its name in IHI0070. */
const register: TextArgument = text;

/** What the operator does with a virtual machine that has vSMMUs, and what its guest does with these. */
export const VMM_COMMANDS = {
  boot: command(['operator'], 'The operator starts a machine.', { vm }),
  reset: command(['operator'], 'The operator resets a machine.', { vm }),
  plug: command(
    ['operator'],
    'The operator puts a device of the platform behind a vSMMU: before boot (cold) or after (hot). `iommufd`: which file of /dev/iommu of the machine it is bound to; `port`: the port whose bus it is on, "" where nobody else ever is.',
    { vm, vsmmu: u32, device, vsid: u32, iommufd: u32, port: text },
  ),
  unplug: command(['operator'], 'The operator takes a device away.', { vm, device }),
  migrate: command(
    ['operator'],
    'The operator moves a running machine to another host, where at most one device waits for it; "" is none.',
    { vm, host: u32, device, vsmmu: u32, vsid: u32 },
  ),
  liveUpdate: command(
    ['operator'],
    'The VMM of a running machine is replaced by another process, which inherits its descriptors and the memory of the guest.',
    { vm },
  ),
  serveEvents: command(
    ['operator'],
    "The VMM's loop finds events of a vSMMU's in the kernel, and takes one read() of them.",
    { vm, vsmmu: u32 },
  ),
  readId: command(['guest'], 'The guest reads IDR0 to IDR5, IIDR and AIDR.', VSMMU),
  writeCr0: command(['guest'], 'The guest writes CR0.', { ...VSMMU, value: u32 }),
  writeGbpa: command(['guest'], 'The guest writes GBPA.', { ...VSMMU, value: u32 }),
  writeRegister: command(
    ['guest'],
    'The guest writes a register of IHI0070 6.3; `half`: 1 the low half of a 64-bit one, 2 the high half, 0 all of it.',
    { ...VSMMU, register, value: u64, half: u32 },
  ),
  readRegister: command(['guest'], 'The guest reads a register of IHI0070 6.3.', { ...VSMMU, register }),
  storeGuest: command(['guest'], 'The guest stores zeros and then words in memory.', {
    address: u64,
    words,
    zeros: { ...u32, unit: 'bytes' },
  }),
  writeSte: command(
    ['guest'],
    'The guest stores a stream table entry in memory, its last words zero; the vSMMU hears of it by CFGI_STE.',
    { ...VSMMU, vsid: u32, words: wordsOf('ste') },
  ),
  issueCommands: command(['guest'], 'The guest puts commands into the command queue, two words each.', {
    ...VSMMU,
    words: wordsOf('commands'),
  }),
  acknowledge: command(
    ['guest'],
    'The guest puts a SYNC in the place of the command that stopped the queue, and acknowledges the error.',
    VSMMU,
  ),
  renumber: command(
    ['guest'],
    'The guest gives a device another StreamID, by its bus number; or the bus behind a port, with all that is on it, the number in `to`.',
    { ...VSMMU, device, to: u32, port: text },
  ),
  readEvents: command(['guest'], 'The guest takes everything out of the event queue.', VSMMU),
  ...VECTOR_COMMANDS,
};

/** A call of no real kernel. */
export const BACKDOOR_COMMANDS = {
  iommuDriverInfo: command(
    ['vmm'],
    "What a VMM could ask an IOMMU's driver without a device (`driver-backdoor`).",
    { fd: descriptor('iommufd'), iommu: u32 },
  ),
};

export type VmmArgs = ArgsOfAll<typeof VMM_COMMANDS>;

export type BackdoorArgs = ArgsOfAll<typeof BACKDOOR_COMMANDS>;

export type VmmCommandName = keyof VmmArgs;

declare module '../world/command.ts' {
  interface CommandArgs extends BackdoorArgs, VmmArgs {}
}
