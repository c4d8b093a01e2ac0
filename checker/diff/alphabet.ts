import type { Bindings, Call } from '../../model/call.ts';
import { FIRST_FD, vmmOf } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import { explorationByName } from '../../workload/alphabet/index.ts';
import type { Draw } from '../../workload/generator/choice.ts';
import { generateEmulatedCall } from '../../workload/generator/emulated/generate.ts';
import { drawSmmuEvent } from '../../workload/generator/events.ts';
import { guestWork } from '../../workload/generator/guest-work.ts';
import { generateLegacyCall } from '../../workload/generator/legacy/generate.ts';
import { COMMAND_NAMES, MOVES } from '../../workload/generator/moves.ts';
import { hasVectors } from '../../workload/generator/msi/generate.ts';
import { MSI_MOVES } from '../../workload/generator/msi/moves.ts';
import { pasidViewsOf } from '../../workload/generator/pasid/generate.ts';
import { PASID_MOVES } from '../../workload/generator/pasid/moves.ts';
import { named } from '../../workload/generator/result-name.ts';
import { type View, viewOf } from '../../workload/generator/view.ts';
import { GUEST_MOVES } from '../../workload/generator/vmm/guest.ts';
import { OPERATOR_MOVES } from '../../workload/generator/vmm/operator.ts';
import { type VmView, vmViewOf } from '../../workload/generator/vmm/view.ts';
import { vtdWork } from '../../workload/generator/vtd.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { type Outcomes, outcomesOf } from './choices.ts';

/** Every call that is to be tried in a world. Must depend on its arguments alone. */
export type Alphabet = (scope: Scope, world: World, bindings: Bindings) => Outcomes<Call>;

/** How often a command of one kind is made, at most, to know all its forms in one world. */
export const MOST_DRAWS = 8000;

/** A text that two calls share exactly where they are the same, whatever they call what they make. */
export function callKey({ actor, command, args }: Call): string {
  return `${actor} ${command} ${JSON.stringify(args, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}`;
}

/**
 * Every call that the generator makes on purpose (not by mistake) in this world, in a fixed order: kind by kind. Where
 * a kind has more forms than are enumerated (a guest's command queue with three entries has), it says so.
 */
export const sensibleCalls: Alphabet = (scope, world, bindings) =>
  someCalls(scope, world, bindings, MOST_DRAWS);

/** The same with so many forms of a kind that it takes no more than `most` draws to know them. */
export function someCalls(scope: Scope, world: World, bindings: Bindings, most: number): Outcomes<Call> {
  const all = new Map<string, Call>();
  let complete = true;
  const add = (make: (draw: Draw) => Call): void => {
    const outcomes = outcomesOf(make, callKey, most);
    for (const call of outcomes.all) {
      const key = callKey(call);
      if (!all.has(key)) all.set(key, call);
    }
    if (!outcomes.complete) complete = false;
  };
  const { legacy, emulated } = world;
  if (world.pasids !== null) addPasidCalls(world, add);
  // Containers and emulated SMMUs have generators of their own, which do not tell mistakes apart.
  else if (legacy !== null) add((draw) => generateLegacyCall(world, legacy, draw));
  else if (emulated !== null) add((draw) => generateEmulatedCall(emulated, draw));
  else if (world.vms.length > 0) addVmCalls(world, add);
  else addUapiCalls(scope, world, bindings, add);
  return { all: [...all.values()], complete };
}

/** The exploration of a scope that is explored from its first world on; null where it is not. */
export function explorationOf({ name }: Scope): Exploration | null {
  const exploration = explorationByName(name);
  return exploration === undefined || exploration.prelude.length > 0 ? null : exploration;
}

/**
 * What exploration tries, mistakes and all, in a world of a scope that is explored; of every other scope what the generator makes
 * on purpose. Objects are numbers there: equal answers have given equal numbers.
 */
export const triedCalls: Alphabet = (scope, world, bindings) => {
  const exploration = explorationOf(scope);
  return exploration === null
    ? sensibleCalls(scope, world, bindings)
    : alphabetOf(exploration)(scope, world, bindings);
};

/** What an exploration tries: a command is a call that names nothing. */
export function alphabetOf({ alphabet }: Exploration): Alphabet {
  return (_scope, world) => ({
    all: alphabet(world) as readonly object[] as readonly Call[],
    complete: true,
  });
}

type Add = (make: (draw: Draw) => Call) => void;

function addUapiCalls(scope: Scope, world: World, bindings: Bindings, add: Add): void {
  const viewKey = ({ actor, here }: View): string => `${actor} ${here?.ctx}`;
  const views = outcomesOf((draw) => viewOf(scope, world, bindings, draw), viewKey, MOST_DRAWS);
  for (const view of views.all) {
    for (const name of COMMAND_NAMES) {
      const move = MOVES[name];
      if (move.weight(view) > 0) add((draw) => named(view, move.make(view, draw)));
    }
    const work = world.vtd !== null ? vtdWork : world.machine !== null ? guestWork : null;
    if (work === null) continue;
    // Where a guest has nothing to do, a call that is there already stands for it.
    add((draw) => named(view, work(view, draw) ?? MOVES.openIommufd.make(view, draw)));
  }
}

function addPasidCalls(world: World, add: Add): void {
  for (const view of pasidViewsOf(world))
    for (const move of Object.values(PASID_MOVES)) add((draw) => move.make(view, draw));
}

const VM_MOVES = Object.values({ ...OPERATOR_MOVES, ...GUEST_MOVES });

function addVmCalls(world: World, add: Add): void {
  const viewKey = ({ vm, index }: VmView): string => `${vm.name} ${index}`;
  const views = outcomesOf((draw) => vmViewOf(world, draw), viewKey, MOST_DRAWS);
  const moves = hasVectors(world) ? MSI_MOVES : VM_MOVES;
  for (const view of views.all) {
    for (const move of moves) add((draw) => move.make(view, draw));
    if (hasVectors(world)) continue;
    for (const [iommu] of world.platform.smmus.entries()) {
      const fd = view.vm.iommufds[0]?.fd ?? FIRST_FD;
      add(() => ({ actor: vmmOf(view.vm.name), command: 'iommuDriverInfo', args: { fd, iommu } }));
    }
  }
  if (!hasVectors(world)) add((draw) => drawSmmuEvent(world, draw));
}
