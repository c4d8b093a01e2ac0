import type { EmulatedVtd } from '../../model/vtd/emulated/emulated.ts';
import { decode } from '../../spec/bits.ts';
import { globalCommand, globalStatus } from '../../spec/vtd/registers.ts';
import { hasEmulatedVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

function isOn(state: EmulatedVtd | null): boolean {
  return state !== null && decode(globalStatus, [BigInt(state.registers.gsts)]).QIES === 1;
}

/** Whether a guest turns off a queue that is on. */
function isToldTo({ before, command }: Transition): boolean {
  if (command.command !== 'vtdWrite' || command.args.register !== 'GCMD') return false;
  return isOn(before.emulatedVtd) && decode(globalCommand, [command.args.value & 0xffff_ffffn]).QIE === 0;
}

export const vtdQueueStopsWhenTold: StepProperty = {
  id: 'vtd-queue-stops-when-told',
  sentence:
    'When a guest clears QIE, the invalidation queue of an emulated VT-d unit is off, and QIES says so.',
  source: 'VT-d 6.5.2, 11.4.4.1',
  kind: 'step',
  appliesTo: hasEmulatedVtd,
  brokenBy: 'vtd-queue-stays-on',
  violated(transition) {
    return isToldTo(transition) && isOn(transition.world.emulatedVtd) ? 'QIES is still set' : null;
  },
  witness: isToldTo,
};
