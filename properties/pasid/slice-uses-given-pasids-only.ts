import { hasPasids } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { unitById } from './look.ts';

/** A slice that has just sent a request with a PASID that was not given to it. */
function trespasser({ before, command }: Transition): string | null {
  if (command.command !== 'request' || command.args.pasid === 0) return null;
  const look = unitById(before, command.actor.slice('device:'.length));
  if (look === null || !look.unit.slice || look.assigned === null) return null;
  return look.assigned.given.some(({ guest }) => guest === command.args.pasid) ? null : look.unit.id;
}

export const sliceUsesGivenPasidsOnly: StepProperty = {
  id: 'slice-uses-given-pasids-only',
  sentence: 'A guest cannot have a slice use a PASID that it was not given.',
  source:
    'seed 002: "the host is in charge of programming PASIDs in the parent device, so the guest couldn\'t use a PASID allocated to another mdev"',
  kind: 'step',
  appliesTo: hasPasids,
  brokenBy: 'slice-uses-any-pasid',
  violated(transition) {
    const unit = trespasser(transition);
    if (unit === null || !transition.result.ok || transition.command.command !== 'request') return null;
    return `${unit} sent a request with PASID ${transition.command.args.pasid}, which was not given to it`;
  },
  witness: (transition) => trespasser(transition) !== null,
};
