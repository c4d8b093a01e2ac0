import { bootWorld } from '../../model/boot.ts';
import { type ArgValue, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import { step } from '../../model/step.ts';
import type { CommandName } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { assignabilityScope } from '../../workload/scopes/assignability.ts';
import type { Question } from './question.ts';
import { obliging } from './selection.ts';

/** What a guest's work costs the host: what it traps, and descriptors that it writes into tables of its own. */
export interface Cost {
  readonly traps: number;
  readonly descriptors: number;
}

/** Address spaces that a guest with PASIDs has, in the smallest and in the largest workload. */
const SPACES = [1, 3] as const;

/**
 * The cost of mapping and unmapping one page in each of a guest's address spaces, once they are set up; with one of
 * them, and with three where the guest has PASIDs. The guest invalidates where it must: after unmapping, and after
 * mapping if its device does not see the page without.
 */
export function costOf(question: Question): readonly Cost[] {
  const counts = question.viommu === 'pasids' ? SPACES : SPACES.slice(0, 1);
  return counts.map((count) => workload(question, count));
}

/** Whether the host has the more to write the more address spaces a guest has. */
export function grows(costs: readonly Cost[]): boolean {
  return (costs.at(-1)?.descriptors ?? 0) > (costs[0]?.descriptors ?? 0);
}

function workload({ hardware, unit, viommu, mechanism, paravirtual }: Question, spaces: number): Cost {
  const { platform } = assignabilityScope(hardware, { guestPasids: 2, guestTables: SPACES[1] });
  const id = unit === 'vf' ? 'vf0' : 'mdev0';
  let world: World = bootWorld(platform);
  let counting = false;
  let traps = 0;
  let descriptors = 0;
  const act = (actor: string, command: CommandName, args: Readonly<Record<string, ArgValue>>) => {
    const done = step(world, resolveCall({ actor, command, args }, NO_BINDINGS), obliging.rules);
    world = done.world;
    for (const effect of counting ? done.effects : []) {
      if (effect.kind === 'trapped') traps++;
      if (effect.kind === 'shadowWritten') descriptors += effect.descriptors;
    }
    return done.result;
  };
  const guest = (command: CommandName, args: Readonly<Record<string, ArgValue>>) =>
    act('guest:vm0', command, { unit: id, ...args });
  act('operator', 'assign', { unit: id, vm: 'vm0', viommu, mechanism, paravirtual });
  const pasids = [0];
  while (pasids.length < spaces) {
    const { out } = paravirtual ? guest('allocPasid', {}) : { out: { pasid: pasids.length } };
    if (typeof out.pasid !== 'number') break;
    pasids.push(out.pasid);
  }
  for (const [table, pasid] of pasids.entries()) guest('writePasidEntry', { pasid, present: true, table });
  guest('writeContext', { translates: true });
  guest('invalidate', { reach: 'context' });
  counting = true;
  for (const [table, pasid] of pasids.entries()) {
    act('guest:vm0', 'writeMapping', { table, valid: true, page: 0 });
    if (act(`device:${id}`, 'request', { pasid }).out.faults !== 0)
      guest('invalidate', { reach: 'page', pasid });
    act('guest:vm0', 'writeMapping', { table });
    guest('invalidate', { reach: 'page', pasid });
  }
  return { traps, descriptors };
}
