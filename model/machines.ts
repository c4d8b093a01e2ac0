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
import { pageRequests } from './page-requests/index.ts';
import { pasid } from './pasid/index.ts';
import { emulatedSmmu, smmu } from './smmu/index.ts';
import { vfio } from './vfio/index.ts';
import { vmm } from './vmm/index.ts';
import { vtd } from './vtd/index.ts';
import { OTHER_COMMANDS } from './world/calls.ts';
import type { AnyIoctlName, CommandName } from './world/command.ts';
import type { Handlers, Machine } from './world/machine.ts';
import { NEW_PROCESS, vmmOf } from './world/process.ts';
import { RARE_COMMANDS } from './world/rare-calls.ts';

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
  legacy,
  accesses,
  msi,
  host,
] as const;

export const MACHINES: readonly Machine[] = LIST;

type Answered = (typeof LIST)[number]['handlers'] extends infer Each
  ? Each extends unknown
    ? keyof Each
    : never
  : never;
type Unanswered = Exclude<CommandName, AnyIoctlName | Answered>;

/** Who answers each command that is no ioctl. Where one has no handler, its name is the error. */
export const HANDLERS: [Unanswered] extends [never]
  ? Handlers<Exclude<CommandName, AnyIoctlName>>
  : Unanswered = Object.assign({}, ...LIST.map(({ handlers }) => handlers));
