import type { Call } from '../../model/call.ts';
import type { Assigned } from '../../model/pasid/machine.ts';
import { unitsOf } from '../../model/platform/pasid.ts';
import type { World } from '../../model/world/world.ts';
import type { Question } from './question.ts';
import { FREE, mappedBy, type Space, spacesInUse, spacesOf } from './spaces.ts';

/** To whom units are given: a function to either machine; a slice to each, and one of them to both in turn. */
const PLACES = {
  vf: [
    ['vf0', 'vm0'],
    ['vf0', 'vm1'],
  ],
  mdev: [
    ['mdev0', 'vm0'],
    ['mdev1', 'vm1'],
    ['mdev0', 'vm1'],
  ],
} as const;

/** Units that are in use at the same time where a way works, each with its machine. */
export function placesAtOnce({ unit }: Question): readonly (readonly [unit: string, vm: string])[] {
  return unit === 'vf' ? PLACES.vf.slice(0, 1) : PLACES.mdev.slice(0, 2);
}

/**
 * Everything that is tried in a state: the operator gives and takes; one guest does all that its cell lets it do, the
 * other brings its device into use. Which guest is which makes no difference to the machines.
 */
export function callsIn(world: World, question: Question): readonly Call[] {
  const { pasid } = world.platform;
  if (pasid === undefined || world.pasids === null) return [];
  const calls: Call[] = [];
  const units = unitsOf(pasid);
  for (const [unit, vm] of PLACES[question.unit]) {
    const assigned = world.pasids.units[units.findIndex(({ id }) => id === unit)] ?? null;
    if (assigned === null) {
      // Each machine has one unit at a time: two of one machine are no danger to the other that one is not.
      const has = world.pasids.units.some((other) => other !== null && world.platform.vms[other.vm] === vm);
      if (!has) calls.push(assignment(question, unit, vm));
    } else if (world.platform.vms[assigned.vm] === vm) {
      calls.push({ actor: 'operator', command: 'unassign', args: { unit } });
      if (question.viommu === 'none') continue;
      const guest: Guest = { world, question, unit, vm, assigned };
      if (vm === FREE) calls.push(...everything(guest));
      else calls.push(...nextStep(guest));
    }
  }
  return calls;
}

function assignment({ viommu, mechanism, paravirtual }: Question, unit: string, vm: string): Call {
  return { actor: 'operator', command: 'assign', args: { unit, vm, viommu, mechanism, paravirtual } };
}

/** A guest and the unit that it has. */
interface Guest {
  readonly world: World;
  readonly question: Question;
  readonly unit: string;
  readonly vm: string;
  readonly assigned: Assigned;
}

function by({ vm }: Guest, command: Call['command'], args: Call['args']): Call {
  return { actor: `guest:${vm}`, command, args };
}

/** Everything that a guest does. A second PASID it brings into use once all else is, and in one order. */
function everything(guest: Guest): readonly Call[] {
  const { question, unit, vm, assigned } = guest;
  const { given } = assigned;
  const spaces = spacesOf(question, vm, assigned);
  const [without, first, second] = spaces;
  if (second !== undefined && (question.paravirtual || assigned.guest.entries[second.pasid] != null))
    return withSecond(guest, second);
  const calls: Call[] = [];
  for (const space of [without, first]) {
    if (space === undefined) continue;
    const { pasid, table } = space;
    calls.push(by(guest, 'writeMapping', { table, valid: true, page: mappedBy(table) }));
    calls.push(by(guest, 'writePasidEntry', { unit, pasid, present: true, table }));
    calls.push(by(guest, 'writeMapping', { table }));
  }
  calls.push(by(guest, 'writeContext', { unit, translates: true }));
  calls.push(by(guest, 'invalidate', { unit, reach: 'context' }));
  const ready = first !== undefined && nextStep(guest).length === 0;
  if (ready && second !== undefined) calls.push(...withSecond(guest, second));
  if (!question.paravirtual) return calls;
  // It asks for the first once: another number after that was given back would only be the first again.
  const asks = given.length === 0 && assigned.guest.entries.length <= 1;
  if ((asks || ready) && spaces.length < spacesInUse(question, vm))
    calls.push(by(guest, 'allocPasid', { unit }));
  for (const { guest: pasid } of given) calls.push(by(guest, 'freePasid', { unit, pasid }));
  return calls;
}

function withSecond(guest: Guest, { pasid, table }: Space): readonly Call[] {
  const { unit, assigned } = guest;
  return assigned.guest.entries[pasid] == null
    ? [by(guest, 'writePasidEntry', { unit, pasid, present: true, table })]
    : [by(guest, 'invalidate', { unit, reach: 'context' })];
}

/** What a guest does next to bring a device into use; nothing once it is. */
function nextStep(guest: Guest): readonly Call[] {
  const { world, question, unit, vm, assigned } = guest;
  if (question.paravirtual && assigned.given.length === 0) return [by(guest, 'allocPasid', { unit })];
  for (const { pasid, table } of spacesOf(question, vm, assigned).slice(0, 2)) {
    if (world.pasids?.tables[assigned.vm]?.[table]?.[0] == null)
      return [by(guest, 'writeMapping', { table, valid: true, page: mappedBy(table) })];
    if (assigned.guest.entries[pasid] == null)
      return [by(guest, 'writePasidEntry', { unit, pasid, present: true, table })];
  }
  if (!assigned.guest.translates) return [by(guest, 'writeContext', { unit, translates: true })];
  return assigned.read.translates ? [] : [by(guest, 'invalidate', { unit, reach: 'context' })];
}
