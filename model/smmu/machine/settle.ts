import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import { sameState } from '../../world/equal.ts';
import type { Effect } from '../../world/result.ts';
import type { Tx } from '../../world/tx.ts';
import type { World } from '../../world/world.ts';
import { SYNC } from '../driver/flush.ts';
import type { HardwareAction } from '../driver/state.ts';
import { withMachine } from './hardware.ts';
import { pendingInvalidations } from './pending-invalidations.ts';
import type { SmmuMachineRules } from './rules.ts';
import { sameSource } from './source.ts';
import { viewOf } from './view-of.ts';
import { completed, undertake } from './work.ts';

/**
 * What a command leaves in the caches. They may hold whatever they could hold before and whatever hardware could fetch
 * meanwhile, less what invalidations that completed have covered. The driver's own commands join the effects.
 */
export function settle(before: World, tx: Tx): void {
  const guests = tx.effects.flatMap((effect): readonly HardwareAction[] =>
    effect.kind === 'smmuCommands' ? [issueOf(effect.iommu, effect.commands, tx.rules.smmuMachine)] : [],
  );
  const start = caughtUp(before, tx, guests.length > 0);
  const { machine } = tx.world;
  if (machine === null || start.machine === null) return;
  const { driver, actions } = pendingInvalidations(machine.driver, start, tx.world, tx.rules);
  const idle = guests.length === 0 && actions.length === 0;
  if (idle && sameSource(start, tx.world) && sameState(driver, machine.driver)) return;
  const held = viewOf(start).entries;
  // What the guests' commands are told as is there already.
  const told: Effect[] = [];
  let world = tx.world;
  if (guests.length > 0) {
    const uninterrupted = withMachine(world, { interrupts: false });
    world = withMachine(undertake(uninterrupted, held, machine.driver, guests, tx.rules.smmuMachine, told), {
      interrupts: machine.interrupts,
    });
  }
  const heldThen = guests.length > 0 ? viewOf(world).entries : held;
  tx.world = undertake(world, heldThen, driver, actions, tx.rules.smmuMachine, tx.effects);
}

/** A guest's commands as the driver puts them on the queue. */
function issueOf(smmu: number, commands: readonly CommandWords[], rules: SmmuMachineRules): HardwareAction {
  return { kind: 'issue', smmu, commands: rules.guestCommandsAreSynced ? [...commands, SYNC] : commands };
}

/** The world before a command, in which a call that was interrupted has returned if the command has to wait for it. */
function caughtUp(before: World, tx: Tx, issues: boolean): World {
  const waits = issues || before.contexts !== tx.world.contexts || before.groups !== tx.world.groups;
  if (before.machine?.work == null || !waits) return before;
  const effects: Effect[] = [];
  const start = completed(before, tx.rules.smmuMachine, effects);
  tx.effects = [...effects, ...tx.effects];
  tx.world = { ...tx.world, machine: start.machine };
  return start;
}
