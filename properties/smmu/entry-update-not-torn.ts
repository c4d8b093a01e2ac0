import type { IommuHardware } from '../../model/platform/platform.ts';
import { smmuArchitectureIntended } from '../../model/smmu/architecture/rules.ts';
import { decodeSte } from '../../model/smmu/architecture/ste.ts';
import { ABORT_STE } from '../../model/smmu/driver/ste.ts';
import { implementationFor } from '../../model/smmu/machine/streams.ts';
import type { Words } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import { canChangeHitless, isValidSte } from '../iommufd/ste-hitless.ts';
import { hex } from '../look.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The values that one stream's entry had while a step went on: before it, in between, and after it. */
interface Update {
  readonly smmu: number;
  readonly streamId: number;
  readonly values: readonly Words[];
}

function updates({ before, effects }: Transition): readonly Update[] {
  // Of an update that began earlier, not every value is among these effects.
  if (before.machine === null || before.machine.work !== null) return [];
  const found = new Map<string, { smmu: number; streamId: number; values: Words[] }>();
  for (const effect of effects) {
    if (effect.kind !== 'steWritten') continue;
    const { smmu, streamId, words } = effect;
    const key = `${smmu}.${streamId}`;
    const current = before.machine.driver.streamTables[smmu]?.[streamId] ?? ABORT_STE;
    const update = found.get(key) ?? { smmu, streamId, values: [current] };
    update.values.push(words);
    found.set(key, update);
  }
  return [...found.values()];
}

/** The first value in between that is neither the old entry nor the new one to the SMMU, nor a needful V=0. */
function tornValue(hardware: IommuHardware, values: readonly Words[]): Words | null {
  const [current = [], ...rest] = values;
  const target = rest.at(-1) ?? current;
  const implementation = implementationFor(hardware);
  const decoded = (words: Words) => decodeSte(words, implementation, smmuArchitectureIntended);
  const [old, wanted] = [decoded(current), decoded(target)];
  const hitless = canChangeHitless(current, target);
  return (
    rest.slice(0, -1).find((value) => {
      if (!isValidSte(value)) return hitless && isValidSte(current) && isValidSte(target);
      const seen = decoded(value);
      return !sameState(seen, old) && !sameState(seen, wanted);
    }) ?? null
  );
}

export const entryUpdateNotTorn: StepProperty = {
  id: 'entry-update-not-torn',
  sentence:
    'While an STE is written, every value that the SMMU can fetch behaves as the old entry or the new one. It is invalid in between only if one doubleword cannot make the change.',
  source: 'IHI0070 3.21.3; arm_smmu_write_entry()',
  kind: 'step',
  brokenBy: 'ste-doubleword-torn',
  appliesTo: followsCaches,
  violated(transition) {
    for (const { smmu, streamId, values } of updates(transition)) {
      const hardware = transition.world.platform.iommus[smmu] as IommuHardware;
      const torn = tornValue(hardware, values);
      if (torn !== null)
        return `the STE of StreamID ${hex(BigInt(streamId))} is ${torn.map(hex).join(' ')} in between`;
    }
    return null;
  },
  witness: (transition) => updates(transition).some(({ values }) => values.length > 2),
};
