import type { Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import { sameState } from '../../model/world/equal.ts';
import { hasFreeProcesses } from '../platforms.ts';
import type { PairProperty, Run, Transition, Violation } from '../property.ts';

/** Calls by which processes share: descriptors that are handed on, groups and buses as a whole. */
const SHARING: ReadonlySet<string> = new Set(['passFd', 'openGroup', 'hotReset', 'hotResetInfo']);

/** A bind that the full run refused because somebody else has the device or its group. */
function lostToOther({ command, result }: Transition): boolean {
  return (
    command.command === 'vfioBind' && !result.ok && (result.errno === 'EPERM' || result.errno === 'EINVAL')
  );
}

/** Replays the commands of one process and of its guest alone, and finds the first answer that the others' presence changed. */
function interference(run: Run, actor: string, rules: Rules): Violation {
  const guest = actor.replace('vmm:', 'guest:');
  let world = run.initial;
  for (const transition of run.transitions) {
    const { command, result } = transition;
    if (command.actor !== actor && command.actor !== guest && !command.actor.startsWith('device:')) continue;
    const alone = step(world, command, rules);
    if (command.actor === actor && !sameState(alone.result, result)) {
      // Whoever binds first owns the device: the one answer that may depend on others. It binds nothing.
      if (lostToOther(transition)) continue;
      const told = result.ok ? 'ok' : result.errno;
      const expected = alone.result.ok ? 'ok' : alone.result.errno;
      return `${actor}'s ${command.command} gave ${told}, but without the other process ${expected}`;
    }
    world = alone.world;
  }
  return null;
}

export const contextsIndependent: PairProperty = {
  id: 'contexts-independent',
  sentence:
    'Calls of one process do not change the answers to another, except about which of them owns a device.',
  source: 'Documentation/userspace-api/iommufd.rst: every open of /dev/iommu is a context of its own',
  kind: 'pair',
  appliesTo: hasFreeProcesses,
  brokenBy: 'group-owner-not-exclusive',
  violated(run, rules) {
    // The driver's lock and a pSMMU's event queue are shared: while the host holds one up, everybody waits or loses.
    if (run.transitions.some(({ command }) => command.actor === 'host' || SHARING.has(command.command)))
      return null;
    for (const actor of Object.keys(run.initial.processes)) {
      const violation = interference(run, actor, rules);
      if (violation !== null) return violation;
    }
    return null;
  },
  witness(run) {
    const binders = new Set<string>();
    for (const { command, result } of run.transitions) {
      if (command.command === 'vfioBind' && result.ok) binders.add(command.actor);
    }
    return binders.size > 1;
  },
};
