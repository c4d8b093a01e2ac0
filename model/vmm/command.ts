import type { VectorArgs } from '../msi/command.ts';

/** Which vSMMU of the acting guest's machine. */
interface OfVsmmu {
  readonly vsmmu: number;
}

/** What the operator (actor `operator`) does with a virtual machine that has vSMMUs. */
export interface OperatorArgs {
  readonly boot: { readonly vm: string };
  readonly reset: { readonly vm: string };
  /** Puts a device of the platform behind a vSMMU: before boot (cold) or after (hot). */
  readonly plug: {
    readonly vm: string;
    readonly vsmmu: number;
    readonly device: string;
    readonly vsid: number;
    /** Which of the machine's files of /dev/iommu it is to be bound to. */
    readonly iommufd: number;
  };
  readonly unplug: { readonly vm: string; readonly device: string };
  /** Moves a running machine to another host, where at most one device waits for it; '' is none. */
  readonly migrate: {
    readonly vm: string;
    readonly host: number;
    readonly device: string;
    readonly vsmmu: number;
    readonly vsid: number;
  };
  /** The VMM's loop finds events of a vSMMU's in the kernel, and takes one read() of them. */
  readonly serveEvents: { readonly vm: string; readonly vsmmu: number };
}

/** What a guest (actor `guest:<vm>`) does with its vSMMUs. */
export interface GuestArgs {
  /** Reads IDR0 to IDR5, IIDR and AIDR. */
  readonly readId: OfVsmmu;
  readonly writeCr0: OfVsmmu & { readonly value: number };
  readonly writeGbpa: OfVsmmu & { readonly value: number };
  /** A register of IHI0070 6.3; `half`: 1 the low half of a 64-bit one, 2 the high half, 0 all of it. */
  readonly writeRegister: OfVsmmu & {
    readonly register: string;
    readonly value: bigint;
    readonly half: number;
  };
  readonly readRegister: OfVsmmu & { readonly register: string };
  /** Stores zeros and then words in memory. */
  readonly storeGuest: {
    readonly address: bigint;
    readonly words: readonly bigint[] | null;
    readonly zeros: number;
  };
  /** Stores a stream table entry in memory, its last words zero; the vSMMU hears of it by CFGI_STE. */
  readonly writeSte: OfVsmmu & { readonly vsid: number; readonly words: readonly bigint[] | null };
  /** Puts commands into the command queue, two words each. */
  readonly issueCommands: OfVsmmu & { readonly words: readonly bigint[] | null };
  /** Puts a SYNC in the place of the command that stopped the queue, and acknowledges the error. */
  readonly acknowledge: OfVsmmu;
  /** Gives a device another StreamID, by its bus number. */
  readonly renumber: OfVsmmu & { readonly device: string; readonly to: number };
  /** Takes everything out of the event queue. */
  readonly readEvents: OfVsmmu;
}

/** A call of no real kernel: what a VMM could ask an IOMMU's driver without a device (`driver-backdoor`). */
export interface BackdoorArgs {
  readonly iommuDriverInfo: { readonly fd: number; readonly iommu: number };
}

export type VmmArgs = OperatorArgs & GuestArgs & VectorArgs;

export type VmmCommandName = keyof VmmArgs;

export const VMM_COMMANDS = [
  'boot',
  'reset',
  'plug',
  'unplug',
  'migrate',
  'serveEvents',
  'readId',
  'writeCr0',
  'writeGbpa',
  'writeRegister',
  'readRegister',
  'storeGuest',
  'writeSte',
  'issueCommands',
  'acknowledge',
  'renumber',
  'readEvents',
  'programVector',
  'enableVector',
  'disableVector',
] as const satisfies readonly VmmCommandName[];
