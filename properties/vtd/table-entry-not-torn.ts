import type { VtdTable } from '../../model/vtd/driver/effects.ts';
import { NO_PASID_ENTRY } from '../../model/vtd/driver/entries.ts';
import { contextOf, isPresent, translationOf } from '../../model/vtd/driver/translation.ts';
import { hardwareOf } from '../../model/vtd/machine/view.ts';
import type { Words } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import { hex } from '../look.ts';
import { followsVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

type Entry = Extract<VtdTable, { table: 'context' | 'pasid' }>;

/** The values that one entry had while a step went on: before it, and after each 64-bit store. */
interface Update {
  readonly device: number;
  readonly what: Entry;
  readonly values: readonly Words[];
}

function updates({ before, effects }: Transition): readonly Update[] {
  const found = new Map<string, { device: number; what: Entry; values: Words[] }>();
  for (const effect of effects) {
    if (effect.kind !== 'vtdWritten') continue;
    const { device, what, words } = effect;
    if (what.table === 'directory' || what.table === 'leaf') continue;
    const key = what.table === 'context' ? `${device}` : `${device}.${what.pasid}`;
    const update = found.get(key) ?? { device, what, values: [entryBefore(before, device, what)] };
    update.values.push(words);
    found.set(key, update);
  }
  return [...found.values()];
}

function entryBefore({ vtd }: Transition['before'], device: number, what: Entry): Words {
  const tables = vtd?.driver.devices[device];
  return (what.table === 'context' ? tables?.context : tables?.entries[what.pasid]) ?? NO_PASID_ENTRY;
}

/** The first value that is present and means neither what the last whole entry meant nor what the next one does. */
function tornValue({ world }: Transition, { device, what, values }: Update): Words | null {
  const hardware = hardwareOf(world.platform, device);
  const meaning = (words: Words) =>
    what.table === 'context' ? contextOf(hardware, words) : translationOf(words);
  const whole = [values[0], values.at(-1)].flatMap((words) =>
    words !== undefined && isPresent(words) ? [meaning(words)] : [],
  );
  return (
    values
      .slice(1, -1)
      .find((words) => isPresent(words) && !whole.some((entry) => sameState(entry, meaning(words)))) ?? null
  );
}

export const tableEntryNotTorn: StepProperty = {
  id: 'table-entry-not-torn',
  sentence:
    'While a context or PASID table entry is written, 64 bits at a time, every present value that the unit can fetch is the old entry or the new one.',
  source: 'VT-d 6.5.3; iommu/vt-d: Fix race condition during PASID entry replacement',
  kind: 'step',
  appliesTo: followsVtd,
  brokenBy: 'vtd-pasid-entry-replaced-live',
  violated(transition) {
    for (const update of updates(transition)) {
      const torn = tornValue(transition, update);
      if (torn === null) continue;
      const { device, what } = update;
      const name = what.table === 'context' ? 'the context entry' : `PASID table entry ${what.pasid}`;
      const id = transition.world.platform.devices[device]?.id;
      return `${name} of ${id} is ${torn.map(hex).join(' ')} in between`;
    }
    return null;
  },
  witness: (transition) => updates(transition).some(({ values }) => values.length > 3),
};
