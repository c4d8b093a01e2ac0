import type { QemuSmmu } from '../../model/smmu/qemu/smmu.ts';
import { hex } from '../look.ts';
import type { Pair } from '../own/command.ts';
import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { executed } from './executed.ts';
import { namesConfiguration, namesTranslation, type Translation } from './own-invalidation.ts';

function hasContext({ configurations }: QemuSmmu, stream: string): boolean {
  const configuration = configurations[Number(stream)];
  return configuration?.kind === 'translate' && configuration.stage1 !== null;
}

/** What of an SMMU's caches a command names, in words; null: nothing. */
function namedBy(command: Pair, smmu: QemuSmmu): string | null {
  const ranges = smmu.implementation.idr3.RIL === 1;
  const translation = smmu.tlb.find((entry) => namesTranslation(command, entry, ranges));
  if (translation !== undefined) return textOf(translation);
  for (const stream in smmu.configurations)
    if (namesConfiguration(command, Number(stream), hasContext(smmu, stream)))
      return `the configuration of stream ${stream}`;
  return null;
}

function textOf({ input, asid, vmid }: Translation): string {
  return `the translation of ${hex(input)} with VMID ${vmid}${asid < 0 ? '' : ` and ASID ${asid}`}`;
}

function isEmpty({ tlb, configurations }: QemuSmmu): boolean {
  return tlb.length === 0 && Object.keys(configurations).length === 0;
}

export const emulationForgetsWhatItIsTold: StepProperty = {
  id: 'emulation-forgets-what-it-is-told',
  sentence:
    'An emulated SMMUv3 keeps nothing cached that an executed command invalidates, and nothing at all across a reset.',
  source: 'IHI0070 4.3, 4.4, 3.11; a second reading of the commands',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'range-taken-for-power-of-two',
  violated(transition) {
    const { before, command, world, result } = transition;
    if (before.emulated === null || world.emulated === null || !result.ok) return null;
    const { smmu } = world.emulated;
    if (command.command === 'emulatedReset')
      return command.args.ends && !isEmpty(smmu) ? 'something is cached after a reset' : null;
    for (const pair of executed(transition)) {
      const kept = namedBy(pair, smmu);
      if (kept !== null) return `${kept} is still cached`;
    }
    return null;
  },
  witness(transition) {
    const { before, world } = transition;
    if (before.emulated === null || world.emulated === null) return false;
    const { smmu } = before.emulated;
    return executed(transition).some((pair) => namedBy(pair, smmu) !== null);
  },
};
