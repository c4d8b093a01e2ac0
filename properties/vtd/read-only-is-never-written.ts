import { includesPage } from '../../model/caches/pages.ts';
import { runsOfDomain } from '../../model/smmu/machine/mappings.ts';
import { type Target, targetsOf } from '../../model/vtd/driver/targets.ts';
import type { World } from '../../model/world/world.ts';
import { hex } from '../look.ts';
import { followsVtd } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

/** The mapping of a page of a guest's table: units with the erratum write accessed flags there whatever it allows. */
function tableRun(world: World, { ref, nested }: Target) {
  if (nested === null) return undefined;
  const page = Number(nested.table >> 12n);
  return runsOfDomain(world, ref).find((run) => includesPage(run, page));
}

export const readOnlyIsNeverWritten: StateProperty = {
  id: 'read-only-is-never-written',
  sentence:
    'No guest can place its tables in memory that is mapped read-only, where a unit would write their accessed and dirty flags.',
  source: 'iommu/vt-d: Disallow read-only mappings to nest parent domain; erratum 772415 (SPR17)',
  kind: 'state',
  appliesTo: followsVtd,
  brokenBy: 'vtd-nest-parent-takes-read-only',
  violated(world) {
    for (const [device, { id }] of world.platform.devices.entries()) {
      for (const target of targetsOf(world, device)) {
        if (tableRun(world, target)?.write === false)
          return `the unit writes flags into the table of ${id} at ${hex(target.nested?.table ?? 0n)}, which is mapped read-only`;
      }
    }
    return null;
  },
  witness: (world) =>
    world.platform.devices.some((_, device) =>
      targetsOf(world, device).some((target) => tableRun(world, target) !== undefined),
    ),
};
