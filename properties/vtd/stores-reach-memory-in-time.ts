import { vtdFeaturesOf } from '../../model/platform/vtd-features.ts';
import type { VtdTable } from '../../model/vtd/driver/effects.ts';
import { isPresent } from '../../model/vtd/driver/translation.ts';
import { hardwareOf } from '../../model/vtd/machine/view.ts';
import { followsIncoherentVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

function keyOf(device: number, what: VtdTable): string {
  return `${device}.${JSON.stringify(what)}`;
}

const NAMES = {
  context: 'the context entry',
  pasid: 'an entry of the PASID table',
  directory: 'an entry of the PASID directory',
  leaf: 'a page of the PASID table',
} as const;

/**
 * A unit that does not snoop sees a store as soon as its line leaves the caches, which may be at once, and at the latest
 * when it is written back. So what a store leads to has to be written back before it, and whatever was stored before an
 * invalidation, after which the unit may fetch it again.
 */
function tooLate({ effects, world }: Transition): string | null {
  const pending = new Map<string, { device: number; what: VtdTable }>();
  const name = ({ device, what }: { device: number; what: VtdTable }): string =>
    `${NAMES[what.table]} of ${world.platform.devices[device]?.id}`;
  for (const effect of effects) {
    if (effect.kind === 'vtdWritten') {
      const { device, what, words } = effect;
      if (vtdFeaturesOf(hardwareOf(world.platform, device)).coherentTables) continue;
      const leaf =
        what.table === 'directory' && isPresent(words)
          ? pending.get(keyOf(device, { table: 'leaf', index: what.index }))
          : undefined;
      if (leaf !== undefined) return `the unit is led to ${name(leaf)} before its contents are in memory`;
      pending.set(keyOf(device, what), { device, what });
    } else if (effect.kind === 'vtdWrittenBack') {
      pending.delete(keyOf(effect.device, effect.what));
    } else if (effect.kind === 'vtdFlushed') {
      for (const each of pending.values())
        if (world.platform.devices[each.device]?.iommu === effect.iommu)
          return `${name(each)} is invalidated before it is in memory`;
    }
  }
  const [left] = pending.values();
  return left === undefined ? null : `${name(left)} is not in memory`;
}

export const storesReachMemoryInTime: StepProperty = {
  id: 'stores-reach-memory-in-time',
  sentence:
    'A unit that does not snoop the caches is never led to a table whose contents are not in memory, and no invalidation comes before what was stored is there.',
  source: 'VT-d 6.9 (ECAP.C); iommu/vt-d: Flush cache for PASID table before using it',
  kind: 'step',
  appliesTo: followsIncoherentVtd,
  brokenBy: 'vtd-pasid-directory-published-early',
  violated: tooLate,
  witness: ({ effects }) =>
    effects.some((effect) => effect.kind === 'vtdWrittenBack' && effect.what.table === 'directory'),
};
