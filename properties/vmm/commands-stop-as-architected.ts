import { legalityOf } from '../../spec/vsmmu/guest-command.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';
import { commandText } from '../iommufd/command-text.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { vmNamed } from './look.ts';

/** A command that should have stopped the queue and did not, or the other way round. */
function misjudged({ world, effects }: Transition): Violation {
  for (const effect of effects) {
    if (effect.kind !== 'guestCommand') continue;
    const vsmmu = vmNamed(world, effect.vm)?.vsmmus[effect.vsmmu];
    const legality = legalityOf(effect.words, vsmmu?.registers ?? EMULATED_REGISTERS);
    const text = commandText(effect.words);
    if (effect.done && legality === 'illegal')
      return `vSMMU ${effect.vsmmu} of ${effect.vm} consumes ${text}, which its ID registers make illegal`;
    if (!effect.done && legality === 'legal')
      return `vSMMU ${effect.vsmmu} of ${effect.vm} stops at ${text}, which is legal`;
  }
  return null;
}

export const commandsStopAsArchitected: StepProperty = {
  id: 'commands-stop-as-architected',
  sentence:
    "A guest's command stops its queue exactly if the vSMMU's ID registers make it illegal, whatever it leads to.",
  source: 'IHI0070 4.1.3 (CERROR_ILL), 4.3 (CFGI), 4.5 (ATC_INV), 4.6 (RESUME), 4.7.3 (SYNC)',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'unadvertised-commands-consumed',
  violated: misjudged,
  witness: ({ effects }) => effects.some((effect) => effect.kind === 'guestCommand' && !effect.done),
};
