import { sliceSize } from '../scopes/attach-slice.ts';
import { grouped } from '../scopes/grouped.ts';
import { mixedHost } from '../scopes/mixed-host.ts';
import { oneSmmu } from '../scopes/one-smmu.ts';
import { oneVsmmu } from '../scopes/one-vsmmu.ts';
import type { Scope } from '../scopes/scope.ts';
import { twoSmmus } from '../scopes/two-smmus.ts';
import { twoVms } from '../scopes/two-vms.ts';
import type { Exploration } from './alphabet.ts';
import { attachSlice } from './attach-slice.ts';
import { deviceEvents, eventQueues, faultQueues } from './uapi/events.ts';
import { type Bounds, type Family, type Surroundings, uapiAlphabet } from './uapi/family.ts';
import { files } from './uapi/files.ts';
import { bars, interrupts } from './uapi/interrupts.ts';
import { ioasOptions, memory } from './uapi/memory.ts';
import { ALL_TABLES, attachments, objects } from './uapi/objects.ts';
import { invalidations, questions } from './uapi/questions.ts';
import { fewEvents, vmmAlphabet } from './vmm.ts';

export type { Alphabet, Exploration } from './alphabet.ts';

function ofProcesses(
  scope: Scope,
  bounds: Bounds,
  families: readonly Family[],
  surroundings: readonly Surroundings[] = [],
): Exploration {
  const { vdevice: _, ...most } = bounds;
  return {
    scope,
    prelude: [],
    alphabet: uapiAlphabet(scope, bounds, families, surroundings),
    most,
    within: () => true,
    events: surroundings.length > 0,
    interchangeable: true,
  };
}

const ANY = Number.POSITIVE_INFINITY;

/** A modelled VMM makes as many objects as it needs, and nobody else names them. */
const AS_NEEDED = { iommufd: ANY, ioas: ANY, hwpt: ANY, viommu: ANY, veventq: ANY, fault: ANY } as const;

function ofMachines(scope: Scope): Exploration {
  return {
    scope,
    prelude: [],
    alphabet: vmmAlphabet(scope),
    most: AS_NEEDED,
    within: fewEvents,
    events: true,
    interchangeable: true,
  };
}

const ONE: Bounds = { iommufd: 1, ioas: 1, hwpt: 2, viommu: 1, vdevice: 1, veventq: 0, fault: 0 };
const TWO: Bounds = { iommufd: 1, ioas: 2, hwpt: 2, viommu: 2, vdevice: 2, veventq: 0, fault: 0 };

/** Nesting with what a guest's devices need for it, on a few page tables. */
const NESTING = { plain: false, entries: ['bypass', 'translate'] } as const;

/**
 * The scopes made finite. Everything at once would be far too much, so each is explored with what it is about; how
 * far each goes, and what is left out, is in docs/exploration.md.
 */
const MAKERS: ReadonlyMap<Scope, (scope: Scope) => Exploration> = new Map([
  [
    oneSmmu,
    (scope: Scope) =>
      ofProcesses(
        scope,
        { ...ONE, veventq: 1 },
        [files, objects(ALL_TABLES), attachments, memory, eventQueues, invalidations, questions],
        [deviceEvents],
      ),
  ],
  [
    twoSmmus,
    (scope) => ofProcesses(scope, TWO, [files, objects(NESTING), attachments, invalidations, questions]),
  ],
  [
    grouped,
    (scope) =>
      ofProcesses(scope, { ...ONE, vdevice: 2 }, [
        files,
        objects(NESTING),
        attachments,
        interrupts,
        questions,
      ]),
  ],
  [
    twoVms,
    (scope) =>
      ofProcesses(scope, { ...ONE, iommufd: 2, ioas: 2, fault: 1 }, [
        files,
        bars,
        objects(NESTING),
        attachments,
        ioasOptions,
        faultQueues,
        questions,
      ]),
  ],
  [oneVsmmu, ofMachines],
  [mixedHost, ofMachines],
]);

/** @see MAKERS */
export const EXPLORATIONS: readonly Exploration[] = [...MAKERS].map(([scope, make]) => make(scope));

const changed = new WeakMap<Scope, Exploration>();

/** The exploration of a scope, also of one whose platform was changed; undefined where there is none. */
export function explorationFor(scope: Scope): Exploration | undefined {
  if (scope.changes === undefined) return explorationByName(scope.name);
  const known = changed.get(scope);
  if (known !== undefined) return known;
  const exploration = explorationOn(scope);
  if (exploration !== undefined) changed.set(scope, exploration);
  return exploration;
}

function explorationOn(scope: Scope): Exploration | undefined {
  const size = sliceSize(scope.name);
  if (size !== null) return attachSlice(size, scope);
  const [, make] = [...MAKERS].find(([{ name }]) => name === scope.name) ?? [];
  return make?.(scope);
}

/** The exploration of a scope's name; undefined where there is none. */
export function explorationByName(name: string): Exploration | undefined {
  const size = sliceSize(name);
  return size === null ? EXPLORATIONS.find(({ scope }) => scope.name === name) : attachSlice(size);
}

/** Why a scope has no exploration, as one clause. */
export function whyUnexplored({ platform }: Scope): string {
  if (platform.pasid !== undefined)
    return 'explain assignability visits every state of a smaller machine of this kind';
  if (platform.caches === true) return 'what caches may hold makes too many states';
  return 'no finite set of commands is written down for it';
}
