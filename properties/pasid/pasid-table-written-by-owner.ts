import { hasPasids } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { firstUnit } from './look.ts';

const STORES: ReadonlySet<string> = new Set(['writeContext', 'writePasidEntry', 'writeMapping']);

export const pasidTableWrittenByOwner: StepProperty = {
  id: 'pasid-table-written-by-owner',
  sentence:
    "A guest's store changes no host table, and only a guest's store changes a PASID table in guest memory.",
  source:
    'seed 002: "On SMMUv3 the PASID table is assigned to the guest, whereas on vt-d3 the host manages the PASID table"',
  kind: 'step',
  appliesTo: hasPasids,
  brokenBy: 'host-clears-guest-entry',
  violated({ before, world, command, result }) {
    if (!result.ok) return null;
    if (STORES.has(command.command))
      return before.pasids?.streams === world.pasids?.streams
        ? null
        : `${command.actor} stored into its memory, and a table of the host's changed`;
    return firstUnit(world, ({ index, unit, assigned }) => {
      const old = before.pasids?.units[index] ?? null;
      if (assigned === null || old === null || old.guest === assigned.guest) return null;
      return `${command.command} changed what the guest keeps of ${unit.id} in its memory`;
    });
  },
  witness: ({ before, command, result }: Transition) =>
    result.ok &&
    command.command === 'freePasid' &&
    firstUnit(before, ({ unit, assigned }) =>
      unit.id === command.args.unit && assigned?.guest.entries[command.args.pasid] != null ? true : null,
    ) === true,
};
