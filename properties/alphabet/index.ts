import { sliceSize } from '../scopes/attach-slice.ts';
import { oneSmmu } from '../scopes/one-smmu.ts';
import type { Scope } from '../scopes/scope.ts';
import { twoSmmus } from '../scopes/two-smmus.ts';
import type { Exploration } from './alphabet.ts';
import { attachSlice } from './attach-slice.ts';
import { type Bounds, type Family, type Surroundings, uapiAlphabet } from './uapi/family.ts';
import { files } from './uapi/files.ts';
import { attachments, objects } from './uapi/objects.ts';
import { invalidations, questions } from './uapi/questions.ts';

const TWO: Bounds = { iommufd: 1, ioas: 2, hwpt: 2, viommu: 2, vdevice: 2, veventq: 0, fault: 0 };

export function exploration(
  scope: Scope,
  bounds: Bounds,
  families: readonly Family[],
  surroundings: readonly Surroundings[] = [],
): Exploration {
  const { vdevice: _, ...most } = bounds;
  const alphabet = uapiAlphabet(scope, bounds, families, surroundings);
  return { scope, prelude: [], alphabet, most, events: surroundings.length > 0 };
}

export const EXPLORATIONS: readonly Exploration[] = [
  exploration(oneSmmu, TWO, [files, objects, attachments, invalidations, questions]),
  exploration(twoSmmus, TWO, [files, objects, attachments, invalidations, questions]),
];

/** The exploration of a name; undefined where there is none. */
export function explorationByName(name: string): Exploration | undefined {
  const size = sliceSize(name);
  return size === null ? EXPLORATIONS.find(({ scope }) => scope.name === name) : attachSlice(size);
}
