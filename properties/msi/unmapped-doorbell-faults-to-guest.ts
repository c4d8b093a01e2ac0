import { msiOutcomes } from '../../model/msi/fire.ts';
import { pageOf } from '../../model/smmu/machine/mappings.ts';
import type { World } from '../../model/world/world.ts';
import { decodeEvent } from '../../spec/smmuv3/event.ts';
import { hex } from '../look.ts';
import type { StepProperty, Transition } from '../property.ts';
import { aimsOf } from './aim.ts';
import { followsInterrupts } from './platforms.ts';

interface Missed {
  readonly id: string;
  readonly address: bigint;
}

/** A device raises an MSI for whose address the guest's stage 1, which is on, has nothing, and says so. */
function missed({ before, command }: Transition): Missed | null {
  if (command.command !== 'fireMsi') return null;
  const device = before.platform.devices.findIndex(({ id }) => command.actor === `device:${id}`);
  const message = before.devices[device]?.messages[command.args.vector];
  if (message === undefined || message === null || before.machine === null || isUntranslated(before, device))
    return null;
  if (aimsOf(before, device, pageOf(message.address)).size > 0) return null;
  // Whatever else may come of it is the guest's configuration being wrong, or silent.
  const outcomes = msiOutcomes(before, device, message);
  const [only] = outcomes;
  if (outcomes.length !== 1 || only?.kind !== 'faults') return null;
  const event = decodeEvent(only.event);
  if (event?.name !== 'F_TRANSLATION' || isOfStage2(event.fields)) return null;
  return { id: before.platform.devices[device]?.id ?? '', address: message.address };
}

function isUntranslated({ platform }: World, device: number): boolean {
  return platform.its[platform.devices[device]?.its ?? -1]?.untranslated === true;
}

function isOfStage2(fields: Readonly<Record<string, unknown>>): boolean {
  return fields.S2 === 1;
}

/** The event that a step gave a guest, as far as it is a translation fault: its address. */
function toldGuest({ effects }: Transition): bigint | null {
  for (const effect of effects) {
    if (effect.kind !== 'vevent') continue;
    const event = decodeEvent(effect.words);
    if (event?.name === 'F_TRANSLATION') return event.fields.InputAddr;
  }
  return null;
}

export const unmappedDoorbellFaultsToGuest: StepProperty = {
  id: 'unmapped-doorbell-faults-to-guest',
  sentence:
    'If stage 1 is on and does not map the address of a message, the MSI reaches nothing and the guest gets a translation fault.',
  source: 'IHI0070 3.12, 7.3.13; recording smmuv3-scenario, section msi: F_TRANSLATION at 0x8000040',
  kind: 'step',
  appliesTo: followsInterrupts,
  brokenBy: 'msi-untranslated',
  violated(transition) {
    const miss = missed(transition);
    if (miss === null) return null;
    const { addresses } = transition.result.out as { readonly addresses?: readonly bigint[] };
    const [reached] = addresses ?? [];
    if (reached !== undefined) return `the MSI of ${miss.id} at ${hex(miss.address)} reached ${hex(reached)}`;
    const told = toldGuest(transition);
    return told === miss.address
      ? null
      : `the guest was told ${told === null ? 'nothing' : `of a fault at ${hex(told)}`}, not of one at ${hex(miss.address)}`;
  },
  witness: (transition) => missed(transition) !== null && toldGuest(transition) !== null,
};
