import { accesses } from './accesses/index.ts';
import { BY_IOMMU } from './by-iommu.ts';
import { FILE_CALLS } from './file-calls.ts';
import { FILE_HANDLERS, releaseUnmapped } from './files.ts';
import { host } from './host/index.ts';
import { IN_FLIGHT_HANDLERS } from './in-flight.ts';
import { iommufd } from './iommufd/index.ts';
import { legacy } from './legacy/index.ts';
import { mock } from './mock/index.ts';
import { MOCK_MAPPINGS } from './mock-mmap.ts';
import { msi } from './msi/index.ts';
import { notifiers } from './notifiers/index.ts';
import { pageRequests } from './page-requests/index.ts';
import { pasid } from './pasid/index.ts';
import { emulatedSmmu, smmu } from './smmu/index.ts';
import { vfio } from './vfio/index.ts';
import { vmm } from './vmm/index.ts';
import { emulatedVtd, vtd } from './vtd/index.ts';
import { OTHER_COMMANDS } from './world/calls.ts';
import type { AnyIoctlName, CommandName } from './world/command.ts';
import type { Declarations } from './world/declare.ts';
import type { Handlers, Machine } from './world/machine.ts';
import { NEW_PROCESS, vmmOf } from './world/process.ts';
import { RARE_COMMANDS } from './world/rare-calls.ts';
import type { Rules } from './world/rules.ts';

/** Processes with their files, calls in flight, and what the IOMMU in front of a device answers. */
const processes = {
  name: 'world',
  commands: { ...OTHER_COMMANDS, ...RARE_COMMANDS },
  handlers: { ...FILE_HANDLERS, ...FILE_CALLS, ...IN_FLIGHT_HANDLERS, ...BY_IOMMU, ...MOCK_MAPPINGS },
  boot: ({ vms }) => ({
    processes: Object.fromEntries(vms.map((vm) => [vmmOf(vm), NEW_PROCESS])),
    files: [],
  }),
  settle(before, tx) {
    if (tx.world.contexts !== before.contexts) releaseUnmapped(tx);
  },
} satisfies Machine;

/**
 * Every machine, in the order in which reports list their commands. What follows from a command is settled in this order
 * too: SMMUs before VT-d units, hardware before what is pinned for it.
 */
const LIST = [
  iommufd,
  vfio,
  mock,
  processes,
  pageRequests,
  vmm,
  smmu,
  vtd,
  pasid,
  emulatedSmmu,
  emulatedVtd,
  notifiers,
  legacy,
  accesses,
  msi,
  host,
] as const;

export const MACHINES: readonly Machine[] = LIST;

type Each = (typeof LIST)[number];

/** Parts of a world that some machine calls facts. */
export type Fact = Extract<Each, { readonly facts: unknown }>['facts'][number];

export const FACTS: readonly Fact[] = MACHINES.flatMap(({ facts = [] }) => facts as readonly Fact[]);

type Declared = Extract<Each, { readonly rules: unknown }>['rules'];
type Undeclared = Exclude<
  keyof Rules,
  Declared extends infer One ? (One extends unknown ? keyof One : never) : never
>;

/** How the rules are declared: each with its kind, what is intended, and a sentence. Where some are not, their name is the error. */
export const DECLARED: [Undeclared] extends [never]
  ? { readonly [Name in keyof Rules]: Declarations }
  : Undeclared = Object.assign({}, ...MACHINES.map(({ rules }) => rules));

type Answered = Each['handlers'] extends infer Those ? (Those extends unknown ? keyof Those : never) : never;
type Unanswered = Exclude<CommandName, AnyIoctlName | Answered>;

/** Who answers each command that is no ioctl. Where one has no handler, its name is the error. */
export const HANDLERS: [Unanswered] extends [never]
  ? Handlers<Exclude<CommandName, AnyIoctlName>>
  : Unanswered = Object.assign({}, ...LIST.map(({ handlers }) => handlers));
